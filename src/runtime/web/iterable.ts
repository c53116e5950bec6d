// Interfaces that are iterable over pairs (Web IDL §3.7.9): Headers,
// URLSearchParams and FormData. The iterator looks at the pairs anew on every
// step, so changes during a walk are seen as the standard says.
import {
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  ReflectApply,
  ReflectDeleteProperty,
  SymbolIterator,
} from './primordials.ts';
import { defineInterface, illegalReceiver, isObject, toFunction } from './webidl.ts';

const IteratorPrototype = ObjectGetPrototypeOf(ObjectGetPrototypeOf([][Symbol.iterator]()));

// Flat [name, value, name, value, …].
export type Pairs<V> = readonly (string | V)[];

type Kind = 0 | 1 | 2; // keys, values, entries
const kKeys = 0;
const kValues = 1;
const kEntries = 2;

// `pairsOf` throws a TypeError for a receiver that is not of the class.
export function definePairIterable<T extends object, V>(
  target: { readonly prototype: T },
  name: string,
  pairsOf: (self: T) => Pairs<V>,
): void {
  class PairIterator {
    readonly #self: T;
    readonly #kind: Kind;
    #index = 0;

    constructor(self: T, kind: Kind) {
      this.#self = self;
      this.#kind = kind;
    }

    next(): IteratorResult<unknown> {
      if (!isObject(this) || !(#self in this)) illegalReceiver(`${name}Iterator`);
      const pairs = pairsOf(this.#self);
      const at = this.#index;
      if (at >= pairs.length) return { value: undefined, done: true };
      this.#index = at + 2;
      const key = pairs[at];
      const value = pairs[at + 1];
      if (this.#kind === kEntries) return { value: [key, value], done: false };
      return { value: this.#kind === kKeys ? key : value, done: false };
    }
  }
  ObjectSetPrototypeOf(PairIterator.prototype, IteratorPrototype);
  defineInterface(PairIterator, `${name} Iterator`);
  ReflectDeleteProperty(PairIterator.prototype, 'constructor');

  function start(self: T, kind: Kind): PairIterator {
    pairsOf(self); // the brand check
    return new PairIterator(self, kind);
  }
  const members = {
    entries(this: T) {
      return start(this, kEntries);
    },
    keys(this: T) {
      return start(this, kKeys);
    },
    values(this: T) {
      return start(this, kValues);
    },
    forEach(this: T, callback: unknown, thisArg: unknown = undefined) {
      pairsOf(this); // the brand check
      const call = toFunction(callback, `${name}.forEach: parameter 1`);
      for (let i = 0, pairs = pairsOf(this); i < pairs.length; i += 2, pairs = pairsOf(this))
        ReflectApply(call, thisArg, [pairs[i + 1], pairs[i], this]);
    },
  };
  define('entries');
  define('keys');
  define('values');
  define('forEach');
  ObjectDefineProperty(target.prototype, SymbolIterator, {
    value: members.entries,
    writable: true,
    enumerable: false,
    configurable: true,
  });

  function define(key: keyof typeof members): void {
    ObjectDefineProperty(target.prototype, key, {
      value: members[key],
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}
