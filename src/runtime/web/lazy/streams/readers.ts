// ReadableStreamDefaultReader and ReadableStreamBYOBReader, Streams Standard
// §4.4 and §4.5, with readAtLeast() of Workers.
import {
  ArrayBufferIsView,
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeGetDetached,
  PromiseReject,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetToStringTag,
  uncurryThis,
} from '../../primordials.ts';
import {
  defineInterface,
  isObject,
  kInternal,
  requireArguments,
  toDictionary,
  toUnsignedLongLong,
  viewOf,
} from '../../webidl.ts';
import { wrongRange, wrongState, wrongThis, wrongType, wrongValue } from './errors.ts';
import { Deferred } from './promises.ts';
import {
  ByobReader,
  DefaultReader,
  type ReadableState,
  type ReadRequest,
} from './readable_state.ts';
import { readableStateOf } from './readable_stream.ts';

type Result = { value: unknown; done: boolean };

// A read request that is a promise.
export class PendingRead extends Deferred<Result> implements ReadRequest {
  readonly #onEnd: (() => void) | null;

  // `onEnd` is called when there is no chunk, before the promise is settled.
  constructor(onEnd: (() => void) | null = null) {
    super();
    this.#onEnd = onEnd;
  }
  chunk(value: unknown): void {
    this.resolve({ value, done: false });
  }
  close(): void {
    this.#onEnd?.();
    this.resolve({ value: undefined, done: true });
  }
  error(reason: unknown): void {
    this.#onEnd?.();
    this.reject(reason);
  }
}

function requireStream(what: string, token: unknown, value: unknown): ReadableState {
  if (token === kInternal) return value as ReadableState;
  const state = readableStateOf(token);
  if (state === null) throw wrongType(`${what}: parameter 1 is not a ReadableStream`);
  return state;
}

function released(what: string): TypeError {
  return wrongState(`${what}: the reader was released`);
}

function wrongReceiver<T>(name: string): Promise<T> {
  return PromiseReject(wrongThis(`The receiver is not a ${name}`));
}

export class ReadableStreamDefaultReader {
  readonly #state: DefaultReader;

  constructor(stream: unknown, state: unknown = undefined) {
    requireArguments(arguments.length, 1, 'ReadableStreamDefaultReader');
    this.#state = new DefaultReader(requireStream('ReadableStreamDefaultReader', stream, state));
  }

  get closed(): Promise<undefined> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver('ReadableStreamDefaultReader');
    return this.#state.closed.promise;
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver('ReadableStreamDefaultReader');
    if (this.#state.stream === null) return PromiseReject(released('cancel'));
    return this.#state.cancel(reason);
  }

  read(): Promise<Result> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver('ReadableStreamDefaultReader');
    if (this.#state.stream === null) return PromiseReject(released('read'));
    const read = new PendingRead();
    this.#state.read(read);
    return read.promise;
  }

  releaseLock(): void {
    if (this.#state.stream !== null) this.#state.release();
  }
}
defineInterface(ReadableStreamDefaultReader, 'ReadableStreamDefaultReader');

export const readByReader: (reader: unknown) => Promise<Result> = uncurryThis(
  ReadableStreamDefaultReader.prototype.read,
);

export class ReadableStreamBYOBReader {
  readonly #state: ByobReader;

  constructor(stream: unknown, state: unknown = undefined) {
    requireArguments(arguments.length, 1, 'ReadableStreamBYOBReader');
    this.#state = new ByobReader(requireStream('ReadableStreamBYOBReader', stream, state));
  }

  get closed(): Promise<undefined> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver('ReadableStreamBYOBReader');
    return this.#state.closed.promise;
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver('ReadableStreamBYOBReader');
    if (this.#state.stream === null) return PromiseReject(released('cancel'));
    return this.#state.cancel(reason);
  }

  read(view: unknown, options: unknown = undefined): Promise<Result> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver('ReadableStreamBYOBReader');
    try {
      requireArguments(arguments.length, 1, 'read');
      const { min } = toDictionary<{ min: unknown }>(options, 'read');
      return this.#read(view, min === undefined ? 1 : toUnsignedLongLong(min, 'read: min'));
    } catch (error) {
      return PromiseReject(error);
    }
  }

  readAtLeast(min: unknown, view: unknown): Promise<Result> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver('ReadableStreamBYOBReader');
    try {
      requireArguments(arguments.length, 2, 'readAtLeast');
      return this.#read(view, toUnsignedLongLong(min, 'readAtLeast: min'));
    } catch (error) {
      return PromiseReject(error);
    }
  }

  #read(view: unknown, min: number): Promise<Result> {
    if (!ArrayBufferIsView(view))
      throw wrongType('read: the argument is not a view of an ArrayBuffer');
    const { buffer, byteLength } = viewOf(view);
    if (byteLength === 0) throw wrongState('read: the view is empty');
    if (ArrayBufferPrototypeGetDetached(buffer))
      throw wrongState("read: the view's buffer is detached");
    if (ArrayBufferPrototypeGetByteLength(buffer) === 0)
      throw wrongState("read: the view's buffer is empty");
    if (min === 0) throw wrongValue('read: min is 0');
    const isTyped = TypedArrayPrototypeGetToStringTag(view) !== undefined;
    const room = isTyped ? TypedArrayPrototypeGetLength(view) : byteLength;
    if (min > room)
      throw wrongRange(
        `read: min is ${min}, and the view has room for ${room}`,
        'ERR_OUT_OF_RANGE',
      );
    if (this.#state.stream === null) throw released('read');
    const deferred = new Deferred<Result>();
    this.#state.read(view, min, {
      chunk: (value) => deferred.resolve({ value, done: false }),
      close: (value) => deferred.resolve({ value, done: true }),
      error: (reason) => deferred.reject(reason),
    });
    return deferred.promise;
  }

  releaseLock(): void {
    if (this.#state.stream !== null) this.#state.release();
  }
}
defineInterface(ReadableStreamBYOBReader, 'ReadableStreamBYOBReader');
