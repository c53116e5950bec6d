// CryptoKey, Web Cryptography §13.
import { brands } from '../../brands.ts';
import { ObjectFreeze } from '../../primordials.ts';
import { defineInterface, illegalConstructor, isObject, kInternal } from '../../webidl.ts';

export type Usage = 'sign' | 'verify';

export interface HmacAlgorithm {
  readonly name: 'HMAC';
  readonly hash: { readonly name: string };
  readonly length: number; // in bits
}

export interface KeyState {
  readonly algorithm: HmacAlgorithm;
  readonly extractable: boolean;
  readonly usages: readonly Usage[];
  readonly secret: ArrayBuffer;
}

let keyStateOf: (value: unknown) => KeyState | null;

export class CryptoKey {
  readonly #state: KeyState;

  static {
    keyStateOf = (value) => (isObject(value) && #state in value ? value.#state : null);
  }

  constructor(token: unknown = undefined, state: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    this.#state = state as KeyState;
  }

  get type(): string {
    return this.#state && 'secret';
  }
  get extractable(): boolean {
    return this.#state.extractable;
  }
  get algorithm(): HmacAlgorithm {
    return this.#state.algorithm;
  }
  get usages(): readonly Usage[] {
    return this.#state.usages;
  }
}
defineInterface(CryptoKey, 'CryptoKey');
brands.cryptoKey = (value): value is CryptoKey => keyStateOf(value) !== null;

export function makeKey(state: KeyState): CryptoKey {
  ObjectFreeze(state.algorithm);
  ObjectFreeze(state.algorithm.hash);
  ObjectFreeze(state.usages);
  return new CryptoKey(kInternal, state);
}

// Serializable, §13.5: its state never changes, so both can hold it.
export function cloneKey(key: CryptoKey): CryptoKey {
  return new CryptoKey(kInternal, keyStateOf(key));
}

export { keyStateOf };
