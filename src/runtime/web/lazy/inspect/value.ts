// A value as text, in the manner of Node's util.inspect.
import {
  ArrayBufferIsView,
  ArrayIsArray,
  ArrayPrototypeJoin,
  BigIntPrototypeValueOf,
  BooleanPrototypeValueOf,
  DatePrototypeToISOString,
  FunctionPrototypeToString,
  JSONStringify,
  MapPrototypeForEach,
  MapPrototypeGetSize,
  NumberPrototypeValueOf,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectPrototypeToString,
  ReflectOwnKeys,
  RegExpPrototypeExec,
  RegExpPrototypeToString,
  SetPrototypeForEach,
  SetPrototypeGetSize,
  StringPrototypeIndexOf,
  StringPrototypeReplaceAll,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  StringPrototypeValueOf,
  SymbolPrototypeToString,
  SymbolPrototypeValueOf,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetToStringTag,
} from '../../primordials.ts';
import { bytesOf, isArrayBuffer, isObject } from '../../webidl.ts';
import { platformFields } from './platform.ts';
import { stackText } from './stack.ts';

const kDeepest = 4;
const kMostItems = 100;
const kLongestString = 10_000;
const kLineWidth = 76;
const kMostText = 128 * 1024; // after this much, the rest is left out

interface Walk {
  readonly seen: object[]; // from the root down to here
  circular: object[]; // those that a [Circular *n] points at
  written: number;
}

export function inspect(value: unknown): string {
  return show(value, { seen: [], circular: [], written: 0 }, 0);
}

function show(value: unknown, walk: Walk, depth: number): string {
  try {
    const text = isObject(value) ? showObject(value, walk, depth) : showPrimitive(value);
    walk.written += text.length;
    return text;
  } catch {
    return '[a value that cannot be read]';
  }
}

function showPrimitive(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol') return SymbolPrototypeToString(value);
  if (value === 0 && 1 / value < 0) return '-0';
  return `${value}`;
}

function quote(text: string): string {
  const cut = StringPrototypeSlice(text, 0, kLongestString);
  const escaped = StringPrototypeSlice(JSONStringify(cut), 1, -1);
  const plain = StringPrototypeReplaceAll(escaped, '\\"', '"');
  const quoted =
    StringPrototypeIndexOf(plain, "'") < 0
      ? `'${plain}'`
      : StringPrototypeIndexOf(plain, '"') < 0
        ? `"${plain}"`
        : `'${StringPrototypeReplaceAll(plain, "'", "\\'")}'`;
  const left = text.length - cut.length;
  return left > 0 ? `${quoted}... ${left} more characters` : quoted;
}

// The name of the class, null without a prototype.
function className(value: object): string | null {
  for (let at: object | null = value; at !== null; at = ObjectGetPrototypeOf(at)) {
    const made = ObjectGetOwnPropertyDescriptor(at, 'constructor')?.value;
    if (typeof made === 'function' && typeof made.name === 'string' && made.name !== '')
      return made.name;
  }
  return ObjectGetPrototypeOf(value) === null ? null : 'Object';
}

function showObject(value: object, walk: Walk, depth: number): string {
  for (let i = 0; i < walk.seen.length; i++) {
    if (walk.seen[i] !== value) continue;
    return `[Circular *${circularIndex(value, walk)}]`;
  }
  const name = className(value);
  if (depth > kDeepest) return `[${name ?? 'Object: null prototype'}]`;
  if (walk.written > kMostText) return '...';
  walk.seen[walk.seen.length] = value;
  const text = showKind(value, name, walk, depth);
  walk.seen.length--;
  for (let i = 0; i < walk.circular.length; i++)
    if (walk.circular[i] === value) return `<ref *${i + 1}> ${text}`;
  return text;
}

function circularIndex(value: object, walk: Walk): number {
  for (let i = 0; i < walk.circular.length; i++) if (walk.circular[i] === value) return i + 1;
  walk.circular[walk.circular.length] = value;
  return walk.circular.length;
}

const functionSource = /^class\b/;

