// What all kinds of values are shown by: how far the walk has come, and the properties.
import {
  ObjectGetOwnPropertyDescriptor,
  ReflectOwnKeys,
  RegExpPrototypeExec,
} from '../../primordials.ts';
import { layOut } from './layout.ts';
import { keyText } from './text.ts';
import { show } from './value.ts';

const kMostKeys = 1000;
export const kMostText = 128 * 1024; // after this much, the rest is left out

// Those of Node's that say something of a log.
export interface InspectOptions {
  depth?: number;
  showHidden?: boolean;
  mostItems?: number; // of an array or a collection
  lineWidth?: number;
}

export interface Walk {
  readonly deepest: number;
  readonly showHidden: boolean;
  readonly mostItems: number;
  readonly lineWidth: number;
  readonly seen: object[]; // from the root down to here
  circular: object[]; // those that a [Circular *n] points at
  written: number;
  indent: number;
  reached: number; // the depth of the object that was walked last
}

// The native functions that look into values; null in tests without V8's.
export interface Looks {
  getPromiseDetails(value: unknown): [state: number, result?: unknown] | undefined;
  getProxyDetails(value: unknown, both: boolean): unknown;
  previewEntries(value: unknown, isIterator: boolean): [unknown[], boolean];
}

export function newWalk(options: InspectOptions): Walk {
  const { depth = 2, showHidden = false, mostItems = 100, lineWidth = 80 } = options;
  return {
    deepest: depth,
    showHidden,
    mostItems,
    lineWidth,
    seen: [],
    circular: [],
    written: 0,
    indent: 0,
    reached: 0,
  };
}

let found: Looks | null | undefined;

export function looks(): Looks | null {
  found ??= native.nodeBinding('util') as Looks | null;
  return found;
}

// `parts`, and the properties beside them.
export function finish(
  value: object,
  head: string,
  open: string,
  parts: string[],
  walk: Walk,
  depth: number,
  close = '}',
  isItem: (name: string) => boolean = never,
): string {
  properties(value, parts, walk, depth, isItem);
  return put(head, open, parts, close, walk, depth);
}

export function put(
  head: string,
  open: string,
  parts: readonly string[],
  close: string,
  walk: Walk,
  depth: number,
): string {
  return layOut({ head, open, parts, close }, walk, walk.reached - depth < 3);
}

export const never = (_name: string): boolean => false;
const index = /^(?:0|[1-9]\d*)$/;
export const isIndex = (name: string): boolean => RegExpPrototypeExec(index, name) !== null;

export function part(name: string, value: unknown, walk: Walk, depth: number, by: number): string {
  walk.indent += by;
  const text = show(value, walk, depth + 1);
  walk.indent -= by;
  return name === '' ? text : `${name}: ${text}`;
}

// The own enumerable properties; getters are named, not called.
export function properties(
  value: object,
  parts: string[],
  walk: Walk,
  depth: number,
  isItem: (name: string) => boolean,
): void {
  const keys = ReflectOwnKeys(value);
  let shown = 0;
  let left = 0;
  for (let i = 0; i < keys.length; i++) {
    const name = keys[i] as string | symbol;
    if (typeof name === 'string' && isItem(name)) continue;
    const found = ObjectGetOwnPropertyDescriptor(value, name);
    if (found === undefined || (!found.enumerable && !isShown(name, value, walk))) continue;
    if (shown >= kMostKeys || walk.written > kMostText) {
      left++;
      continue;
    }
    shown++;
    const key = keyText(name, found.enumerable as boolean);
    if (found.get === undefined && found.set === undefined)
      parts[parts.length] = part(key, found.value, walk, depth, 2);
    else if (found.get === undefined) parts[parts.length] = `${key}: [Setter]`;
    else
      parts[parts.length] = `${key}: ${found.set === undefined ? '[Getter]' : '[Getter/Setter]'}`;
  }
  if (left > 0) parts[parts.length] = more(left, 'key');
}

// Hidden properties, where they are asked for.
function isShown(name: string | symbol, value: object, walk: Walk): boolean {
  if (!walk.showHidden) return false;
  return !(typeof value === 'function' && (name === 'prototype' || name === 'name'));
}

export function more(count: number, what: string): string {
  return `... ${count} more ${what}${count > 1 ? 's' : ''}`;
}
