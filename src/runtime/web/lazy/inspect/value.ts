// A value as text, in the format of Node's util.inspect. It is bounded in depth, breadth
// and length, and never throws.
import {
  ArrayBufferIsView,
  ArrayIsArray,
  ArrayPrototypeJoin,
  MapPrototypeGetSize,
  ObjectGetOwnPropertyDescriptor,
  ObjectPrototypePropertyIsEnumerable,
  ObjectPrototypeToString,
  ReflectApply,
  ReflectOwnKeys,
  SetPrototypeGetSize,
  StringPrototypeIndexOf,
  StringPrototypeRepeat,
  StringPrototypeReplaceAll,
  StringPrototypeSlice,
  SymbolFor,
  SymbolPrototypeToString,
  TypedArrayPrototypeGetLength,
} from '../../primordials.ts';
import { isArrayBuffer, isCallable, isObject } from '../../webidl.ts';
import { showBoxed, showError } from './boxed.ts';
import { functionText } from './functions.ts';
import { showArray, showBuffer, showCollection, showInner, showView } from './items.ts';
import {
  finish,
  type InspectOptions,
  isIndex,
  kMostText,
  looks,
  never,
  newWalk,
  part,
  put,
  type Walk,
} from './parts.ts';
import { platformFields } from './platform.ts';
import { classOf, cutString, keyText, prefixOf, quote } from './text.ts';

export type { InspectOptions };

const custom = SymbolFor('nodejs.util.inspect.custom');

export function inspect(value: unknown, options: InspectOptions = {}): string {
  return show(value, newWalk(options), 0);
}

export function show(value: unknown, walk: Walk, depth: number): string {
  const { indent } = walk;
  const { length } = walk.seen;
  try {
    const text = isObject(value) ? showObject(value, walk, depth) : showPrimitive(value, walk);
    walk.written += text.length;
    return text;
  } catch {
    walk.indent = indent;
    walk.seen.length = length;
    return '[a value that cannot be read]';
  }
}

export function showPrimitive(value: unknown, walk: Walk | null): string {
  if (typeof value === 'string') return showString(value, walk);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol') return SymbolPrototypeToString(value);
  if (value === 0 && 1 / value < 0) return '-0';
  return `${value}`;
}

// A long text with several lines stands on as many, joined by a plus.
function showString(text: string, walk: Walk | null): string {
  const { shown, note } = cutString(text);
  const indent = walk === null ? 0 : walk.indent;
  if (walk === null || shown.length <= 16 || shown.length <= walk.lineWidth - indent - 4)
    return quote(shown) + note;
  const lines: string[] = [];
  for (let from = 0; from < shown.length; ) {
    const at = StringPrototypeIndexOf(shown, '\n', from);
    const next = at < 0 ? shown.length : at + 1;
    lines[lines.length] = quote(StringPrototypeSlice(shown, from, next));
    from = next;
  }
  return ArrayPrototypeJoin(lines, ` +\n${StringPrototypeRepeat(' ', indent + 2)}`) + note;
}

function showObject(value: object, walk: Walk, depth: number): string {
  const target = looks()?.getProxyDetails(value, false);
  if (target !== undefined) return `Proxy(${show(target, walk, depth)})`;
  const said = sayOfItself(value, walk, depth);
  if (said !== null) return said;
  for (let i = 0; i < walk.seen.length; i++)
    if (walk.seen[i] === value) return `[Circular *${circularIndex(value, walk)}]`;
  if (depth > walk.deepest && hasInside(value)) return `[${shortName(value)}]`;
  if (walk.written > kMostText) return '...';
  walk.seen[walk.seen.length] = value;
  if (depth <= walk.deepest) walk.reached = depth;
  const text = showKind(value, walk, depth);
  walk.seen.length--;
  for (let i = 0; i < walk.circular.length; i++)
    if (walk.circular[i] === value) return `<ref *${i + 1}> ${text}`;
  return text;
}

