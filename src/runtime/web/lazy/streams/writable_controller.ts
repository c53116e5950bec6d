// The controller of a writable stream, Streams Standard §5.4 and §5.5.4.
import { type AbortSignal, abortSignal, makeSignal } from '../../abort.ts';
import { PromiseResolve } from '../../primordials.ts';
import { resolvedWithUndefined, upon } from './promises.ts';
import { SizedQueue } from './queue.ts';
import { WritableState } from './writable_state.ts';

export interface SinkAlgorithms {
  start: () => unknown;
  write: (chunk: unknown) => Promise<unknown>;
  close: () => Promise<unknown>;
  abort: (reason: unknown) => Promise<unknown>;
}

// What stands in the queue for a close, §5.5.4.
const kClose = {};

export class WritableController {
  readonly stream: WritableState;
  readonly #queue = new SizedQueue<unknown>();
  readonly #highWaterMark: number;
  #size: ((chunk: unknown) => unknown) | null;
  #algorithms: SinkAlgorithms | null;
  #signal: AbortSignal | null = null;
  #aborted: { reason: unknown } | null = null;
  started = false;
  readonly #onWritten = () => {
    const stream = this.stream;
    stream.finishInFlightWrite();
    this.#queue.shift();
    if (!stream.closing && stream.state === 'writable')
      stream.updateBackpressure(this.#backpressure);
    this.#advance();
  };
  readonly #onWriteFailed = (reason: unknown) => {
    const stream = this.stream;
    if (stream.state === 'writable') this.#clear();
    stream.finishInFlightWriteWithError(reason);
  };

  constructor(
    stream: WritableState,
    algorithms: SinkAlgorithms,
    highWaterMark: number,
    size: (chunk: unknown) => unknown,
  ) {
    this.stream = stream;
    this.#algorithms = algorithms;
    this.#highWaterMark = highWaterMark;
    this.#size = size;
    stream.controller = this;
    stream.updateBackpressure(this.#backpressure);
  }

  // Second half of SetUpWritableStreamDefaultController; throws what start throws.
  start(): void {
    const result = (this.#algorithms as SinkAlgorithms).start();
    upon(
      PromiseResolve(result),
      () => {
        this.started = true;
        this.#advance();
      },
      (reason) => {
        this.started = true;
        this.stream.dealWithRejection(reason);
      },
    );
  }

  // Made on access: hardly any sink asks for it.
  get signal(): AbortSignal {
    if (this.#signal === null) {
      this.#signal = makeSignal();
      if (this.#aborted !== null) abortSignal(this.#signal, this.#aborted.reason);
    }
    return this.#signal;
  }

  signalAbort(reason: unknown): void {
    this.#aborted ??= { reason };
    if (this.#signal !== null) abortSignal(this.#signal, reason);
  }

  get desiredSize(): number {
    return this.#highWaterMark - this.#queue.total;
  }

  get #backpressure(): boolean {
    return this.desiredSize <= 0;
  }

  // …GetChunkSize: errors the stream when the size algorithm throws.
  sizeOf(chunk: unknown): unknown {
    if (this.#size === null) return 1;
    try {
      return this.#size(chunk);
    } catch (error) {
      this.errorIfNeeded(error);
      return 1;
    }
  }

  write(chunk: unknown, size: unknown): void {
    try {
      this.#queue.push(chunk, size);
    } catch (error) {
      this.errorIfNeeded(error);
      return;
    }
    const stream = this.stream;
    if (!stream.closing && stream.state === 'writable')
      stream.updateBackpressure(this.#backpressure);
    this.#advance();
  }

  close(): void {
    this.#queue.push(kClose, 0);
    this.#advance();
  }

  errorIfNeeded(error: unknown): void {
    if (this.stream.state === 'writable') this.error(error);
  }

  // Requires: writable.
  error(error: unknown): void {
    this.#clear();
    this.stream.startErroring(error);
  }

  abortSteps(reason: unknown): Promise<unknown> {
    const result = this.#algorithms?.abort(reason) ?? resolvedWithUndefined;
    this.#clear();
    return result;
  }

  errorSteps(): void {
    this.#queue.clear();
  }

  // …AdvanceQueueIfNeeded.
  #advance(): void {
    const stream = this.stream;
    if (!this.started || stream.writeInFlight) return;
    if (stream.state === 'erroring') {
      stream.finishErroring();
      return;
    }
    if (this.#queue.length === 0) return;
    const next = this.#queue.peek();
    if (next === kClose) this.#processClose();
    else this.#processWrite(next);
  }

  #processClose(): void {
    const stream = this.stream;
    stream.markCloseInFlight();
    this.#queue.shift();
    const closed = (this.#algorithms as SinkAlgorithms).close();
    this.#clear();
    upon(
      closed,
      () => stream.finishInFlightClose(),
      (reason) => stream.finishInFlightCloseWithError(reason),
    );
  }

  #processWrite(chunk: unknown): void {
    this.stream.markFirstWriteInFlight();
    const written = (this.#algorithms as SinkAlgorithms).write(chunk);
    upon(written, this.#onWritten, this.#onWriteFailed);
  }

  #clear(): void {
    this.#algorithms = null;
    this.#size = null;
  }
}

// CreateWritableStream. Requires: algorithms.start does not throw.
export function createWritable(
  algorithms: SinkAlgorithms,
  highWaterMark: number,
  size: (chunk: unknown) => unknown,
): WritableState {
  const stream = new WritableState();
  new WritableController(stream, algorithms, highWaterMark, size).start();
  return stream;
}