function showKind(value: object, name: string | null, walk: Walk, depth: number): string {
  const label = name ?? '[Object: null prototype]';
  if (typeof value === 'function') return withProperties(functionLabel(value), value, walk, depth);
  if (ArrayIsArray(value)) return showArray(value, name === 'Array' ? '' : label, walk, depth);
  if (ObjectPrototypeToString(value) === '[object Error]') return showError(value, walk, depth);
  if (ArrayBufferIsView(value)) return showView(value, label, walk, depth);
  if (isArrayBuffer(value)) {
    const bytes = bytesOf(value);
    return `${label} { byteLength: ${TypedArrayPrototypeGetByteLength(bytes)} }`;
  }
  const boxed = showBoxed(value);
  if (boxed !== null) return withProperties(boxed, value, walk, depth);
  const collection = showCollection(value, label, walk, depth);
  if (collection !== null) return collection;
  const fields = platformFields(value);
  if (fields !== null) {
    if (typeof fields === 'string') return fields;
    const parts: string[] = [];
    for (let i = 0; i < fields.length; i += 2)
      parts[parts.length] = `${key(fields[i] as string)}: ${show(fields[i + 1], walk, depth + 1)}`;
    return join(label, '{', parts, '}');
  }
  const parts = properties(value, walk, depth);
  return join(name === 'Object' ? '' : label, '{', parts, '}');
}

function functionLabel(value: object): string {
  const { name } = value as { name: unknown };
  const title = typeof name === 'string' && name !== '' ? name : '(anonymous)';
  const isClass = RegExpPrototypeExec(functionSource, FunctionPrototypeToString(value)) !== null;
  if (!isClass) return `[Function${title === '(anonymous)' ? ' ' : ': '}${title}]`;
  const parent = ObjectGetPrototypeOf(value) as { name?: unknown } | null;
  const base = typeof parent?.name === 'string' && parent.name !== '' ? parent.name : '';
  return `[class ${title}${base === '' ? '' : ` extends ${base}`}]`;
}

function showArray(array: readonly unknown[], label: string, walk: Walk, depth: number): string {
  const parts: string[] = [];
  let holes = 0;
  for (let i = 0; i < array.length && parts.length < kMostItems; i++) {
    if (ObjectGetOwnPropertyDescriptor(array, i) === undefined) {
      holes++;
      if (holes > kMostItems) break;
      continue;
    }
    if (holes > 0) parts[parts.length] = emptyItems(holes);
    holes = 0;
    parts[parts.length] = show(array[i], walk, depth + 1);
  }
  if (holes > 0 && holes <= kMostItems) parts[parts.length] = emptyItems(holes);
  const left = array.length - kMostItems;
  if (left > 0) parts[parts.length] = `... ${left} more item${left > 1 ? 's' : ''}`;
  const prefix = label === '' ? '' : `${label}(${array.length})`;
  return join(prefix, '[', parts, ']');
}

function emptyItems(count: number): string {
  return `<${count} empty item${count > 1 ? 's' : ''}>`;
}

function showView(view: ArrayBufferView, label: string, walk: Walk, depth: number): string {
  if (TypedArrayPrototypeGetToStringTag(view) === undefined)
    return `${label} { byteLength: ${TypedArrayPrototypeGetByteLength(bytesOf(view))} }`;
  const array = view as Uint8Array;
  const length = TypedArrayPrototypeGetLength(array);
  const parts: string[] = [];
  for (let i = 0; i < length && i < kMostItems; i++) parts[i] = show(array[i], walk, depth + 1);
  const left = length - kMostItems;
  if (left > 0) parts[kMostItems] = `... ${left} more item${left > 1 ? 's' : ''}`;
  return join(`${label}(${length})`, '[', parts, ']');
}

function showError(error: object, walk: Walk, depth: number): string {
  const { stack, name, message } = error as { stack?: unknown; name?: unknown; message?: unknown };
  const head = message === '' ? `${name}` : `${name}: ${message}`;
  let text = typeof stack === 'string' && stack !== '' ? stackText(stack) : `[${head}]`;
  // A stack keeps the message that the error was made with.
  if (typeof stack === 'string' && !StringPrototypeStartsWith(stack, `${name}`))
    text = `${head}\n${text}`;
  const parts = properties(error, walk, depth);
  const { cause } = error as { cause?: unknown };
  if (ObjectGetOwnPropertyDescriptor(error, 'cause')?.enumerable === false)
    parts[parts.length] = `[cause]: ${show(cause, walk, depth + 1)}`;
  return parts.length === 0 ? text : `${text} ${join('', '{', parts, '}')}`;
}

