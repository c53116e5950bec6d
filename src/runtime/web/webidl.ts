// The parts of Web IDL that the classes here share: conversions of arguments
// (§3.2), and the shape that an interface has when script looks at it (§3.7).
import {
  ArrayBufferIsView,
  ArrayBufferPrototypeGetByteLength,
  DataView,
  DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset,
  MathTrunc,
  NumberIsNaN,
  ObjectDefineProperty,
  ObjectFreeze,
  ObjectGetOwnPropertyDescriptor,
  ObjectGetPrototypeOf,
  ObjectPrototypePropertyIsEnumerable,
  RangeError,
  ReflectApply,
  ReflectOwnKeys,
  RegExpPrototypeExec,
  StringPrototypeToWellFormed,
  Symbol,
  SymbolIterator,
  SymbolToStringTag,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetToStringTag,
  TypeError,
  Uint8Array,
} from './primordials.ts';

// First argument of a constructor that is called from inside: the next one is
// then the state itself. Script never sees the symbol, so no super() may be given it:
// that calls what script has put in the place of the base (Object.setPrototypeOf()).
export const kInternal = Symbol('internal');

// What the constructor of a derived class hands to that of its base, beside super():
//   handed.give(state); try { super(); } finally { handed.take(); }
// Who takes it first has it, so that a function in the base's place can only have the
// true base make one object of it.
export class Handed<T extends object> {
  #state: T | null = null;

  give(state: T): void {
    this.#state = state;
  }
  // null: nothing was handed over, and the constructor was called by script.
  take(): T | null {
    const state = this.#state;
    this.#state = null;
    return state;
  }
}

// Whether the Worker has Node's modules (node_globals.ts): errors then bear its codes.
export const nodeCompat = { given: false };

export function withCode<E extends Error>(error: E, code: string): E {
  if (nodeCompat.given)
    ObjectDefineProperty(error, 'code', {
      value: code,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  return error;
}

export function illegalConstructor(): never {
  throw withCode(new TypeError('Illegal constructor'), 'ERR_ILLEGAL_CONSTRUCTOR');
}

// For a method that was called on something else than an instance of `name`.
export function illegalReceiver(name: string): never {
  throw withCode(new TypeError(`Value of "this" must be of type ${name}`), 'ERR_INVALID_THIS');
}

export function requireArguments(given: number, needed: number, what: string): void {
  if (given < needed)
    throw withCode(
      new TypeError(`${what}: ${needed} argument${needed > 1 ? 's' : ''} required, ${given} given`),
      'ERR_MISSING_ARGS',
    );
}

export function toUSVString(value: unknown): string {
  return StringPrototypeToWellFormed(`${value}`);
}

const beyondLatin1 = /[^\0-\xff]/;

export function toByteString(value: unknown, what: string): string {
  const text = typeof value === 'string' ? value : `${value}`;
  if (RegExpPrototypeExec(beyondLatin1, text) !== null)
    throw new TypeError(`${what}: "${text}" has a character above U+00FF`);
  return text;
}

const emptyDictionary: unknown = ObjectFreeze({ __proto__: null });

// A dictionary argument, to be read: undefined and null stand for an empty one, in which
// nothing is found that script gave to Object.prototype.
export function toDictionary<T extends object>(value: unknown, what: string): Partial<T> {
  if (value === undefined || value === null) return emptyDictionary as Partial<T>;
  if (!isObject(value)) throw new TypeError(`${what}: the options are not an object`);
  return value as Partial<T>;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' ? value !== null : typeof value === 'function';
}

export type Callable = (...args: unknown[]) => unknown;

export function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}

export function toFunction(value: unknown, what: string): Callable {
  if (!isCallable(value))
    throw withCode(new TypeError(`${what} is not a function`), 'ERR_INVALID_ARG_TYPE');
  return value;
}

// [EnforceRange] unsigned long long.
export function toUnsignedLongLong(value: unknown, what: string): number {
  const number = MathTrunc(+(value as number));
  if (NumberIsNaN(number) || number < 0 || number > 2 ** 53 - 1)
    throw new TypeError(`${what} is outside 0 to 2^53 - 1`);
  return number + 0;
}

export function toStatus(value: unknown): number {
  const status = value === undefined ? 200 : +(value as number) & 0xffff;
  if (status !== 101 && (status < 200 || status > 599))
    throw new RangeError(`Response: status ${value} is outside 200 to 599`);
  return status;
}

// Calls `each` for every value of `iterable`, by the protocol that script sees.
export function iterate(iterable: object, method: unknown, each: (value: unknown) => void): void {
  const iterator = ReflectApply(
    toFunction(method, 'Symbol.iterator'),
    iterable,
    [],
  ) as Iterator<unknown>;
  const next = iterator.next;
  for (;;) {
    const result = ReflectApply(next, iterator, []);
    if (!isObject(result)) throw new TypeError('The iterator gave a result that is not an object');
    if (result.done) return;
    each(result.value);
  }
}

// What a sequence is walked by; undefined for what is none.
export function iterableMethod(value: unknown): Callable | undefined {
  const method = isObject(value) ? (value as Iterable<unknown>)[SymbolIterator] : undefined;
  return isCallable(method) ? method : undefined;
}

// sequence<any>.
export function toList(value: unknown, what: string): unknown[] {
  const method = iterableMethod(value);
  if (method === undefined) throw new TypeError(`${what} is not a sequence`);
  const list: unknown[] = [];
  iterate(value as object, method, (item) => {
    list[list.length] = item;
  });
  return list;
}

// A [name, value] pair of sequence<sequence<string>>.
export function toPair(value: unknown, what: string): [unknown, unknown] {
  const method = isObject(value) ? (value as Iterable<unknown>)[SymbolIterator] : undefined;
  if (!isCallable(method)) throw new TypeError(`${what}: an element is not a [name, value] pair`);
  const parts: unknown[] = [];
  iterate(value as object, method, (part) => {
    parts[parts.length] = part;
  });
  if (parts.length !== 2)
    throw new TypeError(`${what}: a pair has ${parts.length} elements, not 2`);
  return parts as [unknown, unknown];
}

// Calls `each` with the entries of a record<string, …>: own, enumerable. A key is
// converted before its value is read (§3.2.24).
export function eachEntry(
  record: object,
  each: (key: string, value: unknown) => void,
  toKey: (key: unknown) => string = toUSVString,
): void {
  const keys = ReflectOwnKeys(record);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    if (!ObjectPrototypePropertyIsEnumerable(record, key)) continue;
    const name = toKey(key);
    each(name, (record as Record<PropertyKey, unknown>)[key]);
  }
}

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  if (!isObject(value)) return false;
  try {
    ArrayBufferPrototypeGetByteLength(value);
    return true;
  } catch {
    return false;
  }
}

