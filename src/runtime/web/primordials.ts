// The builtins as they were before the worker's code ran, as far as V8 has them
// when the snapshot is made: what is younger (Float16Array, Error.isError, Temporal)
// it installs in each context afterwards, so that cannot stand here. Workers may patch any
// prototype of the realm; what this folder does must not change with that. So no
// method of a builtin is called by name, and no array is spread or destructured
// or walked by for-of (each asks Array.prototype[Symbol.iterator]). Methods that ask
// for a species, such as slice(), are not here: copies.ts does without.

type Method = (...args: never[]) => unknown;
type Uncurried<M extends Method> = (self: unknown, ...args: Parameters<M>) => ReturnType<M>;

const { bind, call } = Function.prototype;

// `method` as a function whose first parameter is the receiver.
export const uncurryThis = bind.bind(call) as <M extends Method>(method: M) => Uncurried<M>;

export function getterOf(prototype: object, key: PropertyKey): (self: unknown) => unknown {
  const found = Reflect.getOwnPropertyDescriptor(prototype, key);
  return uncurryThis(found?.get as Method) as (self: unknown) => unknown;
}

export const {
  AggregateError,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
  Int16Array,
  Int32Array,
  Int8Array,
  Uint16Array,
  Uint32Array,
  Uint8ClampedArray,
  Array,
  ArrayBuffer,
  DataView,
  Error,
  EvalError,
  Map,
  Object,
  Promise,
  Proxy,
  RangeError,
  ReferenceError,
  RegExp,
  Set,
  String,
  Symbol,
  SyntaxError,
  TypeError,
  URIError,
  Uint8Array,
  WeakMap,
  WeakRef,
  Number,
  parseFloat,
  parseInt,
} = globalThis;
// Date is replaced on the global object; this is the one of V8.
export const NativeDate = Date;
export const DateParse = Date.parse;
export const DatePrototypeToISOString = uncurryThis(Date.prototype.toISOString);
export const DatePrototypeToString = uncurryThis(Date.prototype.toString);

export const ArrayIsArray = Array.isArray;
export const ArrayPrototype: object = Array.prototype;
export const ArrayPrototypeJoin = uncurryThis(Array.prototype.join);
export const ArrayPrototypeShift = uncurryThis(Array.prototype.shift);
export const ArrayPrototypeSort = uncurryThis(Array.prototype.sort) as <T>(
  self: T[],
  compare: (a: T, b: T) => number,
) => T[];

export const ArrayBufferIsView = ArrayBuffer.isView;
export const ArrayBufferPrototypeTransfer = uncurryThis(ArrayBuffer.prototype.transfer);
export const ArrayBufferPrototypeGetByteLength = getterOf(ArrayBuffer.prototype, 'byteLength');
export const ArrayBufferPrototypeGetDetached = getterOf(ArrayBuffer.prototype, 'detached');
export const ArrayBufferPrototypeGetResizable = getterOf(ArrayBuffer.prototype, 'resizable');

// V8's own, unknown to TypeScript's library.
export const { captureStackTrace: ErrorCaptureStackTrace } = Error as unknown as {
  captureStackTrace(target: object, below?: unknown): void;
};
export const DateTimeFormatPrototype: object = Intl.DateTimeFormat.prototype;
export const DateTimeFormatPrototypeFormatToParts = uncurryThis(
  Intl.DateTimeFormat.prototype.formatToParts as (date: unknown) => unknown,
);
export const FunctionPrototypeToString = uncurryThis(Function.prototype.toString);
export const JSONParse = JSON.parse;
export const JSONStringify = JSON.stringify;

export const MapPrototypeDelete = uncurryThis(Map.prototype.delete);
export const MapPrototypeForEach = uncurryThis(Map.prototype.forEach);
export const MapPrototypeGetSize = getterOf(Map.prototype, 'size');
export const SetPrototypeAdd = uncurryThis(Set.prototype.add);
export const SetPrototypeForEach = uncurryThis(Set.prototype.forEach);
export const SetPrototypeGetSize = getterOf(Set.prototype, 'size');
export const MapPrototypeGet = uncurryThis(Map.prototype.get);
export const MapPrototypeHas = uncurryThis(Map.prototype.has);
export const MapPrototypeSet = uncurryThis(Map.prototype.set);
export const WeakRefPrototypeDeref = uncurryThis(WeakRef.prototype.deref);
export const WeakMapPrototypeGet = uncurryThis(WeakMap.prototype.get);
export const WeakMapPrototypeSet = uncurryThis(WeakMap.prototype.set);

export const MathFloor = Math.floor;
export const MathMax = Math.max;
export const MathMin = Math.min;
export const MathTrunc = Math.trunc;
export const NumberIsFinite = Number.isFinite;
export const NumberIsInteger = Number.isInteger;
export const NumberPrototypeValueOf = uncurryThis(Number.prototype.valueOf);
export const BigIntPrototypeValueOf = uncurryThis(BigInt.prototype.valueOf);
export const BooleanPrototypeValueOf = uncurryThis(Boolean.prototype.valueOf);
export const NumberIsNaN = Number.isNaN;

export const ObjectCreate = Object.create;
export const ObjectDefineProperties = Object.defineProperties;
export const ObjectDefineProperty = Object.defineProperty;
export const ObjectFreeze = Object.freeze;
export const ObjectGetOwnPropertyDescriptor = Object.getOwnPropertyDescriptor;
export const ObjectGetOwnPropertyNames = Object.getOwnPropertyNames;
export const ObjectGetPrototypeOf = Object.getPrototypeOf;
export const ObjectKeys = Object.keys;
export const ObjectPrototype = Object.prototype;
export const ObjectPrototypeHasOwnProperty = uncurryThis(Object.prototype.hasOwnProperty);
export const ObjectPrototypePropertyIsEnumerable = uncurryThis(
  Object.prototype.propertyIsEnumerable,
);
export const ObjectPrototypeToString = uncurryThis(Object.prototype.toString);
export const ObjectSetPrototypeOf = Object.setPrototypeOf;

