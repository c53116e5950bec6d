// What lies behind a WritableStream and its writer: Streams Standard §5.5.
import { PromiseReject, PromiseResolve, TypeError } from '../../primordials.ts';
import { wrongState } from './errors.ts';
import { Deferred, upon } from './promises.ts';
import { Queue } from './queue.ts';
import type { WritableController } from './writable_controller.ts';

interface PendingAbort {
  readonly deferred: Deferred<undefined>;
  readonly reason: unknown;
  readonly wasAlreadyErroring: boolean;
}

export class WritableState {
  state: 'writable' | 'erroring' | 'closed' | 'errored' = 'writable';
  storedError: unknown = undefined;
  backpressure = false;
  writer: WriterState | null = null;
  controller!: WritableController; // set by the controller's set-up
  #writeRequests = new Queue<Deferred<undefined>>();
  #inFlightWrite: Deferred<undefined> | null = null;
  #closeRequest: Deferred<undefined> | null = null;
  #inFlightClose: Deferred<undefined> | null = null;
  #pendingAbort: PendingAbort | null = null;

  // Settled at its end, for who does not write (node_interop.ts).
  #ended: Deferred<undefined> | null = null;

  get ended(): Deferred<undefined> {
    if (this.#ended === null) {
      if (this.state === 'closed') this.#ended = Deferred.resolved(undefined);
      else if (this.state === 'errored') this.#ended = Deferred.rejected(this.storedError);
      else this.#ended = new Deferred();
      this.#ended.markHandled();
    }
    return this.#ended;
  }

  get locked(): boolean {
    return this.writer !== null;
  }

  // WritableStreamCloseQueuedOrInFlight.
  get closing(): boolean {
    return this.#closeRequest !== null || this.#inFlightClose !== null;
  }

  get closeRequested(): boolean {
    return this.#closeRequest !== null;
  }

  get writeInFlight(): boolean {
    return this.#inFlightWrite !== null;
  }

  // WritableStreamAbort.
  abort(given: unknown): Promise<undefined> {
    if (this.state === 'closed' || this.state === 'errored') return PromiseResolve(undefined);
    this.controller.signalAbort(given);
    // The listeners of the signal may have changed the state.
    const state = this.state as WritableState['state'];
    if (state === 'closed' || state === 'errored') return PromiseResolve(undefined);
    if (this.#pendingAbort !== null) return this.#pendingAbort.deferred.promise;
    const wasAlreadyErroring = state === 'erroring';
    const reason = wasAlreadyErroring ? undefined : given;
    const deferred = new Deferred<undefined>();
    this.#pendingAbort = { deferred, reason, wasAlreadyErroring };
    if (!wasAlreadyErroring) this.startErroring(reason);
    return deferred.promise;
  }

  // WritableStreamClose.
  close(): Promise<undefined> {
    if (this.state === 'closed' || this.state === 'errored')
      return PromiseReject(wrongState(`close: the stream is ${this.state}`));
    const deferred = new Deferred<undefined>();
    this.#closeRequest = deferred;
    if (this.writer !== null && this.backpressure && this.state === 'writable')
      this.writer.ready.resolve(undefined);
    this.controller.close();
    return deferred.promise;
  }

  addWriteRequest(): Deferred<undefined> {
    const deferred = new Deferred<undefined>();
    this.#writeRequests.push(deferred);
    return deferred;
  }

  markFirstWriteInFlight(): void {
    this.#inFlightWrite = this.#writeRequests.shift();
  }

  markCloseInFlight(): void {
    this.#inFlightClose = this.#closeRequest;
    this.#closeRequest = null;
  }

  finishInFlightWrite(): void {
    this.#inFlightWrite?.resolve(undefined);
    this.#inFlightWrite = null;
  }

  finishInFlightWriteWithError(error: unknown): void {
    this.#inFlightWrite?.reject(error);
    this.#inFlightWrite = null;
    this.dealWithRejection(error);
  }

  finishInFlightClose(): void {
    this.#inFlightClose?.resolve(undefined);
    this.#inFlightClose = null;
    if (this.state === 'erroring') {
      this.storedError = undefined; // the error came too late
      this.#pendingAbort?.deferred.resolve(undefined);
      this.#pendingAbort = null;
    }
    this.state = 'closed';
    this.#ended?.resolve(undefined);
    this.writer?.closed.resolve(undefined);
  }

  finishInFlightCloseWithError(error: unknown): void {
    this.#inFlightClose?.reject(error);
    this.#inFlightClose = null;
    this.#pendingAbort?.deferred.reject(error);
    this.#pendingAbort = null;
    this.dealWithRejection(error);
  }

  dealWithRejection(error: unknown): void {
    if (this.state === 'writable') this.startErroring(error);
    else this.finishErroring();
  }

  startErroring(reason: unknown): void {
    this.state = 'erroring';
    this.storedError = reason;
    this.writer?.ensureReadyRejected(reason);
    const inFlight = this.#inFlightWrite !== null || this.#inFlightClose !== null;
    if (!inFlight && this.controller.started) this.finishErroring();
  }

  // Requires: erroring, nothing in flight.
  finishErroring(): void {
    this.state = 'errored';
    this.controller.errorSteps();
    const error = this.storedError;
    while (this.#writeRequests.length > 0) this.#writeRequests.shift().reject(error);
    const pending = this.#pendingAbort;
    if (pending === null) {
      this.#rejectClose();
      return;
    }
    this.#pendingAbort = null;
    if (pending.wasAlreadyErroring) {
      pending.deferred.reject(error);
      this.#rejectClose();
      return;
    }
    upon(
      this.controller.abortSteps(pending.reason),
      () => {
        pending.deferred.resolve(undefined);
        this.#rejectClose();
      },
      (reason) => {
        pending.deferred.reject(reason);
        this.#rejectClose();
      },
    );
  }

  // WritableStreamRejectCloseAndClosedPromiseIfNeeded.
  #rejectClose(): void {
    this.#closeRequest?.reject(this.storedError);
    this.#closeRequest = null;
    this.#ended?.reject(this.storedError);
    const writer = this.writer;
    if (writer === null) return;
    writer.closed.reject(this.storedError);
    writer.closed.markHandled();
  }

  updateBackpressure(backpressure: boolean): void {
    const writer = this.writer;
    if (writer !== null && backpressure !== this.backpressure) {
      if (backpressure) writer.ready = new Deferred();
      else writer.ready.resolve(undefined);
    }
    this.backpressure = backpressure;
  }
}

export class WriterState {
  stream: WritableState | null;
  ready: Deferred<undefined>;
  closed: Deferred<undefined>;

