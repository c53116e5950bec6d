// The async iterator of a ReadableStream, Streams Standard §4.2.5 and Web IDL
// §3.7.10: steps run one after another, also when next() is called ahead.
import {
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  ReflectDeleteProperty,
} from '../../primordials.ts';
import { defineInterface, isObject } from '../../webidl.ts';
import { wrongThis } from './errors.ts';
import { react } from './promises.ts';
import { DefaultReader, type ReadableState } from './readable_state.ts';
import { PendingRead } from './readers.ts';

const AsyncIteratorPrototype = ObjectGetPrototypeOf(
  ObjectGetPrototypeOf(async function* () {}.prototype),
);

type Result = IteratorResult<unknown, unknown>;

class ReadableStreamAsyncIterator {
  readonly #reader: DefaultReader;
  readonly #preventCancel: boolean;
  #ongoing: Promise<unknown> | null = null;
  #ongoingRead: PendingRead | null = null; // whose promise that is, if it is one's
  #waiting = 0; // steps behind the one that is going on
  #finished = false;
  readonly #onEnd = () => this.#finish();
  readonly #onResult = (result: Result) => {
    if (this.#waiting === 0) this.#ongoing = null;
    return result;
  };

  constructor(state: ReadableState, preventCancel: boolean) {
    this.#reader = new DefaultReader(state);
    this.#preventCancel = preventCancel;
  }

  next(): Promise<Result> {
    if (!isIterator(this)) return PromiseReject(wrongThis('next: not such an iterator'));
    const isFree = this.#ongoing === null || this.#ongoingRead?.pending === false;
    if (!isFree || this.#finished) return this.#afterOngoing(() => this.#next());
    // One promise, where the standard has a second that reacts to it: nobody sees the first.
    const read = this.#read();
    this.#ongoingRead = read;
    this.#ongoing = read.promise;
    return read.promise;
  }

  return(value: unknown): Promise<Result> {
    if (!isIterator(this)) return PromiseReject(wrongThis('return: not such an iterator'));
    return this.#afterOngoing(() => this.#return(value));
  }

  static is(value: object): boolean {
    return #reader in value;
  }

  #afterOngoing(step: () => Promise<Result>): Promise<Result> {
    // Of one promise the standard's second comes now, for who waits for it.
    const ongoing =
      this.#ongoing !== null && this.#ongoingRead !== null
        ? react(this.#ongoing, undefined)
        : this.#ongoing;
    const result = ongoing === null ? step() : this.#after(ongoing, step);
    this.#ongoing = result;
    this.#ongoingRead = null;
    return result;
  }

  #after(ongoing: Promise<unknown>, step: () => Promise<Result>): Promise<Result> {
    this.#waiting++;
    const next = () => {
      this.#waiting--;
      return step();
    };
    return react(ongoing, next, next); // script has it
  }

  #next(): Promise<Result> {
    if (this.#finished) return PromiseResolve<Result>({ value: undefined, done: true });
    return PromisePrototypeThen(this.#read().promise, this.#onResult);
  }

  #read(): PendingRead {
    const read = new PendingRead(this.#onEnd);
    this.#reader.read(read);
    return read;
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
