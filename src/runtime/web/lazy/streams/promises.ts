// Promises as the standard uses them: settled from outside, reacted to without
// an unhandled rejection, and made of what a callback returns.
import { innerThen } from '../../inner_promises.ts';
import {
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  PromiseWithResolvers,
  ReflectApply,
} from '../../primordials.ts';
import type { Callable } from '../../webidl.ts';

type Made<T> = Pick<PromiseWithResolvers<T>, 'promise'> & Partial<PromiseWithResolvers<T>>;

// A promise that is settled from outside, made when somebody asks for it: many that
// the standard speaks of are never looked at.
export class Deferred<T> {
  #state: 'pending' | 'fulfilled' | 'rejected' = 'pending';
  #result: unknown = undefined;
  #handled = false;
  #made: Made<T> | null = null;

  get promise(): Promise<T> {
    if (this.#made === null) {
      this.#made = this.#make();
      if (this.#handled) markHandled(this.#made.promise);
    }
    return this.#made.promise;
  }

  get pending(): boolean {
    return this.#state === 'pending';
  }

  resolve(value: T | PromiseLike<T>): void {
    if (this.#state !== 'pending') return;
    this.#state = 'fulfilled';
    if (this.#made !== null) this.#made.resolve?.(value);
    else this.#result = value;
  }

  reject(reason: unknown): void {
    if (this.#state !== 'pending') return;
    this.#state = 'rejected';
    if (this.#made !== null) this.#made.reject?.(reason);
    else this.#result = reason;
  }

  // Sets [[PromiseIsHandled]] to true.
  markHandled(): void {
    if (this.#handled) return;
    this.#handled = true;
    if (this.#made !== null) markHandled(this.#made.promise);
  }

  #make(): Made<T> {
    if (this.#state === 'pending') return PromiseWithResolvers<T>();
    const result = this.#result;
    this.#result = undefined;
    if (this.#state === 'rejected') return { promise: PromiseReject(result) };
    return { promise: PromiseResolve(result) as Promise<T> };
  }

  static resolved<T>(value: T): Deferred<T> {
    const deferred = new Deferred<T>();
    deferred.resolve(value);
    return deferred;
  }

  static rejected<T>(reason: unknown): Deferred<T> {
    const deferred = new Deferred<T>();
    deferred.reject(reason);
    return deferred;
  }
}

function nothing(): void {}

// Sets promise.[[PromiseIsHandled]] to true.
export function markHandled(promise: Promise<unknown>): void {
  upon(promise, undefined, nothing);
}

// "Upon fulfillment" and "upon rejection". Neither reaction throws. The promise may be
// one that script has: what then() throws, which asks it for its constructor, is what it
// rejects with.
export function upon<T>(
  promise: Promise<T>,
  onFulfilled: ((value: T) => void) | undefined,
  onRejected?: (reason: unknown) => void,
): void {
  try {
    PromisePrototypeThen(promise, onFulfilled, onRejected);
  } catch (error) {
    innerThen(PromiseReject(error), undefined, onRejected);
  }
}

// "Reacting to" such a promise, with a result: a plain promise.
export function react<T, A = T, B = never>(
  promise: Promise<T>,
  onFulfilled: ((value: T) => A | PromiseLike<A>) | undefined,
  onRejected?: (reason: unknown) => B | PromiseLike<B>,
): Promise<A | B> {
  const { promise: result, resolve, reject } = PromiseWithResolvers<A | B>();
  const step =
    <V>(run: (value: V) => A | B | PromiseLike<A | B>) =>
    (value: V): void => {
      try {
        resolve(run(value));
      } catch (error) {
        reject(error);
      }
    };
  upon(
    promise,
    onFulfilled === undefined ? (resolve as (value: T) => void) : step(onFulfilled),
    onRejected === undefined ? reject : step(onRejected),
  );
  return result;
}

// Invokes a callback whose IDL return type is a promise.
export function callForPromise(
  callback: Callable,
  receiver: unknown,
  args: unknown[],
): Promise<unknown> {
  try {
    const result: unknown = ReflectApply(callback, receiver, args);
    return result === undefined ? resolvedWithUndefined : PromiseResolve(result);
  } catch (error) {
    return PromiseReject(error);
  }
}

// Never given to script, which could change it for all.
export const resolvedWithUndefined = PromiseResolve(undefined) as Promise<undefined>;

const settled = PromiseResolve(undefined);

export function queueTask(run: () => void): void {
  innerThen(settled, run);
}
