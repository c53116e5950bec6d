// crypto, Web Cryptography: random values, digests, and timingSafeEqual as Workers
// have it. The operations with keys are lazy/subtle.ts, which is loaded on first
// use.
import { DOMException } from '../dom_exception.ts';
import type { LazyModules } from '../lazy_modules.ts';
import type { NativeCrypto, NativeSource } from '../native_crypto.ts';
import {
  PromiseReject,
  PromiseResolve,
  RegExpPrototypeExec,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetToStringTag,
  TypeError,
} from '../primordials.ts';
import { requireInvocation } from '../report.ts';
import {
  bytesOf,
  defineInterface,
  illegalConstructor,
  illegalReceiver,
  isBufferSource,
  isObject,
  kInternal,
  requireArguments,
  withCode,
} from '../webidl.ts';
import type { DigestStream } from './digest_stream.ts';
import { digestName } from './subtle/digests.ts';
import type { CryptoKey, CryptoKeyPair } from './subtle/key.ts';

let bound: NativeCrypto | null = null;

// The native ops, made once for all of cryptography, and not for random values.
export function binding(): NativeCrypto {
  bound ??= native.cryptoBinding();
  return bound;
}

let operations: LazyModules['subtle'] | null = null;

function subtle(): LazyModules['subtle'] {
  operations ??= lazy('subtle');
  return operations;
}

const kMostRandomBytes = 65_536;

function requireBytes(value: unknown, what: string): NativeSource {
  if (!isBufferSource(value))
    throw withCode(
      new TypeError(`${what}: not an ArrayBuffer or a view of one`),
      'ERR_INVALID_ARG_TYPE',
    );
  return value;
}

// Runs `work` now; what it throws is the promise's rejection.
function promiseOf<T>(work: () => T): Promise<T> {
  try {
    return PromiseResolve(work()) as Promise<T>;
  } catch (error) {
    return PromiseReject(error);
  }
}

export class SubtleCrypto {
  readonly #brand = true;

  constructor(token: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
  }

  digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    return promiseOf(() => {
      this.#check(arguments.length, 2, 'digest');
      const bytes = requireBytes(data, 'digest: data');
      return binding().digest(digestName(algorithm), bytes);
    });
  }

  generateKey(
    algorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey | CryptoKeyPair> {
    return promiseOf(() => {
      this.#check(arguments.length, 3, 'generateKey');
      return subtle().generateKey(algorithm, !!extractable, keyUsages);
    });
  }

  importKey(
    format: unknown,
    keyData: unknown,
    algorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey> {
    return promiseOf(() => {
      this.#check(arguments.length, 5, 'importKey');
      return subtle().importKey(format, keyData, algorithm, !!extractable, keyUsages);
    });
  }

  exportKey(format: unknown, key: unknown): Promise<unknown> {
    return promiseOf(() => {
      this.#check(arguments.length, 2, 'exportKey');
      return subtle().exportKey(format, key);
    });
  }

  sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return promiseOf(() => {
      this.#check(arguments.length, 3, 'sign');
      return subtle().sign(algorithm, key, requireBytes(data, 'sign: data'));
    });
  }

  verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    return promiseOf(() => {
      this.#check(arguments.length, 4, 'verify');
      const given = requireBytes(signature, 'verify: signature');
      return subtle().verify(algorithm, key, given, requireBytes(data, 'verify: data'));
    });
  }

  encrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return promiseOf(() => {
      this.#check(arguments.length, 3, 'encrypt');
      return subtle().encrypt(algorithm, key, requireBytes(data, 'encrypt: data'));
    });
  }

  decrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return promiseOf(() => {
      this.#check(arguments.length, 3, 'decrypt');
      return subtle().decrypt(algorithm, key, requireBytes(data, 'decrypt: data'));
    });
  }

  deriveBits(
    algorithm: unknown,
    baseKey: unknown,
    length: unknown = undefined,
  ): Promise<ArrayBuffer> {
    return promiseOf(() => {
      this.#check(arguments.length, 2, 'deriveBits');
      return subtle().deriveBits(algorithm, baseKey, length);
    });
  }

  deriveKey(
    algorithm: unknown,
    baseKey: unknown,
    derivedKeyType: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey> {
    return promiseOf(() => {
      this.#check(arguments.length, 5, 'deriveKey');
      return subtle().deriveKey(algorithm, baseKey, derivedKeyType, !!extractable, keyUsages);
    });
  }

  wrapKey(
    format: unknown,
    key: unknown,
    wrappingKey: unknown,
    wrapAlgorithm: unknown,
  ): Promise<ArrayBuffer> {
    return promiseOf(() => {
      this.#check(arguments.length, 4, 'wrapKey');
      return subtle().wrapKey(format, key, wrappingKey, wrapAlgorithm);
    });
  }

  unwrapKey(
    format: unknown,
    wrappedKey: unknown,
    unwrappingKey: unknown,
    unwrapAlgorithm: unknown,
    unwrappedKeyAlgorithm: unknown,
    extractable: unknown,
    keyUsages: unknown,
  ): Promise<CryptoKey> {
    return promiseOf(() => {
      this.#check(arguments.length, 7, 'unwrapKey');
      return subtle().unwrapKey(
        format,
        requireBytes(wrappedKey, 'unwrapKey: wrappedKey'),
        unwrappingKey,
        unwrapAlgorithm,
        unwrappedKeyAlgorithm,
        !!extractable,
        keyUsages,
      );
    });
  }

  // Source: Workers documentation, Web Crypto, "timingSafeEqual".
  timingSafeEqual(a: unknown, b: unknown): boolean {
    this.#check(arguments.length, 2, 'timingSafeEqual');
    const one = requireBytes(a, 'timingSafeEqual: parameter 1');
    const other = requireBytes(b, 'timingSafeEqual: parameter 2');
    if (lengthOf(one) !== lengthOf(other))
      throw new TypeError('timingSafeEqual: the two buffers differ in length');
    return binding().timingSafeEqual(one, other);
  }

  #check(given: number, needed: number, what: string): void {
    if (!(#brand in this)) throw new TypeError('The receiver is not a SubtleCrypto');
    requireArguments(given, needed, `crypto.subtle.${what}`);
  }
}
defineInterface(SubtleCrypto, 'SubtleCrypto');

function lengthOf(bytes: NativeSource): number {
  return TypedArrayPrototypeGetByteLength(bytesOf(bytes));
}

const integers = /^(?:Big)?(?:Int|Uint)(?:8|8Clamped|16|32|64)Array$/;

export class Crypto {
  readonly #subtle = new SubtleCrypto(kInternal);

  constructor(token: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
  }

  get subtle(): SubtleCrypto {
    return this.#subtle;
  }

  // Source: Workers documentation, Web Crypto, "DigestStream".
  get DigestStream(): typeof DigestStream {
    if (!isObject(this) || !(#subtle in this)) illegalReceiver('Crypto');
    return lazy('digest_stream').DigestStream;
  }

  getRandomValues<T>(array: T): T {
    if (!isObject(this) || !(#subtle in this)) illegalReceiver('Crypto');
    requireArguments(arguments.length, 1, 'crypto.getRandomValues');
    const tag = TypedArrayPrototypeGetToStringTag(array);
    if (tag === undefined || RegExpPrototypeExec(integers, tag) === null)
      throw new DOMException(
        'getRandomValues: parameter 1 is not a typed array of integers',
        'TypeMismatchError',
      );
    const view = array as ArrayBufferView;
    if (lengthOf(view) > kMostRandomBytes)
      throw new DOMException(
        `getRandomValues: ${lengthOf(view)} bytes are more than ${kMostRandomBytes}`,
        'QuotaExceededError',
      );
    requireInvocation();
    native.randomFill(view);
    return array;
  }

  randomUUID(): string {
    if (!isObject(this) || !(#subtle in this)) illegalReceiver('Crypto');
    requireInvocation();
    return native.randomUuid();
  }
}
defineInterface(Crypto, 'Crypto');

export const crypto = new Crypto(kInternal);
