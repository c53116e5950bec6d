// CryptoKey in node:crypto. There is one class of it in an isolate, the platform's
// (web/lazy/subtle/key.ts): Node's library makes its keys by a constructor that gives
// the platform's, and what it keeps of a key in a private field is put on the key.
import { brands } from '../../../web/brands.ts';
import type { Loose } from '../../loose.ts';
import type { Bytes, Tools } from './tools.ts';

/** Of keys.ts: the native key of a handle, and a handle over a native key. */
export interface Handles {
  nativeOf(handle: Loose): Loose;
  wrap(native: Loose): object;
}

// By Node's numbers (kKeyTypeSecret …).
const types = ['secret', 'public', 'private'] as const;
// DER as SubjectPublicKeyInfo or PKCS #8, by Node's numbers.
const der = 0;
const encodings: Readonly<Record<string, number>> = { private: 1, public: 2 };

/** What the platform keeps as the material of keys, and Node's native keys. */
class Materials {
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  ofNative(native: Loose, kind: string): Loose {
    const { keyFromDer, secretNew } = lazy('crypto').binding();
    const type = types[native.type() as number] as string;
    if (type === 'secret') return secretNew(native.secret());
    const bytes: Bytes = this.#tools.native.keyWrite(native, der, encodings[type]);
    return keyFromDer(kind, type === 'private', bytes);
  }

  toNative(material: Loose, type: string): Loose {
    const { keyRead, secretNew } = this.#tools.native;
    if (type === 'secret') return secretNew(material.toRaw());
    return keyRead(type === 'public', der, encodings[type], material.toDer());
  }
}

// Its subclasses get what it is given as their `this`.
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what it is for
    return object;
  }
}

export function webKeys(tools: Tools, { nativeOf, wrap }: Handles): object {
  const materials = new Materials(tools);
  // A key of the platform that Node's library is about to put its field on.
  let adopted: object | undefined;
  let InternalCryptoKey: new () => object;
  let isKnown: (key: object) => boolean;

  /** Of what Node's library makes of a KeyObject, after it has held it to the algorithm. */
  function made(handle: Loose, algorithm: Loose, usages: number, extractable: boolean): object {
    const { makeKey, toUsages } = lazy('subtle');
    const { getUsagesFromMask } = tools.require('internal/crypto/util');
    const { hash, length, modulusLength, name, namedCurve } = algorithm;
    const native = nativeOf(handle);
    const kind = /^RSA/.test(name) ? 'RSA' : (namedCurve ?? name);
    let material: Loose;
    try {
      material = materials.ofNative(native, kind);
    } catch {
      const { lazyDOMException } = tools.require('internal/util');
      throw lazyDOMException(
        `crypto.subtle has no keys of ${name} that were made like this one`,
        'NotSupportedError',
      );
    }
    return makeKey({
      type: types[native.type() as number] as 'secret',
      name,
      extractable,
      usages: toUsages(getUsagesFromMask(usages)),
      material,
      hash: hash?.name ?? null,
      curve: namedCurve ?? null,
      length: length ?? modulusLength ?? 0,
    });
  }

  class NativeCryptoKey extends Given {
    // Marks a key that has Node's field, which it can get once.
    readonly #known = true;

    constructor(handle: Loose, algorithm: Loose, usages: number, extractable: boolean) {
      super(adopted ?? made(handle, algorithm, usages, extractable));
    }
    static {
      isKnown = (key) => #known in key;
    }
  }

  function isCryptoKey(value: unknown): boolean {
    if (!brands.cryptoKey(value)) return false;
    if (isKnown(value)) return true;
    adopted = value;
    try {
      new InternalCryptoKey();
    } finally {
      adopted = undefined;
    }
    return true;
  }

  function getCryptoKeySlots(key: unknown): unknown[] {
    const { algorithmOf, requireKey, usageNames } = lazy('subtle');
    const { getUsagesMask, toUsagesSet } = tools.require('internal/crypto/util');
    const state = requireKey(key, 'The key');
    const type = types.indexOf(state.type);
    const usages = getUsagesMask(toUsagesSet(usageNames(state.usages)));
    const handle = wrap(materials.toNative(state.material, state.type));
    return [type, state.extractable, algorithmOf(state), usages, handle, undefined, undefined];
  }

  return {
    createCryptoKeyClass(make: (Class: unknown) => Loose[]) {
      const classes = make(NativeCryptoKey);
      InternalCryptoKey = classes[1];
      return classes;
    },
    isCryptoKey,
    getCryptoKeySlots,
  };
}
