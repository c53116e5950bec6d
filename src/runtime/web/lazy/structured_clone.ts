// structuredClone, HTML §2.7. V8's serializer walks the value and asks here about
// what is not a plain object. A platform object is told by its prototype chain, as
// that holds the prototype of an interface; the serializable ones by their brand.
import { brands } from '../brands.ts';
import { cloneException, DOMException } from '../dom_exception.ts';
import { ObjectGetPrototypeOf, SymbolIterator, TypeError } from '../primordials.ts';
import {
  interfaces,
  isArrayBuffer,
  isCallable,
  isObject,
  iterate,
  toDictionary,
} from '../webidl.ts';

export function structuredClone(value: unknown, options: unknown): unknown {
  const { transfer } = toDictionary<{ transfer: unknown }>(options, 'structuredClone');
  const buffers: ArrayBuffer[] = [];
  if (transfer !== undefined) {
    const method = isObject(transfer) ? (transfer as Iterable<unknown>)[SymbolIterator] : undefined;
    if (!isCallable(method))
      throw new TypeError('structuredClone: option "transfer" is not a sequence');
    iterate(transfer as object, method, (item) => {
      if (!isArrayBuffer(item))
        throw dataCloneError('structuredClone: only an ArrayBuffer can be transferred');
      buffers[buffers.length] = item;
    });
  }
  return native.structuredClone(value, buffers, clonePlatformObject, dataCloneError);
}

function dataCloneError(message: string): DOMException {
  return new DOMException(message, 'DataCloneError');
}

function clonePlatformObject(object: object): object | null {
  if (brands.blob(object)) return lazy('forms').cloneBlob(object);
  if (brands.cryptoKey(object)) return lazy('crypto').cloneKey(object);
  const exception = cloneException(object);
  if (exception !== null) return exception;
  const name = interfaceOf(object);
  if (name === null) return null;
  throw dataCloneError(`#<${name}> could not be cloned.`);
}

function interfaceOf(object: object): string | null {
  let at: object | null = object;
  while (at !== null) {
    for (let i = 0; i < interfaces.length; i += 2)
      if (interfaces[i] === at) return interfaces[i + 1] as string;
    at = ObjectGetPrototypeOf(at);
  }
  return null;
}
