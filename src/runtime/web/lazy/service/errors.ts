// Errors as they go from one Worker to another: the name and the message, of the
// standard classes as such an error.
import { cloneException, DOMException } from '../../dom_exception.ts';
import {
  AggregateError,
  ArrayIsArray,
  bareList,
  Error,
  EvalError,
  ObjectDefineProperty,
  ObjectGetOwnPropertyNames,
  ObjectGetPrototypeOf,
  RangeError,
  ReferenceError,
  ReflectDeleteProperty,
  RegExpPrototypeExec,
  SyntaxError,
  TypeError,
  URIError,
} from '../../primordials.ts';
import { interfaces, isCallable, isObject } from '../../webidl.ts';
import { isOn, services } from './native.ts';

// V8 has it in each context anew, and not in the snapshot.
const { SuppressedError } = globalThis as unknown as {
  SuppressedError?: new (error: unknown, suppressed: unknown, message: string) => Error;
};

const classes: Record<string, ErrorConstructor> = {
  __proto__: null,
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
} as never;

// The more particular ones first.
const prototypes: (object | string)[] = [
  AggregateError.prototype,
  'AggregateError',
  EvalError.prototype,
  'EvalError',
  RangeError.prototype,
  'RangeError',
  ReferenceError.prototype,
  'ReferenceError',
  SyntaxError.prototype,
  'SyntaxError',
  TypeError.prototype,
  'TypeError',
  URIError.prototype,
  'URIError',
  Error.prototype,
  'Error',
];

const named = /^([A-Za-z]*Error): ([\s\S]*)$/;

export function makeError(name: string, message: string): Error {
  if (name === 'AggregateError') {
    const error = new AggregateError([], message);
    ReflectDeleteProperty(error, 'errors'); // a member of what was thrown, or not given
    return error;
  }
  if (name === 'SuppressedError' && SuppressedError !== undefined) {
    const error = new SuppressedError(undefined, undefined, message);
    ReflectDeleteProperty(error, 'error');
    ReflectDeleteProperty(error, 'suppressed');
    return error;
  }
  const made = classes[name];
  return made === undefined ? new Error(`${name}: ${message}`) : new made(message);
}

// What was thrown, as a value of a message: of an error also what it has beside its
// message, of another object what V8 writes. May throw, as what it asks script.
export function thrownParts(error: unknown): unknown[] {
  if (!isObject(error) || isCallable(error) || !isOn('enhanced_error_serialization'))
    return plainParts(error);
  const exception = cloneException(error);
  if (exception !== null) return ['exception', exception.name, exception.message];
  const name = classOf(error);
  if (name === null) return ['value', error];
  const members = bareList<unknown>();
  const keys = ObjectGetOwnPropertyNames(error);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (isOfClass(key)) continue;
    members[members.length] = [key, (error as Record<string, unknown>)[key]];
  }
  return ['members', name, messageOf(error), members];
}

// The same in a text and, for errors, a name: of what has no more to say, or can't.
export function plainParts(error: unknown): unknown[] {
  try {
    if (isObject(error) && !isCallable(error)) {
      const exception = cloneException(error);
      if (exception !== null) return ['exception', exception.name, exception.message];
      const name = classOf(error);
      if (name !== null) {
        const given = isOn('enhanced_error_serialization') ? name : nameOf(error);
        return ['error', given, messageOf(error), []];
      }
      const prototype = ObjectGetPrototypeOf(error);
      for (let i = 0; i < interfaces.length; i += 2)
        if (interfaces[i] === prototype) return ['error', 'Error', `#<${interfaces[i + 1]}>`, []];
    }
  } catch {} // a trap, or a getter
  return ['error', 'Error', services.detail(error), []];
}

function isOfClass(key: string): boolean {
  return key === 'stack' || key === 'message' || key === 'remote';
}
function messageOf(error: object): string {
  return `${(error as { message?: unknown }).message}`;
}
function nameOf(error: object): string {
  return `${(error as { name?: unknown }).name}`;
}

// Causes may form a ring.
const kMostCauses = 8;

// Of errors their class, message and own members, which may be more than the standard's;
// null for what is none.
export function errorParts(error: object, depth: number): unknown[] | null {
  const exception = cloneException(error);
  if (exception !== null) return ['exception', exception.name, exception.message];
  const name = classOf(error);
  if (name === null) return null;
  const members = bareList<unknown>();
  try {
    const keys = ObjectGetOwnPropertyNames(error);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      if (isOfClass(key)) continue;
      const parts = memberParts((error as Record<string, unknown>)[key], depth);
      if (parts !== null) members[members.length] = [key, parts];
    }
    return ['error', name, messageOf(error), members];
  } catch {
    return ['error', name, '', []];
  }
}

function memberParts(value: unknown, depth: number): unknown[] | null {
  if (typeof value === 'symbol' || isCallable(value)) return null;
  if (!isObject(value)) return ['value', value];
  if (depth >= kMostCauses) return null;
  return ArrayIsArray(value) ? listParts(value, depth) : errorParts(value, depth + 1);
}

// As an AggregateError has them.
function listParts(list: readonly unknown[], depth: number): unknown[] {
  const items = bareList<unknown>();
  for (let i = 0; i < list.length; i++) items[i] = memberParts(list[i], depth + 1) ?? ['value'];
  return ['list', items];
}

function classOf(error: object): string | null {
  for (let at: object | null = error; at !== null; at = ObjectGetPrototypeOf(at)) {
    if (SuppressedError !== undefined && at === SuppressedError.prototype) return 'SuppressedError';
    for (let i = 0; i < prototypes.length; i += 2)
      if (prototypes[i] === at) return prototypes[i + 1] as string;
  }
  return null;
}

// What a call throws here.
export function errorFrom(parts: unknown): unknown {
  if (!ArrayIsArray(parts)) throw new TypeError('RPC: an unknown error');
  const error = parts[0] === 'value' ? parts[1] : reviveError(parts);
  return isObject(error) ? asRemote(error) : error;
}

export function reviveError(parts: readonly unknown[]): object {
  if (parts[0] === 'exception') return new DOMException(`${parts[2]}`, `${parts[1]}`);
  const error = makeError(`${parts[1]}`, `${parts[2]}`);
  const members = parts[3];
  if (!ArrayIsArray(members)) return error;
  const areValues = parts[0] === 'members';
  for (let i = 0; i < members.length; i++) {
    const member = members[i];
    if (!ArrayIsArray(member)) continue;
    const value = areValues ? member[1] : reviveMember(member[1]);
    define(error, `${member[0]}`, value);
  }
  return error;
}

function reviveMember(parts: unknown): unknown {
  if (!ArrayIsArray(parts)) throw new TypeError('RPC: an unknown error');
  if (parts[0] === 'value') return parts[1];
  if (parts[0] !== 'list') return reviveError(parts);
  const items = parts[1];
  const list: unknown[] = [];
  if (!ArrayIsArray(items)) return list;
  for (let i = 0; i < items.length; i++) define(list, `${i}`, reviveMember(items[i]));
  return list;
}

function define(error: object, key: string, value: unknown): void {
  ObjectDefineProperty(error, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

// As Workers mark what came from another one.
export function asRemote<E extends object>(error: E): E {
  define(error, 'remote', true);
  return error;
}

// Of "NAME: MESSAGE", as the platform says what an exchange failed of.
export function errorOf(text: string): Error {
  const found = RegExpPrototypeExec(named, text);
  return asRemote(
    found === null ? new Error(text) : makeError(found[1] as string, found[2] as string),
  );
}
