// WritableStream, its writer and its controller as script sees them, Streams
// Standard §5.2 to §5.4.
import type { AbortSignal } from '../../abort.ts';
import { PromiseReject, ReflectApply, uncurryThis } from '../../primordials.ts';
import {
  defineInterface,
  illegalConstructor,
  isObject,
  kInternal,
  requireArguments,
} from '../../webidl.ts';
import { optionalFunction } from './create.ts';
import { wrongRange, wrongState, wrongThis, wrongType } from './errors.ts';
import { callForPromise, resolvedWithUndefined } from './promises.ts';
import { requireHighWaterMark, toStrategy } from './strategies.ts';
import { WritableController } from './writable_controller.ts';
import { WritableState, WriterState } from './writable_state.ts';

let writableStateOf: (value: unknown) => WritableState | null;

export class WritableStream {
  readonly #state: WritableState;

  static {
    writableStateOf = (value) => (isObject(value) && #state in value ? value.#state : null);
  }

  constructor(sink: unknown = undefined, strategy: unknown = undefined) {
    if (sink === kInternal) {
      this.#state = strategy as WritableState;
      return;
    }
    if (sink !== undefined && !isObject(sink))
      throw wrongType('WritableStream: the sink is not an object');
    const plan = toStrategy(strategy);
    this.#state = new WritableState();
    setUpFromSink(this.#state, sink, plan);
  }

  get locked(): boolean {
    return this.#state.locked;
  }

  abort(reason: unknown = undefined): Promise<undefined> {
    const state = writableStateOf(this);
    if (state === null) return PromiseReject(wrongThis('The receiver is no WritableStream'));
    if (state.locked) return PromiseReject(wrongState('abort: the stream is locked'));
    return state.abort(reason);
  }

  close(): Promise<undefined> {
    const state = writableStateOf(this);
    if (state === null) return PromiseReject(wrongThis('The receiver is no WritableStream'));
    if (state.locked) return PromiseReject(wrongState('close: the stream is locked'));
    if (state.closing) return PromiseReject(wrongState('close: the stream is closing already'));
    return state.close();
  }

  getWriter(): WritableStreamDefaultWriter {
    return new WritableStreamDefaultWriter(kInternal, this.#state);
  }
}
defineInterface(WritableStream, 'WritableStream');

// SetUpWritableStreamDefaultControllerFromUnderlyingSink, §5.5.4.
function setUpFromSink(
  stream: WritableState,
  sink: object | undefined,
  strategy: ReturnType<typeof toStrategy>,
): void {
  const given = (sink ?? {}) as Record<string, unknown>;
  const abort = optionalFunction(given.abort, 'WritableStream: abort');
  const close = optionalFunction(given.close, 'WritableStream: close');
  const start = optionalFunction(given.start, 'WritableStream: start');
  const type = given.type;
  const write = optionalFunction(given.write, 'WritableStream: write');
  if (type !== undefined) throw wrongRange('WritableStream: the sink has a type');
  const { highWaterMark = 1, size } = requireHighWaterMark(strategy);
  let controller: WritableStreamDefaultController;
  const state = new WritableController(
    stream,
    {
      start: () => (start === undefined ? undefined : ReflectApply(start, sink, [controller])),
      write: (chunk) =>
        write === undefined
          ? resolvedWithUndefined
          : callForPromise(write, sink, [chunk, controller]),
      close: () => (close === undefined ? resolvedWithUndefined : callForPromise(close, sink, [])),
      abort: (reason) =>
        abort === undefined ? resolvedWithUndefined : callForPromise(abort, sink, [reason]),
    },
    highWaterMark,
    size === undefined ? () => 1 : (chunk) => ReflectApply(size, undefined, [chunk]),
  );
  controller = new WritableStreamDefaultController(kInternal, state);
  state.start();
}

export function wrapWritable(state: WritableState): WritableStream {
  return new WritableStream(kInternal, state);
}

export class WritableStreamDefaultController {
  readonly #state: WritableController;

  constructor(token: unknown = undefined, state: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    this.#state = state as WritableController;
  }

  get signal(): AbortSignal {
    return this.#state.signal;
  }

  error(reason: unknown = undefined): void {
    this.#state.errorIfNeeded(reason);
  }
}
defineInterface(WritableStreamDefaultController, 'WritableStreamDefaultController');

const kName = 'WritableStreamDefaultWriter';

function wrongReceiver<T>(): Promise<T> {
  return PromiseReject(wrongThis(`The receiver is not a ${kName}`));
}

function released(what: string): Error {
  return wrongState(`${what}: the writer was released`);
}

export class WritableStreamDefaultWriter {
  readonly #state: WriterState;

  constructor(stream: unknown, state: unknown = undefined) {
    requireArguments(arguments.length, 1, kName);
    const target = stream === kInternal ? (state as WritableState) : writableStateOf(stream);
    if (target === null) throw wrongType(`${kName}: parameter 1 is not a WritableStream`);
    this.#state = new WriterState(target);
  }

  get closed(): Promise<undefined> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver();
    return this.#state.closed.promise;
  }

  get desiredSize(): number | null {
    return this.#state.desiredSize;
  }

  get ready(): Promise<undefined> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver();
    return this.#state.ready.promise;
  }

  abort(reason: unknown = undefined): Promise<undefined> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver();
    const stream = this.#state.stream;
    return stream === null ? PromiseReject(released('abort')) : stream.abort(reason);
  }

  close(): Promise<undefined> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver();
    const stream = this.#state.stream;
    if (stream === null) return PromiseReject(released('close'));
    if (stream.closing) return PromiseReject(wrongState('close: the stream is closing already'));
    return stream.close();
  }

  releaseLock(): void {
    if (this.#state.stream !== null) this.#state.release();
  }

  write(chunk: unknown = undefined): Promise<undefined> {
    if (!isObject(this) || !(#state in this)) return wrongReceiver();
    if (this.#state.stream === null) return PromiseReject(released('write'));
    return this.#state.write(chunk).promise;
  }
}
defineInterface(WritableStreamDefaultWriter, kName);

export const writeByWriter: (writer: unknown, chunk: unknown) => Promise<undefined> = uncurryThis(
  WritableStreamDefaultWriter.prototype.write,
);

export { writableStateOf };
