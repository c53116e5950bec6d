// Promises as the standard uses them: settled from outside, reacted to without
// an unhandled rejection, and made of what a callback returns.
import {
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  PromiseWithResolvers,
  ReflectApply,
} from '../../primordials.ts';
import type { Callable } from '../../webidl.ts';

export class Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason: unknown) => void;
  #settled = false;

  constructor() {
    const { promise, resolve, reject } = PromiseWithResolvers<T>();
    this.promise = promise;
    this.resolve = (value) => {
      this.#settled = true;
      resolve(value);
    };
    this.reject = (reason) => {
      this.#settled = true;
      reject(reason);
    };
  }

  get pending(): boolean {
    return !this.#settled;
  }

  static resolved<T>(value: T): Deferred<T> {
    const deferred = new Deferred<T>();
    deferred.resolve(value);
    return deferred;
  }

  // Rejected, and marked as handled.
  static rejected<T>(reason: unknown): Deferred<T> {
    const deferred = new Deferred<T>();
    deferred.reject(reason);
    markHandled(deferred.promise);
    return deferred;
  }
}

function nothing(): void {}

// Sets promise.[[PromiseIsHandled]] to true.
export function markHandled(promise: Promise<unknown>): void {
  PromisePrototypeThen(promise, undefined, nothing);
}

// "Upon fulfillment" and "upon rejection". Neither reaction throws.
export function upon<T>(
  promise: Promise<T>,
  onFulfilled: ((value: T) => void) | undefined,
  onRejected?: (reason: unknown) => void,
): void {
  PromisePrototypeThen(promise, onFulfilled, onRejected);
}

// Invokes a callback whose IDL return type is a promise.
export function callForPromise(
  callback: Callable,
  receiver: unknown,
  args: unknown[],
): Promise<unknown> {
  try {
    return PromiseResolve(ReflectApply(callback, receiver, args));
  } catch (error) {
    return PromiseReject(error);
  }
}

export const resolvedWithUndefined = PromiseResolve(undefined) as Promise<undefined>;

export function queueTask(run: () => void): void {
  PromisePrototypeThen(resolvedWithUndefined, run);
}
