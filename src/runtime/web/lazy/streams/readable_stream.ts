// ReadableStream as script sees it, Streams Standard §4.2, with its controllers
// (§4.6, §4.7) and the BYOB request (§4.8).
import { type AbortSignal, isSignal } from '../../abort.ts';
import {
  ArrayBufferIsView,
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeGetDetached,
  ObjectDefineProperty,
  PromiseReject,
  SymbolAsyncIterator,
  TypeError,
} from '../../primordials.ts';
import {
  defineInterface,
  illegalConstructor,
  isObject,
  kInternal,
  requireArguments,
  toDictionary,
  toUnsignedLongLong,
  viewOf,
} from '../../webidl.ts';
import { makeAsyncIterator } from './async_iterator.ts';
import type { ByobRequestState, BytesController } from './byte_controller.ts';
import { createFromIterable, setUpFromSource, toSource } from './create.ts';
import { DefaultController } from './default_controller.ts';
import { wrongState, wrongThis, wrongType, wrongValue } from './errors.ts';
import { type PipeOptions, pipe } from './pipe.ts';
import { markHandled } from './promises.ts';
import { ReadableState } from './readable_state.ts';
import { ReadableStreamBYOBReader, ReadableStreamDefaultReader } from './readers.ts';
import { requireHighWaterMark, toStrategy } from './strategies.ts';
import { tee } from './tee.ts';
import { type WritableStream, writableStateOf } from './writable_stream.ts';

let readableStateOf: (value: unknown) => ReadableState | null;

export class ReadableStream {
  readonly #state: ReadableState;

