// What lies behind a TransformStream, Streams Standard §6.4: a writable and a
// readable side, and back-pressure handed from the one to the other.
import { PromisePrototypeThen, PromiseWithResolvers } from '../../primordials.ts';
import { createDefault } from './create.ts';
import type { DefaultController } from './default_controller.ts';
import { wrongState } from './errors.ts';
import { Deferred, react, resolvedWithUndefined, upon } from './promises.ts';
import type { ReadableState } from './readable_state.ts';
import { createWritable } from './writable_controller.ts';
import type { WritableState } from './writable_state.ts';

export interface Transformer {
  transform: (chunk: unknown) => Promise<unknown>;
  flush: () => Promise<unknown>;
  cancel: (reason: unknown) => Promise<unknown>;
}

export interface Side {
  readonly highWaterMark: number;
  readonly size: (chunk: unknown) => unknown;
}

export class TransformState {
  readonly readable: ReadableState;
  readonly writable: WritableState;
  #transformer: Transformer | null;
  #backpressure = false;
  // [[backpressureChangePromise]], once somebody waits for it.
  #backpressureChange: PromiseWithResolvers<undefined> | null = null;
  #waitingChunk: unknown = undefined; // of the one write that waits for that
  readonly #writeWaiting = () => {
    const chunk = this.#waitingChunk;
    this.#waitingChunk = undefined;
    if (this.writable.state === 'erroring') throw this.writable.storedError;
    return this.#transform(chunk);
  };
  #finish: Deferred<undefined> | null = null;
  readonly #onTransformFailed = (reason: unknown) => {
    this.error(reason);
    throw reason;
  };

  // `started` resolves when the transformer's start() has.
  constructor(transformer: Transformer, started: Promise<unknown>, writable: Side, readable: Side) {
    this.#transformer = transformer;
    this.writable = createWritable(
      {
        start: () => started,
        write: (chunk) => this.#write(chunk),
        close: () => this.#close(),
        abort: (reason) => this.#abort(reason),
      },
      writable.highWaterMark,
      writable.size,
    );
    this.readable = createDefault(
      {
        start: () => started,
        pull: () => this.#pull(),
        cancel: (reason) => this.#cancel(reason),
      },
      readable.highWaterMark,
      readable.size,
    );
    this.#setBackpressure(true);
  }

  get #controller(): DefaultController {
    return this.readable.controller as DefaultController;
  }

  get desiredSize(): number | null {
    return this.#controller.desiredSize;
  }

  // TransformStreamDefaultControllerEnqueue.
  enqueue(chunk: unknown): void {
    const controller = this.#controller;
    if (!controller.canCloseOrEnqueue)
      throw wrongState('enqueue: the readable side is not readable any more');
    try {
      controller.enqueue(chunk);
    } catch (error) {
      this.#errorWritable(error);
      throw this.readable.storedError;
    }
    if (controller.hasBackpressure !== this.#backpressure) this.#setBackpressure(true);
  }

  // TransformStreamError.
  error(reason: unknown): void {
    this.#controller.error(reason);
    this.#errorWritable(reason);
  }

  terminate(): void {
    this.#controller.close();
    this.#errorWritable(wrongState('The transform stream was terminated'));
  }

  #errorWritable(reason: unknown): void {
    this.#transformer = null;
    this.writable.controller.errorIfNeeded(reason);
    this.#unblockWrite();
  }

  #unblockWrite(): void {
    if (this.#backpressure) this.#setBackpressure(false);
  }

  #setBackpressure(backpressure: boolean): void {
    this.#backpressureChange?.resolve(undefined);
    this.#backpressureChange = null;
    this.#backpressure = backpressure;
  }

  #write(chunk: unknown): Promise<unknown> {
    if (!this.#backpressure) return this.#transform(chunk) ?? resolvedWithUndefined;
    this.#waitingChunk = chunk;
    return PromisePrototypeThen(this.#backpressureChanged(), this.#writeWaiting);
  }

  #backpressureChanged(): Promise<undefined> {
    this.#backpressureChange ??= PromiseWithResolvers<undefined>();
    return this.#backpressureChange.promise;
  }

  // null: is done, so that the reaction of the standard has nothing to do.
  #transform(chunk: unknown): Promise<unknown> | null {
    const transformed = this.#transformer?.transform(chunk) ?? resolvedWithUndefined;
    if (transformed === resolvedWithUndefined) return null;
    return react(transformed, undefined, this.#onTransformFailed);
  }

  #abort(reason: unknown): Promise<unknown> {
    return this.#finishBy(
      (transformer) => transformer.cancel(reason),
      (done) => {
        if (this.readable.state === 'errored') done.reject(this.readable.storedError);
        else {
          this.#controller.error(reason);
          done.resolve(undefined);
        }
      },
      (error) => this.#controller.error(error),
    );
  }

  #close(): Promise<unknown> {
    return this.#finishBy(
      (transformer) => transformer.flush(),
      (done) => {
        if (this.readable.state === 'errored') done.reject(this.readable.storedError);
        else {
          this.#controller.close();
          done.resolve(undefined);
        }
      },
      (error) => this.#controller.error(error),
    );
  }

  #cancel(reason: unknown): Promise<unknown> {
    return this.#finishBy(
      (transformer) => transformer.cancel(reason),
      (done) => {
        if (this.writable.state === 'errored') done.reject(this.writable.storedError);
        else {
          this.writable.controller.errorIfNeeded(reason);
          this.#unblockWrite();
          done.resolve(undefined);
        }
      },
      (error) => {
        this.writable.controller.errorIfNeeded(error);
        this.#unblockWrite();
      },
    );
  }

  // Flush or cancel, whichever comes first; the others then share its promise.
  #finishBy(
    run: (transformer: Transformer) => Promise<unknown>,
    onDone: (done: Deferred<undefined>) => void,
    onError: (error: unknown) => void,
  ): Promise<unknown> {
    if (this.#finish !== null) return this.#finish.promise;
    const done = new Deferred<undefined>();
    this.#finish = done;
    const transformer = this.#transformer;
    const result = transformer === null ? resolvedWithUndefined : run(transformer);
    this.#transformer = null;
    upon(
      result,
      () => onDone(done),
      (error) => {
        onError(error);
        done.reject(error);
      },
    );
    return done.promise;
  }

  #pull(): Promise<unknown> {
    this.#setBackpressure(false);
    return this.#backpressureChanged();
  }
}