// Dates, regular expressions and boxed primitives, told by their own methods.
function showBoxed(value: object): string | null {
  switch (ObjectPrototypeToString(value)) {
    case '[object Date]':
      return attempt(() => DatePrototypeToISOString(value)) ?? 'Invalid Date';
    case '[object RegExp]':
      return attempt(() => RegExpPrototypeToString(value));
    case '[object String]':
      return attempt(() => `[String: ${quote(StringPrototypeValueOf(value))}]`);
    case '[object Number]':
      return attempt(() => `[Number: ${showPrimitive(NumberPrototypeValueOf(value))}]`);
    case '[object Boolean]':
      return attempt(() => `[Boolean: ${BooleanPrototypeValueOf(value)}]`);
    case '[object BigInt]':
      return attempt(() => `[BigInt: ${BigIntPrototypeValueOf(value)}n]`);
    case '[object Symbol]':
      return attempt(() => `[Symbol: ${SymbolPrototypeToString(SymbolPrototypeValueOf(value))}]`);
    case '[object Promise]':
    case '[object WeakMap]':
    case '[object WeakSet]':
    case '[object WeakRef]':
      return `${className(value)} { <its content cannot be seen> }`;
  }
  return null;
}

function attempt(run: () => string): string | null {
  try {
    return run();
  } catch {
    return null;
  }
}

function showCollection(value: object, label: string, walk: Walk, depth: number): string | null {
  const parts: string[] = [];
  const size = attempt(() => `${MapPrototypeGetSize(value)}`);
  if (size !== null) {
    MapPrototypeForEach(value, (item: unknown, name: unknown) => {
      if (parts.length < kMostItems)
        parts[parts.length] = `${show(name, walk, depth + 1)} => ${show(item, walk, depth + 1)}`;
    });
    return join(`${label}(${size})`, '{', parts, '}');
  }
  const count = attempt(() => `${SetPrototypeGetSize(value)}`);
  if (count === null) return null;
  SetPrototypeForEach(value, (item: unknown) => {
    if (parts.length < kMostItems) parts[parts.length] = show(item, walk, depth + 1);
  });
  return join(`${label}(${count})`, '{', parts, '}');
}

function withProperties(text: string, value: object, walk: Walk, depth: number): string {
  const parts = properties(value, walk, depth);
  return parts.length === 0 ? text : join(text, '{', parts, '}');
}

const identifier = /^[A-Za-z_$][\w$]*$/;

function key(name: string | symbol): string {
  if (typeof name === 'symbol') return `[${SymbolPrototypeToString(name)}]`;
  return RegExpPrototypeExec(identifier, name) === null ? quote(name) : name;
}

// The own enumerable properties; getters are named, not called.
function properties(value: object, walk: Walk, depth: number): string[] {
  const keys = ReflectOwnKeys(value);
  const parts: string[] = [];
  const isString = ObjectPrototypeToString(value) === '[object String]';
  let left = 0;
  for (let i = 0; i < keys.length; i++) {
    const name = keys[i] as string | symbol;
    const found = ObjectGetOwnPropertyDescriptor(value, name);
    if (!found?.enumerable) continue;
    if (isString && typeof name === 'string' && RegExpPrototypeExec(/^\d+$/, name) !== null)
      continue;
    if (parts.length >= kMostItems) {
      left++;
      continue;
    }
    let text: string;
    if (found.get === undefined && found.set === undefined)
      text = show(found.value, walk, depth + 1);
    else if (found.get === undefined) text = '[Setter]';
    else text = found.set === undefined ? '[Getter]' : '[Getter/Setter]';
    parts[parts.length] = `${key(name)}: ${text}`;
  }
  if (left > 0) parts[parts.length] = `... ${left} more propert${left > 1 ? 'ies' : 'y'}`;
  return parts;
}

// On one line when that is short, else one part a line.
function join(label: string, open: string, parts: readonly string[], close: string): string {
  const prefix = label === '' ? '' : `${label} `;
  if (parts.length === 0) return `${prefix}${open}${close}`;
  let length = prefix.length + 4;
  let multiline = false;
  for (let i = 0; i < parts.length; i++) {
    length += (parts[i] as string).length + 2;
    multiline ||= StringPrototypeIndexOf(parts[i], '\n') >= 0;
  }
  if (length <= kLineWidth && !multiline)
    return `${prefix}${open} ${ArrayPrototypeJoin(parts, ', ')} ${close}`;
  const lines = ArrayPrototypeJoin(parts, ',\n');
  return `${prefix}${open}\n  ${StringPrototypeReplaceAll(lines, '\n', '\n  ')}\n${close}`;
}
