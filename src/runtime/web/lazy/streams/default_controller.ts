// The default controller of a readable stream, Streams Standard §4.6 and §4.9.4.
import { wrongState } from './errors.ts';
import { SizedQueue } from './queue.ts';
import type { Controller, ReadableState, ReadRequest } from './readable_state.ts';
import { type Pulling, Source, type SourceAlgorithms } from './source.ts';

export class DefaultController implements Controller, Pulling {
  readonly kind = 'default';
  readonly stream: ReadableState;
  readonly #source: Source;
  readonly #queue = new SizedQueue<unknown>();
  readonly #highWaterMark: number;
  // Dropped once no more chunks come, so that it can be collected.
  #size: ((chunk: unknown) => unknown) | null;
  #closeRequested = false;

  constructor(
    stream: ReadableState,
    algorithms: SourceAlgorithms,
    highWaterMark: number,
    size: (chunk: unknown) => unknown,
  ) {
    this.stream = stream;
    this.#source = new Source(this, algorithms);
    this.#highWaterMark = highWaterMark;
    this.#size = size;
    stream.controller = this;
  }

  // Second half of SetUpReadableStreamDefaultController; throws what start throws.
  start(): void {
    this.#source.start();
  }

  get canCloseOrEnqueue(): boolean {
    return !this.#closeRequested && this.stream.state === 'readable';
  }

  get desiredSize(): number | null {
    if (this.stream.state === 'errored') return null;
    return this.stream.state === 'closed' ? 0 : this.#highWaterMark - this.#queue.total;
  }

  get hasBackpressure(): boolean {
    return !this.#source.started || !this.wantsPull();
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
    this.#source.pullIfNeeded();
  }

  error(reason: unknown): void {
    if (this.stream.state !== 'readable') return;
    this.#queue.clear();
    this.#clear();
    this.stream.error(reason);
  }

  cancelSteps(reason: unknown): Promise<unknown> {
    this.#queue.clear();
    this.#size = null;
    return this.#source.cancel(reason);
  }

  pullSteps(request: ReadRequest): void {
    if (this.#queue.length === 0) {
      this.stream.addReadRequest(request);
      this.#source.pullIfNeeded();
      return;
    }
    const chunk = this.#queue.shift();
    if (this.#closeRequested && this.#queue.length === 0) {
      this.#clear();
      this.stream.close();
    } else {
      this.#source.pullIfNeeded();
    }
    request.chunk(chunk);
  }

  releaseSteps(): void {}

  // Throws as close() and enqueue() of the public controller do.
  requireOpen(what: string): void {
    if (!this.canCloseOrEnqueue) throw wrongState(`${what}: the stream is not readable any more`);
  }

  wantsPull(): boolean {
    if (!this.canCloseOrEnqueue) return false;
    return this.stream.pendingReads > 0 || (this.desiredSize as number) > 0;
  }

  #clear(): void {
    this.#source.clear();
    this.#size = null;
  }
}