// A list that inherits nothing: what is put at its end meets no setter of script's. Not
// for what script gets.
export function bareList<T>(): T[] {
  return ObjectSetPrototypeOf([], null);
}

export const PromisePrototypeThen = uncurryThis(Promise.prototype.then) as <T, A = T, B = never>(
  self: Promise<T>,
  onFulfilled?: ((value: T) => A | PromiseLike<A>) | undefined,
  onRejected?: ((reason: unknown) => B | PromiseLike<B>) | undefined,
) => Promise<A | B>;
export const PromiseReject = Promise.reject.bind(Promise) as (reason: unknown) => Promise<never>;
export const PromiseResolve = Promise.resolve.bind(Promise) as <T>(value: T) => Promise<Awaited<T>>;
// Promise.withResolvers() itself counts each call for V8's statistics: a fifth of its cost.
export function PromiseWithResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: PromiseWithResolvers<T>['resolve'];
  let reject!: PromiseWithResolvers<T>['reject'];
  const promise = new Promise<T>((fulfill, refuse) => {
    resolve = fulfill;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

export const ReflectApply = Reflect.apply;
export const ReflectConstruct = Reflect.construct;
export const ReflectDefineProperty = Reflect.defineProperty;
export const ReflectDeleteProperty = Reflect.deleteProperty;
export const ReflectGetOwnPropertyDescriptor = Reflect.getOwnPropertyDescriptor;
export const ReflectGet = Reflect.get;
export const ReflectHas = Reflect.has;
export const ReflectSet = Reflect.set;
export const ReflectOwnKeys = Reflect.ownKeys;
export const ReflectSetPrototypeOf = Reflect.setPrototypeOf;

export const RegExpPrototypeExec = uncurryThis(RegExp.prototype.exec);

export const RegExpPrototypeToString = uncurryThis(RegExp.prototype.toString);

export const StringFromCharCode = String.fromCharCode;
export const StringPrototypeCharCodeAt = uncurryThis(String.prototype.charCodeAt);
export const StringPrototypeEndsWith = uncurryThis(String.prototype.endsWith);
export const StringPrototypeIndexOf = uncurryThis(String.prototype.indexOf);
export const StringPrototypePadEnd = uncurryThis(String.prototype.padEnd);
export const StringPrototypeRepeat = uncurryThis(String.prototype.repeat);
export const StringPrototypeReplaceAll = uncurryThis(
  String.prototype.replaceAll as (search: string, replacement: string) => string,
);
export const StringPrototypeSlice = uncurryThis(String.prototype.slice);
export const StringPrototypeSplit = uncurryThis(
  String.prototype.split as (separator: string) => string[],
);
export const StringPrototypeStartsWith = uncurryThis(String.prototype.startsWith);
export const StringPrototypeToLowerCase = uncurryThis(String.prototype.toLowerCase);
export const StringPrototypeToUpperCase = uncurryThis(String.prototype.toUpperCase);
export const StringPrototypeValueOf = uncurryThis(String.prototype.valueOf);
export const StringPrototypeToWellFormed = uncurryThis(String.prototype.toWellFormed);

export const SymbolPrototypeToString = uncurryThis(Symbol.prototype.toString);
export const SymbolPrototypeValueOf = uncurryThis(Symbol.prototype.valueOf);
export const SymbolAsyncIterator: SymbolConstructor['asyncIterator'] = Symbol.asyncIterator;
// Younger than the language that TypeScript's library describes here.
export const SymbolDispose = (Symbol as unknown as { readonly dispose: symbol }).dispose;
export const SymbolToPrimitive: SymbolConstructor['toPrimitive'] = Symbol.toPrimitive;
export const SymbolFor = Symbol.for;
export const SymbolIterator: SymbolConstructor['iterator'] = Symbol.iterator;
export const SymbolToStringTag: SymbolConstructor['toStringTag'] = Symbol.toStringTag;

const TypedArray = Object.getPrototypeOf(Uint8Array);
export const TypedArrayPrototypeGetBuffer = getterOf(TypedArray.prototype, 'buffer') as (
  self: unknown,
) => ArrayBuffer;
export const TypedArrayPrototypeGetByteLength = getterOf(TypedArray.prototype, 'byteLength') as (
  self: unknown,
) => number;
export const TypedArrayPrototypeGetByteOffset = getterOf(TypedArray.prototype, 'byteOffset') as (
  self: unknown,
) => number;
export const TypedArrayPrototypeGetLength = getterOf(TypedArray.prototype, 'length') as (
  self: unknown,
) => number;
// The name of the typed array's class, undefined for any other value.
export const TypedArrayPrototypeGetToStringTag = getterOf(
  TypedArray.prototype,
  Symbol.toStringTag,
) as (self: unknown) => string | undefined;
export const TypedArrayPrototypeIndexOf = uncurryThis(
  TypedArray.prototype.indexOf as (byte: number, from?: number) => number,
);
export const TypedArrayPrototypeSet = uncurryThis(
  TypedArray.prototype.set as (source: ArrayLike<number>, offset?: number) => void,
);
export const DataViewPrototypeGetBuffer = getterOf(DataView.prototype, 'buffer') as (
  self: unknown,
) => ArrayBuffer;
export const DataViewPrototypeGetByteLength = getterOf(DataView.prototype, 'byteLength') as (
  self: unknown,
) => number;
export const DataViewPrototypeGetByteOffset = getterOf(DataView.prototype, 'byteOffset') as (
  self: unknown,
) => number;