export type View = { buffer: ArrayBuffer; byteOffset: number; byteLength: number };

// Where the bytes of an ArrayBufferView lie, whatever its prototype says.
export function viewOf(view: ArrayBufferView): View {
  if (TypedArrayPrototypeGetToStringTag(view) === undefined)
    return {
      buffer: DataViewPrototypeGetBuffer(view),
      byteOffset: DataViewPrototypeGetByteOffset(view),
      byteLength: DataViewPrototypeGetByteLength(view),
    };
  return {
    buffer: TypedArrayPrototypeGetBuffer(view),
    byteOffset: TypedArrayPrototypeGetByteOffset(view),
    byteLength: TypedArrayPrototypeGetByteLength(view),
  };
}

export function isBufferSource(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return ArrayBufferIsView(value) || isArrayBuffer(value);
}

// The bytes of a BufferSource, not copied.
export function bytesOf(source: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (!ArrayBufferIsView(source)) return new Uint8Array(source as ArrayBuffer);
  const { buffer, byteOffset, byteLength } = viewOf(source);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

// [AllowShared] BufferSource: shared memory as a view of it, other values as they are.
export function viewOfShared(value: unknown): unknown {
  if (!isObject(value) || ArrayBufferIsView(value)) return value;
  try {
    return new DataView(value as ArrayBuffer); // takes buffers of both kinds and nothing else
  } catch {
    return value;
  }
}

type Class = { readonly prototype: object };

// Flat [prototype, name, …] of the interfaces that exist so far.
export const interfaces: (object | string)[] = [];

// The name of the interface that an object is one of, by its prototypes; null for none.
export function interfaceOf(object: object): string | null {
  let at: object | null = object;
  while (at !== null) {
    for (let i = 0; i < interfaces.length; i += 2)
      if (interfaces[i] === at) return interfaces[i + 1] as string;
    at = ObjectGetPrototypeOf(at);
  }
  return null;
}

// Gives a class of ours the look of a Web IDL interface: its name (the minifier
// takes it), enumerable members, Symbol.toStringTag.
export function defineInterface(target: Class, name: string): void {
  interfaces[interfaces.length] = target.prototype;
  interfaces[interfaces.length] = name;
  ObjectDefineProperty(target, 'name', { value: name, configurable: true });
  makeEnumerable(target.prototype);
  makeEnumerable(target);
  ObjectDefineProperty(target.prototype, SymbolToStringTag, { value: name, configurable: true });
}

function makeEnumerable(target: object): void {
  const keys = ReflectOwnKeys(target);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    if (typeof key === 'symbol' || key === 'constructor') continue;
    if (typeof target === 'function' && (key === 'prototype' || key === 'name' || key === 'length'))
      continue;
    ObjectDefineProperty(target, key, { enumerable: true });
  }
}

// Constants stand on the interface and on its prototype, §3.7.5.
export function defineConstants(target: Class, constants: Readonly<Record<string, number>>): void {
  eachEntry(constants, (key, value) => {
    ObjectDefineProperty(target, key, { value, enumerable: true });
    ObjectDefineProperty(target.prototype, key, { value, enumerable: true });
  });
}

// Copies the members of `members` onto a prototype or another object.
export function defineMembers(target: object, members: object): void {
  const keys = ReflectOwnKeys(members);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    ObjectDefineProperty(
      target,
      key,
      ObjectGetOwnPropertyDescriptor(members, key) as PropertyDescriptor,
    );
  }
}
