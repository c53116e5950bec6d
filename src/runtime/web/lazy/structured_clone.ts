// structuredClone, HTML §2.7. V8's serializer walks the value and asks here about
// what is not a plain object. A platform object is told by its prototype chain, as
// that holds the prototype of an interface; the serializable ones by their brand.
import { brands } from '../brands.ts';
import { cloneException, DOMException } from '../dom_exception.ts';
import { ObjectGetPrototypeOf } from '../primordials.ts';
import { interfaces, isArrayBuffer, toDictionary, toList } from '../webidl.ts';
import type { MessagePort } from './messaging.ts';

export function structuredClone(value: unknown, options: unknown): unknown {
  const { transfer } = toDictionary<{ transfer: unknown }>(options, 'structuredClone');
  const list = transfer === undefined ? [] : toList(transfer, 'structuredClone: option "transfer"');
  return cloneWithPorts(value, list, null).value;
}

// StructuredSerializeWithTransfer and back, §2.7.7. `from` is the port that a message
// is posted by, which may not go with it. `ports` are those that came over, in order.
export function cloneWithPorts(
  value: unknown,
  transfer: readonly unknown[],
  from: MessagePort | null,
): { value: unknown; ports: MessagePort[] } {
  const buffers: ArrayBuffer[] = [];
  const given: MessagePort[] = [];
  for (let i = 0; i < transfer.length; i++) {
    const item = transfer[i];
    if (isArrayBuffer(item)) buffers[buffers.length] = item;
    else if (brands.messagePort(item) && item !== from && lazy('messaging').isOpenPort(item)) {
      for (let j = 0; j < given.length; j++)
        if (given[j] === item) throw dataCloneError('A MessagePort is in the transfer list twice');
      given[given.length] = item;
    } else throw dataCloneError('Only ArrayBuffers and open MessagePorts can be transferred');
  }
  // Ports change hands once the clone has succeeded: until then each is stood for by
  // one that is made for it.
  const ports: MessagePort[] = [];
  for (let i = 0; i < given.length; i++) ports[i] = lazy('messaging').reservePort();
  const clone = (object: object): object | null => {
    for (let i = 0; i < given.length; i++) if (given[i] === object) return ports[i] as MessagePort;
    return clonePlatformObject(object);
  };
  const copy = native.structuredClone(value, buffers, clone, dataCloneError);
  // A getter of the value may have transferred or closed them.
  for (let i = 0; i < given.length; i++)
    if (!lazy('messaging').isOpenPort(given[i]))
      throw dataCloneError('A MessagePort was transferred or closed while it was cloned');
  for (let i = 0; i < given.length; i++)
    lazy('messaging').transferPort(given[i] as MessagePort, ports[i] as MessagePort);
  return { value: copy, ports };
}

function dataCloneError(message: string): DOMException {
  return new DOMException(message, 'DataCloneError');
}

function clonePlatformObject(object: object): object | null {
  if (brands.blob(object)) return lazy('forms').cloneBlob(object);
  if (brands.cryptoKey(object)) return lazy('subtle').cloneKey(object);
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
