// The async iterator of a ReadableStream, Streams Standard §4.2.5 and Web IDL
// §3.7.10: steps run one after another, also when next() is called ahead.
import {
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  ReflectDeleteProperty,
  TypeError,
} from '../../primordials.ts';
import { defineInterface, isObject } from '../../webidl.ts';
import { Deferred } from './promises.ts';
import { DefaultReader, type ReadableState } from './readable_state.ts';

const AsyncIteratorPrototype = ObjectGetPrototypeOf(
  ObjectGetPrototypeOf(async function* () {}.prototype),
);

type Result = IteratorResult<unknown, unknown>;

class ReadableStreamAsyncIterator {
  readonly #reader: DefaultReader;
  readonly #preventCancel: boolean;
  #ongoing: Promise<unknown> | null = null;
  #finished = false;

  constructor(state: ReadableState, preventCancel: boolean) {
    this.#reader = new DefaultReader(state);
    this.#preventCancel = preventCancel;
  }

  next(): Promise<Result> {
    if (!isIterator(this)) return PromiseReject(new TypeError('next: not such an iterator'));
    return this.#afterOngoing(() => this.#next());
  }

  return(value: unknown): Promise<Result> {
    if (!isIterator(this)) return PromiseReject(new TypeError('return: not such an iterator'));
    return this.#afterOngoing(() => this.#return(value));
  }

  static is(value: object): boolean {
    return #reader in value;
  }

  #afterOngoing(step: () => Promise<Result>): Promise<Result> {
    const result =
      this.#ongoing === null ? step() : PromisePrototypeThen(this.#ongoing, step, step);
    this.#ongoing = result;
    return result;
  }

  #next(): Promise<Result> {
    if (this.#finished) return PromiseResolve<Result>({ value: undefined, done: true });
    const deferred = new Deferred<Result>();
    this.#reader.read({
      chunk: (value) => deferred.resolve({ value, done: false }),
      close: () => {
        this.#finish();
        deferred.resolve({ value: undefined, done: true });
      },
      error: (reason) => {
        this.#finish();
        deferred.reject(reason);
      },
    });
    // One reaction more, as in IDL: the next step finds the controller pulled.
    return PromisePrototypeThen(deferred.promise, (result) => result);
  }

  #return(value: unknown): Promise<Result> {
    if (this.#finished) return PromiseResolve<Result>({ value, done: true });
    const cancelled = this.#preventCancel ? null : this.#reader.cancel(value);
    this.#finish();
    if (cancelled === null) return PromiseResolve<Result>({ value, done: true });
    return PromisePrototypeThen(cancelled, () => ({ value, done: true }) as Result);
  }

  #finish(): void {
    this.#finished = true;
    if (this.#reader.stream !== null) this.#reader.release();
  }
}

function isIterator(value: unknown): boolean {
  return isObject(value) && ReadableStreamAsyncIterator.is(value);
}

defineInterface(ReadableStreamAsyncIterator, 'ReadableStream AsyncIterator');
ReflectDeleteProperty(ReadableStreamAsyncIterator.prototype, 'constructor');
ObjectSetPrototypeOf(ReadableStreamAsyncIterator.prototype, AsyncIteratorPrototype);

// Throws when the stream is locked.
export function makeAsyncIterator(state: ReadableState, preventCancel: boolean): object {
  return new ReadableStreamAsyncIterator(state, preventCancel);
}
