// crypto, Web Cryptography: random values, digests and HMAC; timingSafeEqual as
// Workers have it. Other algorithms are refused by name.
import { DOMException } from '../dom_exception.ts';
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
  isBufferSource,
  kInternal,
  requireArguments,
} from '../webidl.ts';
import { digestName } from './crypto/algorithms.ts';
import * as hmac from './crypto/hmac.ts';
import { CryptoKey, cloneKey } from './crypto/key.ts';

export { CryptoKey, cloneKey };

const kMostRandomBytes = 65_536;

function requireBytes(value: unknown, what: string): ArrayBuffer | ArrayBufferView {
  if (!isBufferSource(value)) throw new TypeError(`${what}: not an ArrayBuffer or a view of one`);
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
      const name = digestName(algorithm);
      return native.digest(name, requireBytes(data, 'digest: data'));
    });
  }

  generateKey(algorithm: unknown, extractable: unknown, usages: unknown): Promise<CryptoKey> {
    return promiseOf(() => {
      this.#check(arguments.length, 3, 'generateKey');
      return hmac.generate(algorithm, !!extractable, usages);
    });
  }

  importKey(
    format: unknown,
    data: unknown,
    algorithm: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<CryptoKey> {
    return promiseOf(() => {
      this.#check(arguments.length, 5, 'importKey');
      return hmac.importKey(`${format}`, data, algorithm, !!extractable, usages);
    });
  }

  exportKey(format: unknown, key: unknown): Promise<unknown> {
    return promiseOf(() => {
      this.#check(arguments.length, 2, 'exportKey');
      return hmac.exportKey(`${format}`, key);
    });
  }

  sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    return promiseOf(() => {
      this.#check(arguments.length, 3, 'sign');
      return hmac.sign(algorithm, key, requireBytes(data, 'sign: data'));
    });
  }

  verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    return promiseOf(() => {
      this.#check(arguments.length, 4, 'verify');
      const given = requireBytes(signature, 'verify: signature');
      return hmac.verify(algorithm, key, given, requireBytes(data, 'verify: data'));
    });
  }

  encrypt(): Promise<never> {
    return this.#refuse('encrypt');
  }
  decrypt(): Promise<never> {
    return this.#refuse('decrypt');
  }
  deriveBits(): Promise<never> {
    return this.#refuse('deriveBits');
  }
  deriveKey(): Promise<never> {
    return this.#refuse('deriveKey');
  }
  wrapKey(): Promise<never> {
    return this.#refuse('wrapKey');
  }
  unwrapKey(): Promise<never> {
    return this.#refuse('unwrapKey');
  }

  // Source: Workers documentation, Web Crypto, "timingSafeEqual".
  timingSafeEqual(a: unknown, b: unknown): boolean {
    this.#check(arguments.length, 2, 'timingSafeEqual');
    const one = requireBytes(a, 'timingSafeEqual: parameter 1');
    const other = requireBytes(b, 'timingSafeEqual: parameter 2');
    if (lengthOf(one) !== lengthOf(other))
      throw new TypeError('timingSafeEqual: the two buffers differ in length');
    return native.timingSafeEqual(one, other);
  }

  #check(given: number, needed: number, what: string): void {
    if (!(#brand in this)) throw new TypeError('The receiver is not a SubtleCrypto');
    requireArguments(given, needed, `crypto.subtle.${what}`);
  }

  #refuse(what: string): Promise<never> {
    return PromiseReject(
      new DOMException(
        `crypto.subtle.${what} is not part of this version of Caravel: it has digest and HMAC`,
        'NotSupportedError',
      ),
    );
  }
}
defineInterface(SubtleCrypto, 'SubtleCrypto');

function lengthOf(bytes: ArrayBuffer | ArrayBufferView): number {
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

  getRandomValues<T>(array: T): T {
    requireArguments(arguments.length, 1, 'crypto.getRandomValues');
    if (!(#subtle in this)) throw new TypeError('The receiver is not a Crypto');
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
    if (!(#subtle in this)) throw new TypeError('The receiver is not a Crypto');
    requireInvocation();
    return native.randomUuid();
  }
}
defineInterface(Crypto, 'Crypto');

export const crypto = new Crypto(kInternal);
