// DiffieHellman, DiffieHellmanGroup and ECDH of the binding `crypto`, and new pairs of
// Diffie-Hellman. The classes hold their numbers as native code gives them
// (ops/node/crypto/agreement.h): big-endian, in memory that script does not have.
import * as facts from 'node-facts';
import type { Loose } from '../../loose.ts';
import type { Keys } from './keys.ts';
import type { Bytes, Tools } from './tools.ts';

const { POINT_CONVERSION_UNCOMPRESSED: uncompressed = 4 } = (facts.constants().crypto ??
  {}) as Record<string, number>;

export function agreement(tools: Tools, keys: Keys): object {
  const {
    curveName,
    curveNumberNew,
    curvePoint,
    curvePublic,
    curveSecret,
    groupCheck,
    groupKeyNew,
    groupPrime,
    groupPublic,
    groupSecret,
    keyNumber,
    numberOf,
    safePrimeNew,
  } = tools.native;

  const failed = (message: string) => tools.coded(Error, 'ERR_CRYPTO_OPERATION_FAILED', message);
  const wrongType = (message: string) => tools.coded(TypeError, 'ERR_INVALID_ARG_TYPE', message);
  const numberFrom = (bytes: Loose): ArrayBuffer => numberOf(tools.unshared(bytes));

  /** What OpenSSL refuses becomes the error that Node has for it; limits stay. */
  function orElse<T>(compute: () => T, error: () => Error): T {
    try {
      return compute();
    } catch (cause) {
      throw String((cause as Loose)?.code).startsWith('ERR_OSSL_') ? error() : cause;
    }
  }

  function primeOf(name: unknown): ArrayBuffer {
    if (typeof name !== 'string') throw wrongType('Group name must be a string');
    const prime = groupPrime(name);
    if (prime === undefined)
      throw tools.coded(Error, 'ERR_CRYPTO_UNKNOWN_DH_GROUP', 'Unknown DH group');
    return prime;
  }

  const numberOfInt = (value: number): ArrayBuffer =>
    numberOf(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));

  // A group and the two numbers of one side, which need not be there.
  class Agreement {
    readonly #prime: ArrayBuffer;
    readonly #generator: ArrayBuffer;
    #public: ArrayBuffer | undefined;
    #private: ArrayBuffer | undefined;
    readonly verifyError: number;

    constructor(prime: ArrayBuffer, generator: ArrayBuffer) {
      this.verifyError = groupCheck(prime, generator);
      this.#prime = prime;
      this.#generator = generator;
    }

    // 0 is no number to OpenSSL.
    #given(number: ArrayBuffer | undefined, message: string): Loose {
      if (number === undefined || number.byteLength === 0)
        throw tools.coded(Error, 'ERR_CRYPTO_INVALID_STATE', message);
      return tools.toBuffer(number.slice(0));
    }

    generateKeys(): Loose {
      const fails = () => failed('Key generation failed');
      if (this.#private === undefined) {
        const made = orElse(() => groupKeyNew(this.#prime, this.#generator), fails);
        this.#private = keyNumber(made, 'priv', 0);
        this.#public = keyNumber(made, 'pub', 0);
      } else {
        const made = groupPublic(this.#prime, this.#generator, this.#private);
        if (made === undefined) throw fails();
        this.#public = made;
      }
      return this.getPublicKey();
    }

    computeSecret(other: Bytes): Loose {
      const secret = groupSecret(
        this.#prime,
        this.#private ?? new ArrayBuffer(0),
        tools.unshared(other),
      );
      if (typeof secret === 'string')
        throw tools.coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', `Supplied key is too ${secret}`);
      if (secret === undefined) throw failed('Failed to compute shared secret');
      return tools.toBuffer(secret);
    }

    getPrime(): Loose {
      return this.#given(this.#prime, 'p is null');
    }
    getGenerator(): Loose {
      return this.#given(this.#generator, 'g is null');
    }
    getPublicKey(): Loose {
      return this.#given(this.#public, 'No public key - did you forget to generate one?');
    }
    getPrivateKey(): Loose {
      return this.#given(this.#private, 'No private key - did you forget to generate one?');
    }
    setPublicKey(key: Bytes): void {
      this.#public = numberFrom(key);
    }
    setPrivateKey(key: Bytes): void {
      this.#private = numberFrom(key);
    }
  }

  function safePrime(size: number, generator: unknown): ArrayBuffer {
    if (size < 2) return safePrimeNew(0, 2); // throws what OpenSSL has for it
    if (typeof generator !== 'number') throw wrongType('Second argument must be an int32');
    return orElse(
      () => safePrimeNew(size, generator),
      () => tools.coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'Invalid DH parameters'),
    );
  }

  class DiffieHellman extends Agreement {
    constructor(sizeOrPrime: Loose, generator: Loose) {
      // Below 2 a generator is refused by what checks the group.
      const number =
        typeof generator === 'number' ? numberOfInt(Math.max(generator, 0)) : undefined;
      if (typeof sizeOrPrime !== 'number')
        super(numberFrom(sizeOrPrime), number ?? numberFrom(generator));
      else if (number !== undefined && generator < 2 && sizeOrPrime >= 2)
        super(new ArrayBuffer(0), number);
      else super(safePrime(sizeOrPrime, generator), number as ArrayBuffer);
    }
  }

  class DiffieHellmanGroup extends Agreement {
    constructor(name: unknown) {
      super(primeOf(name), numberOfInt(2));
    }
  }

  function curveOf(name: string): string {
    // Its short name, and no other.
    if (name === '' || curveName(name) !== name)
      throw tools.coded(TypeError, 'ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name');
    return name;
  }

  function pointOf(curve: string, bytes: Bytes, form: number): ArrayBuffer {
    const point = curvePoint(curve, form, tools.unshared(bytes));
    if (point === undefined) throw failed('Failed to convert Buffer to EC_POINT');
    return point;
  }

  class ECDH {
    readonly #curve: string;
    #public: ArrayBuffer | undefined;
    #private: ArrayBuffer | undefined;
    // Whether the public key was given, and may be another than the private one's.
    #isForeign = false;

    constructor(curve: string) {
      this.#curve = curveOf(curve);
    }

    generateKeys(): void {
      this.#adopt(
        orElse(
          () => curveNumberNew(this.#curve),
          () => failed('Failed to generate key'),
        ),
      );
    }

    #adopt(number: Bytes): void {
      const point = curvePublic(this.#curve, number);
      if (point === undefined)
        throw tools.coded(
          RangeError,
          'ERR_CRYPTO_INVALID_KEYTYPE',
          'Private key is not valid for specified curve.',
        );
      this.#private = numberOf(number);
      this.#public = point;
      this.#isForeign = false;
    }

    #belongTogether(): boolean {
      if (!this.#isForeign || this.#private === undefined) return true;
      const own = tools.toBuffer(curvePublic(this.#curve, this.#private));
      return own.equals(tools.toBuffer(this.#public));
    }

    /** A text where the other side's key is none of the curve: Node looks for it. */
    computeSecret(other: Bytes): Loose {
      if (!this.#belongTogether())
        throw tools.coded(RangeError, 'ERR_CRYPTO_INVALID_KEYPAIR', 'Invalid key pair');
      const point = curvePoint(this.#curve, uncompressed, tools.unshared(other));
      if (point === undefined) return 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY';
      const secret = this.#private && curveSecret(this.#curve, this.#private, point);
      if (secret === undefined) throw failed('Failed to compute ECDH key');
      return tools.toBuffer(secret);
    }

    getPublicKey(form: number): Loose {
      if (this.#public === undefined) throw failed('Failed to get ECDH public key');
      return tools.toBuffer(pointOf(this.#curve, this.#public, form));
    }
    getPrivateKey(): Loose {
      if (this.#private === undefined) throw failed('Failed to get ECDH private key');
      return tools.toBuffer(this.#private.slice(0));
    }
    setPrivateKey(key: Bytes): void {
      this.#adopt(tools.unshared(key));
    }
    setPublicKey(key: Bytes): void {
      this.#public = pointOf(this.#curve, key, uncompressed);
      this.#isForeign = true;
    }
  }

  return {
    DiffieHellman,
    DiffieHellmanGroup,
    ECDH,
    ECDHConvertKey(key: Loose, curve: string, form: number): Loose {
      if (key.byteLength === 0) return '';
      return tools.toBuffer(pointOf(curveOf(curve), key, form));
    },
    DhKeyPairGenJob: tools.job(
      'DhKeyPairGenJob',
      (group: Loose, ...rest: Loose[]) => {
        if (typeof group === 'string')
          return keys.encodePair(groupKeyNew(primeOf(group), numberOfInt(2)), rest);
        const [generator = 2, ...encoding] = rest as [number, ...Loose[]];
        const prime =
          typeof group === 'number' ? safePrimeNew(group, generator) : numberFrom(group);
        return keys.encodePair(groupKeyNew(prime, numberOfInt(generator)), encoding);
      },
      (group) => typeof group === 'string' && primeOf(group),
    ),
  };
}
