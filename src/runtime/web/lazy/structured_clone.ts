// structuredClone, HTML §2.7. V8's serializer does the work; platform objects
// have no private state that it could read, so they are refused.
import { DOMException } from '../dom_exception.ts';
import { SymbolIterator, TypeError } from '../primordials.ts';
import { describeError } from '../report.ts';
import { isArrayBuffer, isCallable, isObject, iterate, toDictionary } from '../webidl.ts';

export function structuredClone(value: unknown, options: unknown): unknown {
  const { transfer } = toDictionary<{ transfer: unknown }>(options, 'structuredClone');
  const buffers: ArrayBuffer[] = [];
  if (transfer !== undefined) {
    const method = isObject(transfer) ? (transfer as Iterable<unknown>)[SymbolIterator] : undefined;
    if (!isCallable(method))
      throw new TypeError('structuredClone: option "transfer" is not a sequence');
    iterate(transfer as object, method, (item) => {
      if (!isArrayBuffer(item))
        throw new DOMException(
          'structuredClone: only an ArrayBuffer can be transferred',
          'DataCloneError',
        );
      buffers[buffers.length] = item;
    });
  }
  try {
    return native.structuredClone(value, buffers);
  } catch (error) {
    throw new DOMException(describeError(error).message, 'DataCloneError');
  }
}
