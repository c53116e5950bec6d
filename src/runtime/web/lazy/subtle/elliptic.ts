// ECDSA and ECDH, §23 and §24; Ed25519, Ed448, X25519 and X448, §25, §26 and
// "Secure Curves in the Web Cryptography API".
import { TypeError } from '../../primordials.ts';
import { requireInvocation } from '../../report.ts';
import { agree } from './agreement.ts';
import { type Algorithm, type Given, lengthOf, toSource } from './algorithm.ts';
import { binding } from './binding.ts';
import { attempt, dataError, notSupported, operationError } from './errors.ts';
import { toHash } from './hash.ts';
import { checkAlg } from './jwk.ts';
import { makeKey } from './key.ts';
import { exportPair, importPair, makePair, type PairFormat, requireType } from './key_pair.ts';
import {
  kDeriveBits,
  kDeriveKey,
  kSign,
  kVerify,
  requireSomeUsage,
  requireUsages,
  type Usages,
} from './usages.ts';

interface Purpose {
  readonly use: 'sig' | 'enc';
  readonly ofPublic: Usages;
  readonly ofPrivate: Usages;
}
const kSignatures: Purpose = { use: 'sig', ofPublic: kVerify, ofPrivate: kSign };
const kAgreement: Purpose = { use: 'enc', ofPublic: 0, ofPrivate: kDeriveKey | kDeriveBits };

// The alg of an ECDSA key in a JWK, by curve.
const algs: Readonly<Record<string, string | undefined>> = {
  __proto__: null as never,
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
};

function toCurve(given: Given): string {
  const { namedCurve } = given;
  if (namedCurve === undefined) throw new TypeError('The algorithm has no "namedCurve"');
  return `${namedCurve}`;
}

function requireCurve(curve: string): void {
  if (algs[curve] === undefined) throw notSupported(`Curve "${curve}" is not supported`);
}

function curveFormat(name: string, purpose: Purpose, curve: string): PairFormat {
  return {
    ...purpose,
    name,
    kind: curve,
    kty: 'EC',
    hasRaw: true,
    members: ['x', 'y', 'd'],
    privateFrom: 2,
    check(jwk) {
      if (jwk.crv !== curve) throw dataError(`crv of the JWK is "${jwk.crv}", not "${curve}"`);
      if (name === 'ECDSA') checkAlg(jwk, algs[curve]);
    },
    describe(members) {
      members.add('crv', curve);
    },
  };
}

function curveKeys(name: string, purpose: Purpose): Algorithm {
  return {
    name,
    generateKey(given) {
      const curve = toCurve(given);
      return (extractable, usages) => {
        requireUsages(usages, purpose.ofPublic | purpose.ofPrivate, `An ${name} key`);
        requireCurve(curve);
        requireSomeUsage(usages & purpose.ofPrivate);
        requireInvocation();
        const material = attempt(operationError, () => binding.pairNew(curve));
        const rest = { name, hash: null, curve, length: 0 };
        return makePair(curveFormat(name, purpose, curve), material, extractable, usages, rest);
      };
    },
    importKey(given) {
      const curve = toCurve(given);
      return (data, extractable, usages) => {
        requireCurve(curve);
        const format = curveFormat(name, purpose, curve);
        const { type, material } = importPair(format, data, extractable, usages);
        return makeKey({ type, name, extractable, usages, material, hash: null, curve, length: 0 });
      };
    },
    exportKey: (format, key) =>
      exportPair(curveFormat(name, purpose, key.curve as string), format, key),
  };
}

export const ecdsa: Algorithm = {
  ...curveKeys('ECDSA', kSignatures),
  sign(given) {
    const hash = toHash(given, 'ECDSA');
    return (key, data) => {
      requireType(key, 'private', 'sign');
      return attempt(operationError, () => binding.sign(key.material, 'ECDSA', hash, 0, data));
    };
  },
  verify(given) {
    const hash = toHash(given, 'ECDSA');
    return (key, signature, data) => {
      requireType(key, 'public', 'verify');
      return attempt(operationError, () =>
        binding.verify(key.material, 'ECDSA', hash, 0, signature, data),
      );
    };
  },
};

export const ecdh: Algorithm = { ...curveKeys('ECDH', kAgreement), deriveBits: agree };

function octetKeys(name: string, purpose: Purpose): Algorithm {
  const isSignature = purpose === kSignatures;
  const format: PairFormat = {
    ...purpose,
    name,
    kind: name,
    kty: 'OKP',
    hasRaw: true,
    members: ['x', 'd'],
    privateFrom: 1,
    check(jwk) {
      if (jwk.crv !== name) throw dataError(`crv of the JWK is "${jwk.crv}", not "${name}"`);
      if (isSignature && jwk.alg !== 'EdDSA') checkAlg(jwk, name);
    },
    describe(members) {
      members.add('crv', name);
      if (isSignature) members.add('alg', name);
    },
  };
  const rest = { name, hash: null, curve: null, length: 0 } as const;
  return {
    name,
    generateKey: () => (extractable, usages) => {
      requireUsages(usages, purpose.ofPublic | purpose.ofPrivate, `An ${name} key`);
      requireSomeUsage(usages & purpose.ofPrivate);
      requireInvocation();
      const material = attempt(operationError, () => binding.pairNew(name));
      return makePair(format, material, extractable, usages, rest);
    },
    importKey: () => (data, extractable, usages) => {
      const { type, material } = importPair(format, data, extractable, usages);
      return makeKey({ ...rest, type, extractable, usages, material });
    },
    exportKey: (kind, key) => exportPair(format, kind, key),
  };
}

// Ed448Params: OpenSSL's one-shot signatures are those of the empty context.
function requireNoContext(given: Given): void {
  const { context } = given;
  if (context !== undefined && lengthOf(toSource(context, 'Ed448: context')) !== 0)
    throw operationError('Ed448: a context is not supported');
}

function eddsa(name: string): Algorithm {
  return {
    ...octetKeys(name, kSignatures),
    sign(given) {
      if (name === 'Ed448') requireNoContext(given);
      return (key, data) => {
        requireType(key, 'private', 'sign');
        return attempt(operationError, () => binding.sign(key.material, 'EdDSA', '', 0, data));
      };
    },
    verify(given) {
      if (name === 'Ed448') requireNoContext(given);
      return (key, signature, data) => {
        requireType(key, 'public', 'verify');
        return attempt(operationError, () =>
          binding.verify(key.material, 'EdDSA', '', 0, signature, data),
        );
      };
    },
  };
}

export const ed25519: Algorithm = eddsa('Ed25519');
export const ed448: Algorithm = eddsa('Ed448');
export const x25519: Algorithm = { ...octetKeys('X25519', kAgreement), deriveBits: agree };
export const x448: Algorithm = { ...octetKeys('X448', kAgreement), deriveBits: agree };