  // SetUpWritableStreamDefaultWriter. Throws when the stream is locked.
  constructor(stream: WritableState) {
    if (stream.locked) throw wrongState('This WritableStream is currently locked to a writer.');
    this.stream = stream;
    stream.writer = this;
    switch (stream.state) {
      case 'writable':
        this.ready =
          !stream.closing && stream.backpressure ? new Deferred() : Deferred.resolved(undefined);
        this.closed = new Deferred();
        break;
      case 'erroring':
        this.ready = Deferred.rejected(stream.storedError);
        this.ready.markHandled();
        this.closed = new Deferred();
        break;
      case 'closed':
        this.ready = Deferred.resolved(undefined);
        this.closed = Deferred.resolved(undefined);
        break;
      case 'errored':
        this.ready = Deferred.rejected(stream.storedError);
        this.ready.markHandled();
        this.closed = Deferred.rejected(stream.storedError);
        this.closed.markHandled();
    }
  }

  // Throws when released.
  get desiredSize(): number | null {
    const stream = this.stream;
    if (stream === null) throw wrongState('desiredSize: the writer was released');
    if (stream.state === 'errored' || stream.state === 'erroring') return null;
    return stream.state === 'closed' ? 0 : stream.controller.desiredSize;
  }

  // WritableStreamDefaultWriterWrite. Requires: not released.
  write(chunk: unknown): Deferred<undefined> {
    const stream = this.stream as WritableState;
    const size = stream.controller.sizeOf(chunk);
    // size() is the worker's: it may have released the writer, or ended the stream.
    if (stream !== this.stream)
      return Deferred.rejected(wrongState('write: the writer was released'));
    if (stream.state === 'errored') return Deferred.rejected(stream.storedError);
    if (stream.closing || stream.state === 'closed')
      return Deferred.rejected(wrongState('write: the stream is closing or closed'));
    if (stream.state === 'erroring') return Deferred.rejected(stream.storedError);
    const request = stream.addWriteRequest();
    stream.controller.write(chunk, size);
    return request;
  }

  // …CloseWithErrorPropagation. Requires: not released.
  closeWithErrorPropagation(): Promise<undefined> {
    const stream = this.stream as WritableState;
    if (stream.closing || stream.state === 'closed') return PromiseResolve(undefined);
    if (stream.state === 'errored') return PromiseReject(stream.storedError);
    return stream.close();
  }

  ensureReadyRejected(error: unknown): void {
    if (this.ready.pending) this.ready.reject(error);
    else this.ready = Deferred.rejected(error);
    this.ready.markHandled();
  }

  #ensureClosedRejected(error: unknown): void {
    if (this.closed.pending) this.closed.reject(error);
    else this.closed = Deferred.rejected(error);
    this.closed.markHandled();
  }

  // Requires: not released.
  release(): void {
    const stream = this.stream as WritableState;
    const error = new TypeError('The writer was released');
    this.ensureReadyRejected(error);
    this.#ensureClosedRejected(error);
    stream.writer = null;
    this.stream = null;
  }
}