  static {
    readableStateOf = (value) => (isObject(value) && #state in value ? value.#state : null);
  }

  constructor(source: unknown = undefined, strategy: unknown = undefined) {
    if (source === kInternal) {
      this.#state = strategy as ReadableState;
      return;
    }
    const given = source === undefined ? undefined : requireObject(source);
    const plan = toStrategy(strategy);
    const from = toSource(given);
    this.#state = new ReadableState();
    setUpFromSource(this.#state, from, requireHighWaterMark(plan), (controller) =>
      controller instanceof DefaultController
        ? new ReadableStreamDefaultController(kInternal, controller)
        : new ReadableByteStreamController(kInternal, controller),
    );
  }

  static from(iterable: unknown): ReadableStream {
    requireArguments(arguments.length, 1, 'ReadableStream.from');
    if (!isObject(iterable) && typeof iterable !== 'string')
      throw new TypeError('ReadableStream.from: the value is not iterable');
    return wrapReadable(createFromIterable(iterable as object));
  }

  get locked(): boolean {
    return this.#state.locked;
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    const state = readableStateOf(this);
    if (state === null) return PromiseReject(wrongThis('The receiver is no ReadableStream'));
    if (state.locked) return PromiseReject(wrongState('cancel: the stream is locked'));
    return state.cancel(reason);
  }

  getReader(options: unknown = undefined): ReadableStreamDefaultReader | ReadableStreamBYOBReader {
    const state = this.#state;
    const { mode } = toDictionary<{ mode: unknown }>(options, 'getReader');
    if (mode === undefined) return new ReadableStreamDefaultReader(kInternal, state);
    if (`${mode}` !== 'byob')
      throw wrongValue(`getReader: mode is "${mode}"; it can only be "byob"`);
    return new ReadableStreamBYOBReader(kInternal, state);
  }

  pipeThrough(transform: unknown, options: unknown = undefined): unknown {
    requireArguments(arguments.length, 1, 'pipeThrough');
    const state = this.#state;
    if (!isObject(transform)) throw wrongType('pipeThrough: parameter 1 is not an object');
    const { readable } = transform as { readable: unknown };
    if (readableStateOf(readable) === null)
      throw wrongType('pipeThrough: "readable" is not a ReadableStream');
    const target = writableStateOf((transform as { writable: unknown }).writable);
    if (target === null) throw wrongType('pipeThrough: "writable" is not a WritableStream');
    const plan = toPipeOptions(options);
    if (state.locked) throw wrongState('pipeThrough: the stream is locked');
    if (target.locked) throw wrongState('pipeThrough: "writable" is locked');
    markHandled(pipe(state, target, plan));
    return readable;
  }

  pipeTo(destination: unknown, options: unknown = undefined): Promise<undefined> {
    try {
      requireArguments(arguments.length, 1, 'pipeTo');
      const state = this.#state;
      const target = writableStateOf(destination);
      if (target === null) throw wrongType('pipeTo: parameter 1 is not a WritableStream');
      const plan = toPipeOptions(options);
      if (state.locked) throw wrongState('pipeTo: the stream is locked');
      if (target.locked) throw wrongState('pipeTo: the destination is locked');
      return pipe(state, target, plan);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  tee(): [ReadableStream, ReadableStream] {
    const branches = tee(this.#state, null);
    return [wrapReadable(branches[0]), wrapReadable(branches[1])];
  }

  values(options: unknown = undefined): object {
    const state = this.#state;
    const { preventCancel } = toDictionary<{ preventCancel: unknown }>(options, 'values');
    return makeAsyncIterator(state, !!preventCancel);
  }
}
defineInterface(ReadableStream, 'ReadableStream');
ObjectDefineProperty(ReadableStream.prototype, SymbolAsyncIterator, {
  value: ReadableStream.prototype.values,
  writable: true,
  enumerable: false,
  configurable: true,
});

function requireObject(value: unknown): object {
  if (!isObject(value)) throw wrongType('ReadableStream: the source is not an object');
  return value;
}

export function toPipeOptions(value: unknown): PipeOptions {
  const options = toDictionary<PipeOptions>(value, 'pipeTo');
  const preventAbort = !!options.preventAbort;
  const preventCancel = !!options.preventCancel;
  const preventClose = !!options.preventClose;
  const signal: AbortSignal | undefined = options.signal;
  if (signal !== undefined && !isSignal(signal))
    throw wrongType('pipeTo: option "signal" is not an AbortSignal');
  return { preventAbort, preventCancel, preventClose, signal };
}

export function wrapReadable(state: ReadableState): ReadableStream {
  return new ReadableStream(kInternal, state);
}

export class ReadableStreamDefaultController {
  readonly #state: DefaultController;

  constructor(token: unknown = undefined, state: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    this.#state = state as DefaultController;
  }

  get desiredSize(): number | null {
    return this.#state.desiredSize;
  }
  close(): void {
    this.#state.requireOpen('close');
    this.#state.close();
  }
  enqueue(chunk: unknown = undefined): void {
    this.#state.requireOpen('enqueue');
    this.#state.enqueue(chunk);
  }
  error(reason: unknown = undefined): void {
    this.#state.error(reason);
  }
}
defineInterface(ReadableStreamDefaultController, 'ReadableStreamDefaultController');

export class ReadableByteStreamController {
  readonly #state: BytesController;
  #request: { state: ByobRequestState; wrapper: ReadableStreamBYOBRequest } | null = null;

  constructor(token: unknown = undefined, state: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    this.#state = state as BytesController;
  }

  get byobRequest(): ReadableStreamBYOBRequest | null {
    const state = this.#state.byobRequest;
    if (state === null) return null;
    if (this.#request === null || this.#request.state !== state)
      this.#request = { state, wrapper: new ReadableStreamBYOBRequest(kInternal, state) };
    return this.#request.wrapper;
  }
  get desiredSize(): number | null {
    return this.#state.desiredSize;
  }
  close(): void {
    this.#requireOpen('close');
    this.#state.close();
  }
  enqueue(chunk: unknown): void {
    requireArguments(arguments.length, 1, 'enqueue');
    const state = this.#state;
    if (!ArrayBufferIsView(chunk))
      throw wrongType('enqueue: a byte stream takes views of an ArrayBuffer only');
    const { buffer, byteLength } = viewOf(chunk);
    if (byteLength === 0 || ArrayBufferPrototypeGetByteLength(buffer) === 0)
      throw wrongState('enqueue: the chunk is empty');
    this.#requireOpen('enqueue');
    state.enqueue(chunk);
  }
  error(reason: unknown = undefined): void {
    this.#state.error(reason);
  }

  #requireOpen(what: string): void {
    const state = this.#state;
    if (state.closeRequested || state.stream.state !== 'readable')
      throw wrongState(`${what}: the stream is not readable any more`);
  }
}
defineInterface(ReadableByteStreamController, 'ReadableByteStreamController');

export class ReadableStreamBYOBRequest {
  readonly #state: ByobRequestState;

  constructor(token: unknown = undefined, state: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    this.#state = state as ByobRequestState;
  }

  get view(): Uint8Array | null {
    return this.#state.view;
  }
  // Of Workers: the bytes that the reader waits for at least, by readAtLeast().
  get atLeast(): number | null {
    return this.#state.controller?.bytesWanted ?? null;
  }
  respond(bytesWritten: unknown): void {
    requireArguments(arguments.length, 1, 'respond');
    const state = this.#state;
    const count = toUnsignedLongLong(bytesWritten, 'respond: bytesWritten');
    const controller = requireValid(state);
    if (ArrayBufferPrototypeGetDetached(viewOf(state.view as Uint8Array).buffer))
      throw wrongState("respond: the view's buffer is detached");
    controller.respond(count);
  }
  respondWithNewView(view: unknown): void {
    requireArguments(arguments.length, 1, 'respondWithNewView');
    const state = this.#state;
    if (!ArrayBufferIsView(view))
      throw wrongType('respondWithNewView: parameter 1 is not a view of an ArrayBuffer');
    const controller = requireValid(state);
    if (ArrayBufferPrototypeGetDetached(viewOf(view).buffer))
      throw wrongState("respondWithNewView: the view's buffer is detached");
    controller.respondWithNewView(view);
  }
}
defineInterface(ReadableStreamBYOBRequest, 'ReadableStreamBYOBRequest');

function requireValid(state: ByobRequestState): BytesController {
  if (state.controller === null) throw wrongState('The BYOB request was answered already');
  return state.controller;
}

export type { WritableStream };
export { readableStateOf };
