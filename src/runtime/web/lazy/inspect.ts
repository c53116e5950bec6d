// How console prints values: format() for people, as Node's util.format() does,
// toTail() for the messages of `wrangler tail`. Both are bounded in depth, breadth
// and length, and never throw.
import { kLongestText } from '../console.ts';
import {
  ArrayIsArray,
  ArrayPrototypeJoin,
  FunctionPrototypeToString,
  JSONStringify,
  ObjectGetPrototypeOf,
  ObjectPrototype,
  parseFloat,
  parseInt,
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeReplaceAll,
  StringPrototypeSlice,
} from '../primordials.ts';
import { isCallable, isObject } from '../webidl.ts';
import { stackText } from './inspect/stack.ts';
import { type InspectOptions, inspect } from './inspect/value.ts';

export { table } from './inspect/table.ts';

const kDeepest = 1000;
const kLongestMessage = 64 * 1024; // code units, of one argument

function bounded(text: string): string {
  if (text.length <= kLongestMessage) return text;
  const left = text.length - kLongestMessage;
  return `${StringPrototypeSlice(text, 0, kLongestMessage)}… ${left} more characters`;
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value);
}

// Console Standard §2.2 "formatter", and the rest of the arguments after it.
export function format(args: readonly unknown[]): string {
  let out = '';
  let next = 0;
  const first = args[0];
  if (typeof first === 'string' && args.length > 1) {
    next = 1;
    let from = 0;
    for (;;) {
      const at = StringPrototypeIndexOf(first, '%', from);
      if (at < 0 || at === first.length - 1) break;
      const letter = first[at + 1] as string;
      out += StringPrototypeSlice(first, from, at);
      from = at + 2;
      if (letter === '%') out += '%';
      else if (next < args.length && StringPrototypeIndexOf('sdifjoOc', letter) >= 0)
        out += directive(letter, args[next++]);
      else out += `%${letter}`;
    }
    out += StringPrototypeSlice(first, from);
    if (next === args.length) return bounded(out);
    out += ' ';
  }
  for (let i = next; i < args.length; i++) out += `${i === next ? '' : ' '}${show(args[i])}`;
  return bounded(out);
}

function directive(letter: string, value: unknown): string {
  if (letter === 'c') return ''; // style, for browsers
  if (letter === 's') return asText(value);
  if (letter === 'o') return inspect(value, { depth: 4, showHidden: true });
  if (letter === 'O') return inspect(value);
  if (letter === 'j') return json(value, kLongestText) ?? 'undefined';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol') return 'NaN';
  try {
    const number = letter === 'd' ? +(value as number) : parse(letter, `${value}`);
    return `${number}`;
  } catch {
    return 'NaN';
  }
}

// %s: an object by its own toString(), if it has one.
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return inspect(value);
  try {
    if (isCallable(value) || hasOwnText(value)) return `${value}`;
  } catch {
    // Shown as what it is.
  }
  return inspect(value, { depth: 0 });
}

// Whether toString() is the author's, and not one of a class of the language or the platform.
function hasOwnText(value: object): boolean {
  if (ArrayIsArray(value)) return false;
  const text = (value as { toString?: unknown }).toString;
  if (!isCallable(text)) return false;
  return RegExpPrototypeExec(builtin, FunctionPrototypeToString(text)) === null;
}

const builtin = /\{\s*\[native code\]\s*\}\s*$/;

function parse(letter: string, text: string): number {
  return letter === 'i' ? parseInt(text, 10) : parseFloat(text);
}

// Undefined of what has no JSON, or about `most` code units of it: V8 makes what is larger
// in one call, which ends by itself alone.
function json(value: unknown, most: number): string | undefined {
  let left = most;
  try {
    return JSONStringify(value, (_, item: unknown) => {
      left -= typeof item === 'string' ? item.length : 1;
      if (left < 0) throw undefined;
      return item;
    });
  } catch {
    return undefined;
  }
}

// console.dir()
export function dirText(value: unknown, options: unknown): string {
  const given: InspectOptions = {};
  if (isObject(options)) {
    const { depth, showHidden } = options as { depth?: unknown; showHidden?: unknown };
    // null: as deep as it goes.
    if (typeof depth === 'number' || depth === null) given.depth = depth ?? kDeepest;
    given.showHidden = !!showHidden;
  }
  return bounded(inspect(value, given));
}

// A JSON array of the arguments: plain data as it is, the rest as text.
export function toTail(args: readonly unknown[]): string {
  const parts: string[] = [];
  for (let i = 0; i < args.length; i++) parts[i] = tailValue(args[i]);
  return `[${ArrayPrototypeJoin(parts, ',')}]`;
}

function tailValue(value: unknown): string {
  if (value === null || typeof value === 'boolean') return `${value}`;
  if (typeof value === 'number' && value - value === 0) return `${value}`;
  if (typeof value === 'string') return JSONStringify(bounded(value));
  if (isObject(value) && isData(value)) {
    const text = json(value, kLongestMessage);
    if (text !== undefined && text.length <= kLongestMessage) return text;
  }
  return JSONStringify(bounded(inspect(value)));
}

function isData(value: object): boolean {
  try {
    if (ArrayIsArray(value)) return true;
    const prototype = ObjectGetPrototypeOf(value);
    return (
      prototype === null ||
      prototype === ObjectPrototype ||
      isCallable((value as { toJSON?: unknown }).toJSON)
    );
  } catch {
    return false;
  }
}

export function indent(text: string, by: string): string {
  return by + StringPrototypeReplaceAll(text, '\n', `\n${by}`);
}

// The frames of a stack, without its first line.
export function stackLines(stack: string | undefined): string {
  const text = stack === undefined ? '' : stackText(stack);
  const at = StringPrototypeIndexOf(text, '\n');
  return at < 0 ? '' : StringPrototypeSlice(text, at);
}
