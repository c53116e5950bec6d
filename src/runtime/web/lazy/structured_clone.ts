// structuredClone, HTML §2.7. V8's serializer walks the value and asks here about
// what is not a plain object. A platform object is told by its prototype chain, as
// that holds the prototype of an interface; the serializable ones by their brand.
import { brands } from '../brands.ts';
import { cloneException, DOMException } from '../dom_exception.ts';
import { nodeState } from '../node_globals.ts';
import { Map, MapPrototypeHas, MapPrototypeSet } from '../primordials.ts';
import { interfaceOf, isArrayBuffer, isObject, toDictionary, toList } from '../webidl.ts';
import type { MessagePort } from './messaging.ts';
import type { Handover } from './streams.ts';

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
  const given: Given[] = [];
  const ports: MessagePort[] = [];
  const listed = new Map<unknown, boolean>();
  for (let i = 0; i < transfer.length; i++) {
    const item = transfer[i];
    if (MapPrototypeHas(listed, item))
      throw dataCloneError('An object is in the transfer list twice');
    MapPrototypeSet(listed, item, true);
    if (isArrayBuffer(item)) buffers[buffers.length] = item;
    else if (brands.messagePort(item) && item !== from) {
      const port = lazy('messaging').reservePort();
      ports[ports.length] = port;
      given[given.length] = givenPort(item, port);
    } else if (brands.stream(item)) given[given.length] = givenStream(item);
    else {
      const to = handedOverByNode(item);
      if (to !== null) {
        given[given.length] = { from: item as object, to, mayGive: () => true, give() {} };
        continue;
      }
      throw dataCloneError(
        'Only ArrayBuffers, open MessagePorts, and streams that are not locked can be transferred',
      );
    }
  }
  const clone = (object: object): object | null => {
    for (let i = 0; i < given.length; i++)
      if (given[i]?.from === object) return (given[i] as Given).to;
    return clonePlatformObject(object);
  };
  for (let i = 0; i < given.length; i++) requireGivable(given[i] as Given);
  const copy = native.structuredClone(value, buffers, clone, given.length > 0, dataCloneError);
  // A getter of the value may have transferred, locked or closed them.
  for (let i = 0; i < given.length; i++) requireGivable(given[i] as Given);
  for (let i = 0; i < given.length; i++) {
    requireGivable(given[i] as Given); // a side of a TransformStream has gone with that
    (given[i] as Given).give();
  }
  return { value: copy, ports };
}

// What changes hands once the clone has succeeded: until then it is stood for by `to`,
// which is made for it.
interface Given {
  readonly from: object;
  readonly to: object;
  mayGive(): boolean;
  give(): void;
}

function givenPort(from: MessagePort, to: MessagePort): Given {
  return {
    from,
    to,
    mayGive: () => lazy('messaging').isOpenPort(from),
    give: () => lazy('messaging').transferPort(from, to),
  };
}

function givenStream(from: object): Given {
  const handover = lazy('streams').handOver(from) as Handover;
  return {
    from,
    to: handover.stream,
    mayGive: () => !handover.locked,
    give: () => handover.begin(),
  };
}

function handedOverByNode(item: unknown): object | null {
  const { handOver } = nodeState;
  return handOver === null || !isObject(item) ? null : handOver(item);
}

function requireGivable(given: Given): void {
  if (!given.mayGive())
    throw dataCloneError('A stream that is locked, or a closed port, cannot be transferred');
}

function dataCloneError(message: string): DOMException {
  return new DOMException(message, 'DataCloneError');
}

function clonePlatformObject(object: object): object | null {
  if (brands.blob(object)) return lazy('forms').cloneBlob(object);
  if (brands.cryptoKey(object)) return lazy('subtle').cloneKey(object);
  const exception = cloneException(object);
  if (exception !== null) return exception;
  const ofNode = nodeState.clone === null ? null : nodeState.clone(object);
  if (ofNode === false) throw dataCloneError('Cannot clone object of unsupported type.');
  if (ofNode !== null) return ofNode;
  const name = interfaceOf(object);
  if (name === null) return null;
  throw dataCloneError(`#<${name}> could not be cloned.`);
}
