// RSASSA-PKCS1-v1_5, RSA-PSS and RSA-OAEP, §20 to §22.
import {
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetToStringTag,
  TypeError,
  Uint8Array,
} from '../../primordials.ts';
import { requireInvocation } from '../../report.ts';
import { type Algorithm, type Given, kLong, toSource, toUnsigned } from './algorithm.ts';
import { binding } from './binding.ts';
import { attempt, notSupported, operationError } from './errors.ts';
import { toHash } from './hash.ts';
import { checkAlg, type Jwk } from './jwk.ts';
import { type KeyState, makeKey } from './key.ts';
import { exportPair, importPair, makePair, type PairFormat, requireType } from './key_pair.ts';
import {
  kDecrypt,
  kEncrypt,
  kSign,
  kUnwrapKey,
  kVerify,
  kWrapKey,
  requireSomeUsage,
  requireUsages,
  type Usages,
} from './usages.ts';

interface Kind {
  readonly name: string;
  readonly use: 'sig' | 'enc';
  readonly ofPublic: Usages;
  readonly ofPrivate: Usages;
  readonly alg: (hash: string) => string; // of a JWK
}

function formatOf({ name, use, ofPublic, ofPrivate, alg }: Kind, hash: string): PairFormat {
  return {
    name,
    kind: 'RSA',
    kty: 'RSA',
    use,
    ofPublic,
    ofPrivate,
    hasRaw: false,
    members: ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'],
    privateFrom: 2,
    check(jwk: Jwk) {
      checkAlg(jwk, alg(hash));
      if (jwk.oth !== undefined)
        throw notSupported('RSA keys of more than two primes are not supported');
    },
    describe: (members) => members.add('alg', alg(hash)),
  };
}

// A BigInteger, as far as it is a usable exponent: 3 and 65537 are, as on Workers.
function exponentFrom(bytes: Uint8Array): number {
  let exponent = 0;
  const length = TypedArrayPrototypeGetLength(bytes);
  for (let i = 0; i < length && exponent <= 65537; i++)
    exponent = exponent * 256 + (bytes[i] as number);
  if (exponent !== 3 && exponent !== 65537)
    throw operationError('RSA: publicExponent has to be 3 or 65537');
  return exponent;
}

function rsaKeys(kind: Kind): Algorithm {
  const { name } = kind;
  return {
    name,
    generateKey(given) {
      const length = toUnsigned(given.modulusLength, kLong, 'RSA: modulusLength');
      const { publicExponent } = given;
      if (TypedArrayPrototypeGetToStringTag(publicExponent) !== 'Uint8Array')
        throw new TypeError('RSA: publicExponent is not a Uint8Array');
      const hash = toHash(given, name);
      return (extractable, usages) => {
        requireUsages(usages, kind.ofPublic | kind.ofPrivate, `An ${name} key`);
        const exponent = exponentFrom(publicExponent as Uint8Array);
        requireSomeUsage(usages & kind.ofPrivate);
        requireInvocation();
        const material = attempt(operationError, () => binding.rsaNew(length, exponent));
        const rest = { name, hash, curve: null, length };
        return makePair(formatOf(kind, hash), material, extractable, usages, rest);
      };
    },
    importKey(given) {
      const hash = toHash(given, name);
      return (data, extractable, usages) => {
        const { type, material } = importPair(formatOf(kind, hash), data, extractable, usages);
        const length = material.bits();
        return makeKey({ type, name, extractable, usages, material, hash, curve: null, length });
      };
    },
    exportKey: (format, key) => exportPair(formatOf(kind, key.hash as string), format, key),
  };
}

const kSignatures = { use: 'sig', ofPublic: kVerify, ofPrivate: kSign } as const;

function shortAlg(prefix: string): (hash: string) => string {
  const bits: Readonly<Record<string, string>> = {
    __proto__: null as never,
    'SHA-1': '1',
    'SHA-256': '256',
    'SHA-384': '384',
    'SHA-512': '512',
  };
  return (hash) => prefix + bits[hash];
}

function signatures(
  name: string,
  prefix: string,
  toSaltLength: (given: Given) => number,
): Algorithm {
  return {
    ...rsaKeys({ name, ...kSignatures, alg: shortAlg(prefix) }),
    sign(given) {
      const salt = toSaltLength(given);
      return (key, data) => {
        requireType(key, 'private', 'sign');
        return attempt(operationError, () =>
          binding.sign(key.material, name, key.hash as string, salt, data),
        );
      };
    },
    verify(given) {
      const salt = toSaltLength(given);
      return (key, signature, data) => {
        requireType(key, 'public', 'verify');
        return attempt(operationError, () =>
          binding.verify(key.material, name, key.hash as string, salt, signature, data),
        );
      };
    },
  };
}

export const rsaPkcs1: Algorithm = signatures('RSASSA-PKCS1-v1_5', 'RS', () => 0);

const kMostSalt = 1024; // bytes: no longer than the longest modulus

export const rsaPss: Algorithm = signatures('RSA-PSS', 'PS', (given) => {
  const length = toUnsigned(given.saltLength, kLong, 'RSA-PSS: saltLength');
  return length > kMostSalt ? kMostSalt : length;
});

const kNothing = new Uint8Array(0);

function oaep(encrypt: boolean): NonNullable<Algorithm['encrypt']> {
  return (given) => {
    const { label } = given;
    const bytes = label === undefined ? kNothing : toSource(label, 'RSA-OAEP: label');
    return (key: KeyState, data) => {
      requireType(key, encrypt ? 'public' : 'private', encrypt ? 'encrypt' : 'decrypt');
      return attempt(operationError, () =>
        binding.rsaOaep(key.material, encrypt, key.hash as string, bytes, data),
      );
    };
  };
}

export const rsaOaep: Algorithm = {
  ...rsaKeys({
    name: 'RSA-OAEP',
    use: 'enc',
    ofPublic: kEncrypt | kWrapKey,
    ofPrivate: kDecrypt | kUnwrapKey,
    alg: (hash) => (hash === 'SHA-1' ? 'RSA-OAEP' : shortAlg('RSA-OAEP-')(hash)),
  }),
  encrypt: oaep(true),
  decrypt: oaep(false),
};
