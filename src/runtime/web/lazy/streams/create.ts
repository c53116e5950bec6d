// Readable streams made from inside (§4.9.1) or for a source of the worker's
// (§4.9.4, §4.9.5: "from underlying source").
import { ReflectApply, SymbolAsyncIterator, SymbolIterator, TypeError } from '../../primordials.ts';
import {
  type Callable,
  isCallable,
  isObject,
  toFunction,
  toUnsignedLongLong,
} from '../../webidl.ts';
import { BytesController } from './byte_controller.ts';
import { DefaultController } from './default_controller.ts';
import { wrongRange, wrongState, wrongType, wrongValue } from './errors.ts';
import { callForPromise, resolvedWithUndefined } from './promises.ts';
import { ReadableState } from './readable_state.ts';
import type { SourceAlgorithms } from './source.ts';
import type { Strategy } from './strategies.ts';

const one = () => 1;

// CreateReadableStream. Requires: algorithms.start does not throw.
export function createDefault(
  algorithms: SourceAlgorithms,
  highWaterMark: number,
  size: (chunk: unknown) => unknown = one,
): ReadableState {
  const stream = new ReadableState();
  new DefaultController(stream, algorithms, highWaterMark, size).start();
  return stream;
}

// CreateReadableByteStream. Requires: algorithms.start does not throw.
export function createBytes(algorithms: SourceAlgorithms, highWaterMark = 0): ReadableState {
  const stream = new ReadableState();
  new BytesController(stream, algorithms, highWaterMark, undefined).start();
  return stream;
}

// UnderlyingSource, converted as IDL does: members in alphabetical order.
export interface UnderlyingSource {
  receiver: object | null;
  autoAllocateChunkSize: number | undefined;
  cancel: Callable | undefined;
  pull: Callable | undefined;
  start: Callable | undefined;
  bytes: boolean;
  expectedLength: number; // extension of Workers; -1: not given
}

export function optionalFunction(value: unknown, what: string): Callable | undefined {
  return value === undefined ? undefined : toFunction(value, what);
}

export function toSource(value: unknown): UnderlyingSource {
  const source: UnderlyingSource = {
    receiver: null,
    autoAllocateChunkSize: undefined,
    cancel: undefined,
    pull: undefined,
    start: undefined,
    bytes: false,
    expectedLength: -1,
  };
  if (value === undefined) return source;
  if (!isObject(value)) throw wrongType('ReadableStream: the source is not an object');
  const given = value as Record<string, unknown>;
  source.receiver = value;
  const size = given.autoAllocateChunkSize;
  if (size !== undefined) {
    source.autoAllocateChunkSize = toUnsignedLongLong(size, 'autoAllocateChunkSize');
    if (source.autoAllocateChunkSize === 0)
      throw wrongValue('ReadableStream: autoAllocateChunkSize is 0');
  }
  source.cancel = optionalFunction(given.cancel, 'ReadableStream: cancel');
  const length = given.expectedLength;
  if (length !== undefined) source.expectedLength = toUnsignedLongLong(length, 'expectedLength');
  source.pull = optionalFunction(given.pull, 'ReadableStream: pull');
  source.start = optionalFunction(given.start, 'ReadableStream: start');
  const type = given.type;
  if (type !== undefined) {
    if (`${type}` !== 'bytes')
      throw wrongValue(`ReadableStream: type is "${type}"; it can only be "bytes"`);
    source.bytes = true;
  }
  return source;
}

// Sets `stream` up over a source of the worker's. `wrap` gives the public
// controller, which the callbacks get.
export function setUpFromSource(
  stream: ReadableState,
  source: UnderlyingSource,
  strategy: Strategy,
  wrap: (controller: DefaultController | BytesController) => object,
): void {
  let controller: object;
  const { receiver, start, pull, cancel } = source;
  const algorithms: SourceAlgorithms = {
    start: () => (start === undefined ? undefined : ReflectApply(start, receiver, [controller])),
    pull: () =>
      pull === undefined ? resolvedWithUndefined : callForPromise(pull, receiver, [controller]),
    cancel: (reason) =>
      cancel === undefined ? resolvedWithUndefined : callForPromise(cancel, receiver, [reason]),
  };
  stream.expectedLength = source.expectedLength;
  if (source.bytes) {
    if (strategy.size !== undefined)
      throw wrongRange('ReadableStream: a byte stream takes no size() in its strategy');
    const state = new BytesController(
      stream,
      algorithms,
      strategy.highWaterMark ?? 0,
      source.autoAllocateChunkSize,
    );
    controller = wrap(state);
    state.start();
    return;
  }
  const size = strategy.size;
  const state = new DefaultController(
    stream,
    algorithms,
    strategy.highWaterMark ?? 1,
    size === undefined ? one : (chunk) => ReflectApply(size, undefined, [chunk]),
  );
  controller = wrap(state);
  state.start();
}

// ReadableStreamFromIterable, §4.9.1.
export function createFromIterable(iterable: object): ReadableState {
  const { iterator, next } = getAsyncIterator(iterable);
  const stream = createDefault(
    {
      start: () => undefined,
      pull: async () => {
        const result: unknown = await ReflectApply(next, iterator, []);
        if (!isObject(result)) throw wrongState('from: next() gave no object');
        const { done } = result as IteratorResult<unknown>;
        const controller = stream.controller as DefaultController;
        if (done) controller.close();
        else controller.enqueue(await (result as IteratorResult<unknown>).value);
      },
      cancel: async (reason) => {
        const method: unknown = (iterator as { return?: unknown }).return;
        if (method === undefined || method === null) return;
        const result = await ReflectApply(toFunction(method, 'from: return'), iterator, [reason]);
        if (!isObject(result)) throw wrongState('from: return() gave no object');
      },
    },
    0,
  );
  return stream;
}

function getAsyncIterator(iterable: object): { iterator: object; next: Callable } {
  const asynchronous = (iterable as Partial<AsyncIterable<unknown>>)[SymbolAsyncIterator];
  const method = asynchronous ?? (iterable as Partial<Iterable<unknown>>)[SymbolIterator];
  if (!isCallable(method)) throw new TypeError('from: the value is not iterable');
  const iterator = ReflectApply(method, iterable, []);
  if (!isObject(iterator)) throw wrongState('from: the iterator is not an object');
  const { next } = iterator as { next: unknown };
  return { iterator, next: next as Callable };
}