// By its method of the name that Node looks for; null where it has none.
function sayOfItself(value: object, walk: Walk, depth: number): string | null {
  const method = (value as Record<symbol, unknown>)[custom];
  if (!isCallable(method) || isPrototype(value)) return null;
  const left = walk.deepest - depth;
  const options = { depth: left, showHidden: walk.showHidden, stylize: (text: unknown) => text };
  const again = (other: unknown, given: InspectOptions | undefined) => inspect(other, given);
  const said = ReflectApply(method, value, [left, options, again]);
  if (said === value) return null;
  if (typeof said !== 'string') return show(said, walk, depth);
  return StringPrototypeReplaceAll(said, '\n', `\n${StringPrototypeRepeat(' ', walk.indent)}`);
}

// What has the method for its instances.
function isPrototype(value: object): boolean {
  const made: unknown = ObjectGetOwnPropertyDescriptor(value, 'constructor')?.value;
  return isCallable(made) && (made as { prototype?: unknown }).prototype === value;
}

function circularIndex(value: object, walk: Walk): number {
  for (let i = 0; i < walk.circular.length; i++) if (walk.circular[i] === value) return i + 1;
  walk.circular[walk.circular.length] = value;
  return walk.circular.length;
}

// Whether there is more to it than its kind and name.
function hasInside(value: object): boolean {
  if (ArrayIsArray(value)) return value.length > 0;
  if (ArrayBufferIsView(value) || isArrayBuffer(value))
    return !(ArrayBufferIsView(value) && TypedArrayPrototypeGetLength(value) === 0);
  const keys = ReflectOwnKeys(value);
  for (let i = 0; i < keys.length; i++)
    if (ObjectPrototypePropertyIsEnumerable(value, keys[i] as PropertyKey)) return true;
  const tag = ObjectPrototypeToString(value);
  if (tag === '[object Error]') return ObjectGetOwnPropertyDescriptor(value, 'cause') !== undefined;
  if (typeof value === 'function' || showBoxed(value, tag) !== null) return false;
  const size = sizeOf(value);
  return size === null ? tag !== '[object Object]' || platformFields(value) !== null : size > 0;
}

// Of a Map or a Set; null for others.
function sizeOf(value: object): number | null {
  const read = (getSize: (of: object) => unknown) => {
    try {
      return getSize(value) as number;
    } catch {
      return null;
    }
  };
  return read(MapPrototypeGetSize) ?? read(SetPrototypeGetSize);
}

function shortName(value: object): string {
  const name = ArrayIsArray(value) ? 'Array' : 'Object';
  const prefix = prefixOf(value, name);
  return StringPrototypeSlice(prefix, 0, -1);
}

function showKind(value: object, walk: Walk, depth: number): string {
  if (ArrayIsArray(value)) return showArray(value, walk, depth);
  if (ArrayBufferIsView(value)) return showView(value, walk, depth);
  if (typeof value === 'function') return finish(value, functionText(value), '{', [], walk, depth);
  const collection = showCollection(value, walk, depth);
  if (collection !== null) return collection;
  if (isArrayBuffer(value)) return showBuffer(value, walk, depth);
  const tag = ObjectPrototypeToString(value);
  if (tag === '[object Error]') return showError(value, walk, depth);
  const boxed = showBoxed(value, tag);
  if (boxed !== null) {
    const isItem = tag === '[object String]' ? isIndex : never;
    return finish(value, boxed, '{', [], walk, depth, '}', isItem);
  }
  const inner = showInner(value, tag, walk, depth);
  if (inner !== null) return inner;
  const fields = platformFields(value);
  if (typeof fields === 'string') return fields;
  if (fields !== null) {
    const parts: string[] = [];
    for (let i = 0; i < fields.length; i += 2)
      parts[parts.length] = part(keyText(fields[i] as string, true), fields[i + 1], walk, depth, 2);
    return put('', `${classOf(value) ?? 'Object'} {`, parts, '}', walk, depth);
  }
  if (tag === '[object Arguments]') return finish(value, '', '[Arguments] {', [], walk, depth);
  if (tag === '[object Module]')
    return finish(value, '', '[Module: null prototype] {', [], walk, depth);
  const prefix = prefixOf(value, 'Object');
  return finish(value, '', prefix === 'Object ' ? '{' : `${prefix}{`, [], walk, depth);
}
