// What of a value others may reach: of a target or an entrypoint what its classes define,
// never what stands on the instance; of plain objects, lists and functions what is their own.
// Source: Workers documentation, "Remote-procedure call (RPC)", "Visibility".
import { isEntrypoint, isTarget } from '../../cloudflare_workers.ts';
import {
  ArrayIsArray,
  ObjectGetPrototypeOf,
  ObjectPrototype,
  ObjectPrototypeHasOwnProperty,
  TypeError,
} from '../../primordials.ts';
import { isCallable, isObject } from '../../webidl.ts';

// Of an entrypoint fetch() and connect() are no methods of RPC.
function isReserved(value: object, key: string): boolean {
  if (key === 'constructor' || key === 'dup') return true;
  return (key === 'fetch' || key === 'connect') && isEntrypoint(value);
}

function isOfClasses(object: object, key: string): boolean {
  if (ObjectPrototypeHasOwnProperty(object, key)) return false;
  let at = ObjectGetPrototypeOf(object);
  while (at !== null && at !== ObjectPrototype) {
    if (ObjectPrototypeHasOwnProperty(at, key)) return true;
    at = ObjectGetPrototypeOf(at);
  }
  return false;
}

function hasVisibleMembers(value: object): boolean {
  if (isCallable(value) || ArrayIsArray(value)) return true;
  return ObjectGetPrototypeOf(value) === ObjectPrototype;
}

export function memberOf(value: unknown, key: string): unknown {
  if (isObject(value)) {
    const isVisible = isTarget(value)
      ? !isReserved(value, key) && isOfClasses(value, key)
      : hasVisibleMembers(value) && ObjectPrototypeHasOwnProperty(value, key);
    if (isVisible) return (value as Record<string, unknown>)[key];
  }
  throw new TypeError(`The RPC receiver does not implement the method "${key}".`);
}
