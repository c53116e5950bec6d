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
export type Rest = (iterator: object) => unknown[] | null;
const kKeys = 0;
const kValues = 1;
const kEntries = 2;

const item = (pairs: Pairs<unknown>, at: number, kind: Kind): unknown =>
  kind === kEntries ? [pairs[at], pairs[at + 1]] : pairs[kind === kKeys ? at : at + 1];

// `pairsOf` throws a TypeError for a receiver that is not of the class. `expose` is given
// the class of the iterators, and what tells the values that one has still to give; null
// for what is none.
export function definePairIterable<T extends object, V>(
  target: { readonly prototype: T },
  name: string,
  pairsOf: (self: T) => Pairs<V>,
  expose?: (iterators: { readonly prototype: object }, rest: Rest) => void,
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
      return { value: item(pairs, at, this.#kind), done: false };
    }

    static {
      expose?.(PairIterator, (self) => {
        if (!isObject(self) || !(#self in self)) return null;
        const rest: unknown[] = [];
        const pairs = pairsOf(self.#self);
        for (let at = self.#index; at < pairs.length; at += 2)
          rest[rest.length] = item(pairs, at, self.#kind);
        return rest;
      });
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
