// CryptoKey, §13. Its material is a native object, which script never sees.
import { brands } from '../../brands.ts';
import type { NativeKey } from '../../native_crypto.ts';
import { StringPrototypeStartsWith, TypeError, Uint8Array } from '../../primordials.ts';
import { defineInterface, illegalConstructor, isObject, kInternal } from '../../webidl.ts';
import { type Usages, usageNames } from './usages.ts';

// Never changes, so that clones share it.
export interface KeyState {
  readonly type: 'secret' | 'public' | 'private';
  readonly name: string; // of the algorithm
  readonly extractable: boolean;
  readonly usages: Usages;
  readonly material: NativeKey;
  readonly hash: string | null;
  readonly curve: string | null;
  readonly length: number; // bits of a secret or of a modulus; 0 when not told
}

export interface CryptoKeyPair {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

let keyStateOf: (value: unknown) => KeyState | null;

export class CryptoKey {
  readonly #state: KeyState;
  // One object for each of these two, made when script asks.
  #algorithm: object | null = null;
  #usages: string[] | null = null;

  static {
    keyStateOf = (value) => (isObject(value) && #state in value ? value.#state : null);
  }

  constructor(token: unknown = undefined, state: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    this.#state = state as KeyState;
  }

  get type(): string {
    return this.#state.type;
  }
  get extractable(): boolean {
    return this.#state.extractable;
  }
  get algorithm(): object {
    this.#algorithm ??= algorithmOf(this.#state);
    return this.#algorithm;
  }
  get usages(): string[] {
    this.#usages ??= usageNames(this.#state.usages);
    return this.#usages;
  }
}
defineInterface(CryptoKey, 'CryptoKey');
brands.cryptoKey = (value): value is CryptoKey => keyStateOf(value) !== null;

// The KeyAlgorithm of a key.
export function algorithmOf({ name, hash, curve, length, material }: KeyState): object {
  if (curve !== null) return { name, namedCurve: curve };
  if (hash === null) return length === 0 ? { name } : { name, length };
  if (!StringPrototypeStartsWith(name, 'RSA')) return { name, hash: { name: hash }, length };
  const publicExponent = new Uint8Array(material.exponent());
  return { name, modulusLength: length, publicExponent, hash: { name: hash } };
}

export function makeKey(state: KeyState): CryptoKey {
  return new CryptoKey(kInternal, state);
}

// Serializable, §13.5.
export function cloneKey(key: CryptoKey): CryptoKey {
  return makeKey(keyStateOf(key) as KeyState);
}

export function requireKey(value: unknown, what: string): KeyState {
  const state = keyStateOf(value);
  if (state === null) throw new TypeError(`${what} is not a CryptoKey`);
  return state;
}

export { keyStateOf };
