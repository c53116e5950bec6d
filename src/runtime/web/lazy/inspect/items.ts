// Arrays, bytes, collections, and what only V8 can look into.
import {
  ArrayPrototypeJoin,
  MapPrototypeForEach,
  MapPrototypeGetSize,
  MathFloor,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetOwnPropertyNames,
  SetPrototypeForEach,
  SetPrototypeGetSize,
  StringPrototypeSlice,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetToStringTag,
} from '../../primordials.ts';
import { bytesOf, viewOf } from '../../webidl.ts';
import { attempt } from './boxed.ts';
import { group, layOut } from './layout.ts';
import { finish, isIndex, looks, more, part, properties, put, type Walk } from './parts.ts';
import { hex, prefixOf } from './text.ts';
import { showPrimitive } from './value.ts';

export function showArray(array: readonly unknown[], walk: Walk, depth: number): string {
  const items: string[] = [];
  const numbers = { only: true };
  const shown = arrayItems(array, items, numbers, walk, depth);
  let extra = 0;
  if (array.length > shown) {
    items[items.length] = more(array.length - shown, 'item');
    extra = 1;
  }
  const name = prefixOf(array, 'Array', `(${array.length})`);
  const open = name === `Array(${array.length}) ` ? '[' : `${name}[`;
  return finishItems(array, items, extra, numbers.only, open, walk, depth);
}

// Fills `items`, holes as one; the number of elements that they stand for.
function arrayItems(
  array: readonly unknown[],
  items: string[],
  numbers: { only: boolean },
  walk: Walk,
  depth: number,
): number {
  const indices = { names: undefined };
  let at = 0;
  while (at < array.length && items.length < walk.mostItems) {
    const holes = holesFrom(array, at, indices);
    if (holes > 0) {
      items[items.length] = `<${holes} empty item${holes > 1 ? 's' : ''}>`;
      numbers.only = false;
      at += holes;
      continue;
    }
    const item = array[at];
    if (typeof item !== 'number' && typeof item !== 'bigint') numbers.only = false;
    items[items.length] = part('', item, walk, depth, 2);
    at++;
  }
  return at;
}

// How many elements from `at` on are not there. V8 tells in one call which there are of an
// array with many holes, as asking for each would take a Worker's time.
function holesFrom(
  array: readonly unknown[],
  at: number,
  indices: { names: string[] | undefined },
): number {
  const { length } = array;
  let holes = 0;
  while (holes < mostAskedFor && at + holes < length && isHole(array, at + holes)) holes++;
  if (holes < mostAskedFor) return holes;
  indices.names ??= ObjectGetOwnPropertyNames(array);
  return nextIndex(indices.names, at, length) - at;
}

const mostAskedFor = 64;

// The first index from `at` on among the names of an array with `length` elements: its
// indices come first, in their order (ECMA-262 §10.1.11, OrdinaryOwnPropertyKeys).
function nextIndex(names: readonly string[], at: number, length: number): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = low + MathFloor((high - low) / 2);
    const index = +(names[middle] as string);
    // No other name is below the length as a number and before the indices.
    if (index < at && isIndex(names[middle] as string)) low = middle + 1;
    else high = middle;
  }
  const name = names[low];
  return name !== undefined && isIndex(name) && +name < length ? +name : length;
}

function isHole(array: readonly unknown[], at: number): boolean {
  return ObjectGetOwnPropertyDescriptor(array, at) === undefined;
}

function finishItems(
  value: object,
  items: string[],
  extra: number,
  toTheRight: boolean,
  open: string,
  walk: Walk,
  depth: number,
): string {
  const count = items.length;
  properties(value, items, walk, depth, isIndex);
  const grouped = group(items, extra, toTheRight && items.length === count, walk);
  const united = grouped === items && walk.reached - depth < 3;
  return layOut({ head: '', open, parts: grouped, close: ']' }, walk, united);
}

