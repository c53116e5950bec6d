// What of a value others may reach: of a target or an entrypoint what its classes define,
// never what stands on the instance; of plain objects and lists what is their own.
// Source: Workers documentation, "Remote-procedure call (RPC)", "Visibility".
import { isTarget } from '../../cloudflare_workers.ts';
import {
  ArrayIsArray,
  ObjectGetPrototypeOf,
  ObjectPrototype,
  ObjectPrototypeHasOwnProperty,
  TypeError,
} from '../../primordials.ts';
import { isCallable, isObject } from '../../webidl.ts';

function isReserved(key: string): boolean {
  return key === 'constructor' || key === 'fetch' || key === 'connect' || key === 'dup';
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

export function memberOf(value: unknown, key: string): unknown {
  if (isObject(value) && !isCallable(value)) {
    const isVisible = isTarget(value)
      ? !isReserved(key) && isOfClasses(value, key)
      : (ArrayIsArray(value) || ObjectGetPrototypeOf(value) === ObjectPrototype) &&
        ObjectPrototypeHasOwnProperty(value, key);
    if (isVisible) return (value as Record<string, unknown>)[key];
  }
  throw new TypeError(`The RPC receiver does not implement the method "${key}".`);
}
