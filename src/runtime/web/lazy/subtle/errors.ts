// The exceptions of Web Cryptography, by their names there.
import { DOMException } from '../../dom_exception.ts';
import { ObjectGetPrototypeOf, RangeError } from '../../primordials.ts';

export function accessError(message: string): DOMException {
  return new DOMException(message, 'InvalidAccessError');
}
export function dataError(message: string): DOMException {
  return new DOMException(message, 'DataError');
}
export function notSupported(message: string): DOMException {
  return new DOMException(message, 'NotSupportedError');
}
export function operationError(message: string): DOMException {
  return new DOMException(message, 'OperationError');
}
export function syntaxError(message: string): DOMException {
  return new DOMException(message, 'SyntaxError');
}

// What native code refuses, as `toError` has it. Want of memory stays what it is.
export function attempt<T>(toError: (message: string) => DOMException, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (ObjectGetPrototypeOf(error) === RangeError.prototype) throw error;
    throw toError((error as Error).message);
  }
}
