// Promises that stay within the platform, and whose values script must not see. Both
// `await` and then() ask a promise for its `constructor`, which script may replace on
// Promise.prototype: `await` calls the then() of one with another constructor, and the
// class that then() makes by the constructor's species is given what the reactions
// return. So what is waited for here has a prototype of the platform's own.
import {
  ObjectGetPrototypeOf,
  Promise,
  PromisePrototypeThen,
  ReflectSetPrototypeOf,
} from './primordials.ts';

// As `await` and then() need it to ask nobody else.
const awaited = { __proto__: null, constructor: Promise };
const reactedTo = { __proto__: null };

// For `await`, and for nothing else: it has no then(). Requires: script never gets
// `promise`.
export function inner<T>(promise: Promise<T>): Promise<T> {
  ReflectSetPrototypeOf(promise, awaited);
  return promise;
}

// Reacts to such a promise; what is returned is a plain one.
export function innerThen<T, A = T, B = never>(
  promise: Promise<T>,
  onFulfilled: ((value: T) => A | PromiseLike<A>) | undefined,
  onRejected?: (reason: unknown) => B | PromiseLike<B>,
): Promise<A | B> {
  ReflectSetPrototypeOf(promise, reactedTo);
  return PromisePrototypeThen(promise, onFulfilled, onRejected);
}

export function isInner(promise: object): boolean {
  const prototype = ObjectGetPrototypeOf(promise);
  return prototype === awaited || prototype === reactedTo;
}