export function showView(view: ArrayBufferView, walk: Walk, depth: number): string {
  const tag = TypedArrayPrototypeGetToStringTag(view);
  if (tag === undefined) {
    const { byteLength, byteOffset, buffer } = viewOf(view);
    const parts = [`[byteLength]: ${byteLength}`, `[byteOffset]: ${byteOffset}`];
    parts[2] = part('[buffer]', buffer, walk, depth, 2);
    return finish(view, '', `${prefixOf(view, 'DataView')}{`, parts, walk, depth);
  }
  const array = view as Uint8Array;
  const length = TypedArrayPrototypeGetLength(array);
  const items: string[] = [];
  for (let i = 0; i < length && i < walk.mostItems; i++) items[i] = showPrimitive(array[i], null);
  const left = length - walk.mostItems;
  if (left > 0) items[walk.mostItems] = more(left, 'item');
  const open = `${prefixOf(view, tag as string, `(${length})`)}[`;
  return finishItems(view, items, left > 0 ? 1 : 0, true, open, walk, depth);
}

export function showBuffer(buffer: ArrayBuffer, walk: Walk, depth: number): string {
  const open = `${prefixOf(buffer, 'ArrayBuffer')}{`;
  let bytes: Uint8Array;
  try {
    bytes = bytesOf(buffer);
  } catch {
    return put('', open, ['(detached)', '[byteLength]: 0'], '}', walk, depth);
  }
  const length = TypedArrayPrototypeGetByteLength(bytes);
  const shown: string[] = [];
  for (let i = 0; i < length && i < walk.mostItems; i++) shown[i] = hex(bytes[i] as number);
  const left = length - walk.mostItems;
  if (left > 0) shown[walk.mostItems] = `... ${left} more byte${left > 1 ? 's' : ''}`;
  const contents = `[Uint8Contents]: <${ArrayPrototypeJoin(shown, ' ')}>`;
  return finish(buffer, '', open, [contents, `[byteLength]: ${length}`], walk, depth);
}

// What only V8 can look into; null for what is nothing of the kind.
export function showInner(value: object, tag: string, walk: Walk, depth: number): string | null {
  switch (tag) {
    case '[object Promise]': {
      const details = looks()?.getPromiseDetails(value);
      if (details === undefined) return null;
      const state = details[0];
      const parts = [state === 0 ? '<pending>' : part('', details[1], walk, depth, 2)];
      if (state === 2) parts[0] = `<rejected> ${parts[0]}`;
      return finish(value, '', `${prefixOf(value, 'Promise')}{`, parts, walk, depth);
    }
    case '[object WeakMap]':
    case '[object WeakSet]': {
      const prefix = prefixOf(value, StringPrototypeSlice(tag, 8, -1));
      return finish(value, '', `${prefix}{`, ['<items unknown>'], walk, depth);
    }
    case '[object Map Iterator]':
    case '[object Set Iterator]':
      return showIterator(value, StringPrototypeSlice(tag, 8, -1), walk, depth);
  }
  return null;
}

function showIterator(value: object, tag: string, walk: Walk, depth: number): string | null {
  const previewed = looks()?.previewEntries(value, true);
  if (previewed === undefined) return null;
  const entries = previewed[0];
  const inPairs = previewed[1];
  const parts: string[] = [];
  const step = inPairs ? 2 : 1;
  for (let i = 0; i < entries.length && parts.length < walk.mostItems; i += step) {
    const text = part('', entries[i], walk, depth, 2);
    parts[parts.length] = inPairs
      ? `[ ${text}, ${part('', entries[i + 1], walk, depth, 2)} ]`
      : text;
  }
  const name = inPairs ? `${StringPrototypeSlice(tag, 0, 3)} Entries` : tag;
  return finish(value, '', `[${name}] {`, parts, walk, depth);
}

export function showCollection(value: object, walk: Walk, depth: number): string | null {
  const parts: string[] = [];
  let kind = 'Map';
  let size = attempt(() => `${MapPrototypeGetSize(value)}`);
  if (size !== null) {
    MapPrototypeForEach(value, (item: unknown, name: unknown) => {
      if (parts.length >= walk.mostItems) return;
      const key = part('', name, walk, depth, 2);
      parts[parts.length] = `${key} => ${part('', item, walk, depth, 2)}`;
    });
  } else {
    kind = 'Set';
    size = attempt(() => `${SetPrototypeGetSize(value)}`);
    if (size === null) return null;
    SetPrototypeForEach(value, (item: unknown) => {
      if (parts.length < walk.mostItems) parts[parts.length] = part('', item, walk, depth, 2);
    });
  }
  const left = +size - parts.length;
  if (left > 0) parts[parts.length] = more(left, 'item');
  return finish(value, '', `${prefixOf(value, kind, `(${size})`)}{`, parts, walk, depth);
}
