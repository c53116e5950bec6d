// ReadableStreamPipeTo, Streams Standard §4.9.1. The two locks are held for the
// whole pipe; the four ways to end (either side errors or closes) and an abort
// lead to shutdown(), which waits for writes that were begun.
import {
  type AbortSignal,
  addAlgorithm,
  isAborted,
  reasonOf,
  removeAlgorithm,
} from '../../abort.ts';
import { TypeError } from '../../primordials.ts';
import { Deferred, resolvedWithUndefined, upon } from './promises.ts';
import { DefaultReader, type ReadableState, type ReadRequest } from './readable_state.ts';
import { type WritableState, WriterState } from './writable_state.ts';

export interface PipeOptions {
  readonly preventClose: boolean;
  readonly preventAbort: boolean;
  readonly preventCancel: boolean;
  readonly signal: AbortSignal | undefined;
}

type Failure = { readonly error: unknown };

// Requires: neither is locked.
export function pipe(
  source: ReadableState,
  target: WritableState,
  options: PipeOptions,
): Promise<undefined> {
  return new Pipe(source, target, options).done.promise;
}

class Pipe {
  readonly done = new Deferred<undefined>();
  readonly #source: ReadableState;
  readonly #target: WritableState;
  readonly #reader: DefaultReader;
  readonly #writer: WriterState;
  readonly #options: PipeOptions;
  readonly #onAbort = () => this.#abort();
  readonly #onReady = () => this.#read();
  readonly #request: ReadRequest = {
    chunk: (chunk) => {
      this.#lastWrite = this.#writer.write(chunk);
      this.#lastWrite.markHandled();
      this.#step();
    },
    close: ignore,
    error: ignore,
  };
  #lastWrite: Deferred<undefined> = Deferred.resolved(undefined);
  #shuttingDown = false;

  constructor(source: ReadableState, target: WritableState, options: PipeOptions) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
    this.#reader = new DefaultReader(source);
    this.#writer = new WriterState(target);
    source.disturbed = true;
    const { signal } = options;
    if (signal !== undefined) {
      if (isAborted(signal)) {
        this.#abort();
        return;
      }
      addAlgorithm(signal, this.#onAbort);
    }
    this.#watch();
    this.#step();
  }

  // Errors and closing, forward and backward; the first that holds wins.
  #watch(): void {
    if (this.#source.state === 'errored') this.#sourceErrored();
    else upon(this.#reader.closed.promise, undefined, () => this.#sourceErrored());
    if (this.#target.state === 'errored') this.#targetErrored();
    else upon(this.#writer.closed.promise, undefined, () => this.#targetErrored());
    if (this.#source.state === 'closed') this.#sourceClosed();
    else upon(this.#reader.closed.promise, () => this.#sourceClosed(), ignore);
    if (this.#target.closing || this.#target.state === 'closed') this.#targetClosed();
  }

  #sourceErrored(): void {
    const error = this.#source.storedError;
    if (this.#options.preventAbort) this.#shutdown(null, { error });
    else this.#shutdown(() => this.#target.abort(error), { error });
  }

  #targetErrored(): void {
    const error = this.#target.storedError;
    if (this.#options.preventCancel) this.#shutdown(null, { error });
    else this.#shutdown(() => this.#source.cancel(error), { error });
  }

  #sourceClosed(): void {
    if (this.#options.preventClose) this.#shutdown(null, null);
    else this.#shutdown(() => this.#writer.closeWithErrorPropagation(), null);
  }

  #targetClosed(): void {
    const error = new TypeError('pipeTo: the destination is closed');
    if (this.#options.preventCancel) this.#shutdown(null, { error });
    else this.#shutdown(() => this.#source.cancel(error), { error });
  }

  #abort(): void {
    const error = reasonOf(this.#options.signal as AbortSignal);
    this.#shutdown(
      () => {
        const { preventAbort, preventCancel } = this.#options;
        const aborted =
          !preventAbort && this.#target.state === 'writable'
            ? this.#target.abort(error)
            : resolvedWithUndefined;
        const cancelled =
          !preventCancel && this.#source.state === 'readable'
            ? this.#source.cancel(error)
            : resolvedWithUndefined;
        return both(aborted, cancelled);
      },
      { error },
    );
  }

  // Reads one chunk when the target wants one.
  #step(): void {
    if (this.#shuttingDown) return;
    upon(this.#writer.ready.promise, this.#onReady, ignore);
  }

  #read(): void {
    if (this.#shuttingDown) return;
    this.#reader.read(this.#request);
  }

  // "Shutdown with an action", or without one.
  #shutdown(action: (() => Promise<unknown>) | null, failure: Failure | null): void {
    if (this.#shuttingDown) return;
    this.#shuttingDown = true;
    const act = () => {
      if (action === null) this.#finalize(failure);
      else
        upon(
          action(),
          () => this.#finalize(failure),
          (error) => this.#finalize({ error }),
        );
    };
    if (this.#target.state === 'writable' && !this.#target.closing) this.#afterWrites(act);
    else act();
  }

  // Runs `then` once all writes that were begun have ended, one way or another.
  #afterWrites(then: () => void): void {
    const last = this.#lastWrite;
    const next = () => (last === this.#lastWrite ? then() : this.#afterWrites(then));
    upon(last.promise, next, next);
  }

  #finalize(failure: Failure | null): void {
    this.#writer.release();
    this.#reader.release();
    const { signal } = this.#options;
    if (signal !== undefined) removeAlgorithm(signal, this.#onAbort);
    if (failure === null) this.done.resolve(undefined);
    else this.done.reject(failure.error);
  }
}

function ignore(): void {}

// "Getting a promise to wait for all": rejects with the first rejection.
function both(a: Promise<unknown>, b: Promise<unknown>): Promise<unknown> {
  const done = new Deferred<undefined>();
  let left = 2;
  const arrived = () => {
    if (--left === 0) done.resolve(undefined);
  };
  const failed = (reason: unknown) => done.reject(reason);
  upon(a, arrived, failed);
  upon(b, arrived, failed);
  return done.promise;
}
