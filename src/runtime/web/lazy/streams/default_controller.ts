// The default controller of a readable stream, Streams Standard §4.6 and §4.9.4.
import { PromiseResolve, TypeError } from '../../primordials.ts';
import { resolvedWithUndefined, upon } from './promises.ts';
import { SizedQueue } from './queue.ts';
import type { Controller, ReadableState, ReadRequest } from './readable_state.ts';

export interface SourceAlgorithms {
  start: () => unknown;
  pull: () => Promise<unknown>;
  cancel: (reason: unknown) => Promise<unknown>;
}

export class DefaultController implements Controller {
  readonly kind = 'default';
  readonly stream: ReadableState;
  readonly #queue = new SizedQueue<unknown>();
  readonly #highWaterMark: number;
  // Dropped once the stream needs none of them, so that they can be collected.
  #size: ((chunk: unknown) => unknown) | null;
  #algorithms: SourceAlgorithms | null;
  #started = false;
  #closeRequested = false;
  #pulling = false;
  #pullAgain = false;

  constructor(
    stream: ReadableState,
    algorithms: SourceAlgorithms,
    highWaterMark: number,
    size: (chunk: unknown) => unknown,
  ) {
    this.stream = stream;
    this.#algorithms = algorithms;
    this.#highWaterMark = highWaterMark;
    this.#size = size;
    stream.controller = this;
  }

  // Second half of SetUpReadableStreamDefaultController; throws what start throws.
  start(): void {
    const result = (this.#algorithms as SourceAlgorithms).start();
    upon(
      PromiseResolve(result),
      () => {
        this.#started = true;
        this.#pullIfNeeded();
      },
      (reason) => this.error(reason),
    );
  }

  get canCloseOrEnqueue(): boolean {
    return !this.#closeRequested && this.stream.state === 'readable';
  }

  get desiredSize(): number | null {
    if (this.stream.state === 'errored') return null;
    return this.stream.state === 'closed' ? 0 : this.#highWaterMark - this.#queue.total;
  }

  get hasBackpressure(): boolean {
    return !this.#shouldPull();
  }

  // …Close, …Enqueue, …Error: the first two do nothing unless canCloseOrEnqueue.
  close(): void {
    if (!this.canCloseOrEnqueue) return;
    this.#closeRequested = true;
    if (this.#queue.length > 0) return;
    this.#clear();
    this.stream.close();
  }

  // Throws what the size algorithm throws; the stream is errored then.
  enqueue(chunk: unknown): void {
    if (!this.canCloseOrEnqueue) return;
    if (this.stream.pendingReads > 0) {
      this.stream.fulfillRead(chunk, false);
    } else {
      try {
        const size = this.#size === null ? 1 : this.#size(chunk);
        this.#queue.push(chunk, size);
      } catch (error) {
        this.error(error);
        throw error;
      }
    }
    this.#pullIfNeeded();
  }

  error(reason: unknown): void {
    if (this.stream.state !== 'readable') return;
    this.#queue.clear();
    this.#clear();
    this.stream.error(reason);
  }

  cancelSteps(reason: unknown): Promise<unknown> {
    this.#queue.clear();
    const result = this.#algorithms?.cancel(reason) ?? resolvedWithUndefined;
    this.#clear();
    return result;
  }

  pullSteps(request: ReadRequest): void {
    if (this.#queue.length === 0) {
      this.stream.addReadRequest(request);
      this.#pullIfNeeded();
      return;
    }
    const chunk = this.#queue.shift();
    if (this.#closeRequested && this.#queue.length === 0) {
      this.#clear();
      this.stream.close();
    } else {
      this.#pullIfNeeded();
    }
    request.chunk(chunk);
  }

  releaseSteps(): void {}

  // Throws as close() and enqueue() of the public controller do.
  requireOpen(what: string): void {
    if (!this.canCloseOrEnqueue)
      throw new TypeError(`${what}: the stream is not readable any more`);
  }

  #shouldPull(): boolean {
    if (!this.canCloseOrEnqueue || !this.#started) return false;
    return this.stream.pendingReads > 0 || (this.desiredSize as number) > 0;
  }

  #pullIfNeeded(): void {
    if (!this.#shouldPull()) return;
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    this.#pulling = true;
    upon(
      (this.#algorithms as SourceAlgorithms).pull(),
      () => {
        this.#pulling = false;
        if (!this.#pullAgain) return;
        this.#pullAgain = false;
        this.#pullIfNeeded();
      },
      (reason) => this.error(reason),
    );
  }

  #clear(): void {
    this.#algorithms = null;
    this.#size = null;
  }
}
