// Errors as they go from one Worker to another: the name and the message, of the
// standard classes as such an error.
import { cloneException, DOMException } from '../../dom_exception.ts';
import {
  ArrayIsArray,
  Error,
  EvalError,
  ObjectDefineProperty,
  ObjectGetOwnPropertyNames,
  ObjectGetPrototypeOf,
  RangeError,
  ReferenceError,
  RegExpPrototypeExec,
  String,
  SyntaxError,
  TypeError,
  URIError,
} from '../../primordials.ts';
import { isCallable, isObject } from '../../webidl.ts';

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
  const made = classes[name];
  return made === undefined ? new Error(`${name}: ${message}`) : new made(message);
}

// What was thrown, as a value of a message.
export function thrownParts(error: unknown): unknown[] {
  if (!isObject(error)) return ['error', 'Error', `${String(error)}`, []];
  if (isCallable(error)) return ['error', 'Error', 'a function was thrown', []];
  return errorParts(error, 0) ?? ['value', error];
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
  const members: unknown[] = [];
  try {
    const keys = ObjectGetOwnPropertyNames(error);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      if (key === 'stack' || key === 'message' || key === 'remote') continue;
      const parts = memberParts((error as Record<string, unknown>)[key], depth);
      if (parts !== null) members[members.length] = [key, parts];
    }
    return ['error', name, `${(error as { message?: unknown }).message}`, members];
  } catch {
    return ['error', name, '', []];
  }
}

function memberParts(value: unknown, depth: number): unknown[] | null {
  if (typeof value === 'symbol' || isCallable(value)) return null;
  if (!isObject(value)) return ['value', value];
  return depth < kMostCauses ? errorParts(value, depth + 1) : null;
}

function classOf(error: object): string | null {
  for (let at: object | null = error; at !== null; at = ObjectGetPrototypeOf(at))
    for (let i = 0; i < prototypes.length; i += 2)
      if (prototypes[i] === at) return prototypes[i + 1] as string;
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
  for (let i = 0; i < members.length; i++) {
    const member = members[i];
    if (!ArrayIsArray(member) || !ArrayIsArray(member[1])) continue;
    const value = member[1][0] === 'value' ? member[1][1] : reviveError(member[1]);
    define(error, `${member[0]}`, value, member[0] !== 'cause');
  }
  return error;
}

function define(error: object, key: string, value: unknown, enumerable = true): void {
  ObjectDefineProperty(error, key, {
    value,
    configurable: true,
    enumerable,
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
