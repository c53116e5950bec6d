// AES-CTR, AES-CBC, AES-GCM and AES-KW, §27 to §30.
import { Uint8Array } from '../../primordials.ts';
import { requireInvocation } from '../../report.ts';
import {
  type Algorithm,
  type Given,
  kOctet,
  kShort,
  lengthOf,
  toSource,
  toUnsigned,
} from './algorithm.ts';
import { binding } from './binding.ts';
import { attempt, dataError, operationError } from './errors.ts';
import { makeKey } from './key.ts';
import { exportSecret, importSecret, type SecretFormat } from './secret_key.ts';
import {
  kDecrypt,
  kEncrypt,
  kUnwrapKey,
  kWrapKey,
  requireSomeUsage,
  requireUsages,
  type Usages,
} from './usages.ts';

const kNothing = new Uint8Array(0);

function isKeyLength(bits: number): boolean {
  return bits === 128 || bits === 192 || bits === 256;
}

function toLength(given: Given): number {
  return toUnsigned(given.length, kShort, 'AES: length');
}

function requireLength(bits: number): number {
  if (!isKeyLength(bits)) throw operationError(`AES: a key has 128, 192 or 256 bits, not ${bits}`);
  return bits;
}

// What the four have in common; `mode` as JWK has it.
function aesKeys(name: string, mode: string, allowed: Usages): Algorithm {
  const format: SecretFormat = {
    name,
    use: 'enc',
    alg: (bits) => (isKeyLength(bits) ? `A${bits}${mode}` : undefined),
  };
  const state = { type: 'secret', name, hash: null, curve: null } as const;
  return {
    name,
    generateKey(given) {
      const wanted = toLength(given);
      return (extractable, usages) => {
        requireUsages(usages, allowed, `An ${name} key`);
        const length = requireLength(wanted);
        requireSomeUsage(usages);
        requireInvocation();
        const material = binding.secretRandom(length / 8);
        return makeKey({ ...state, extractable, usages, material, length });
      };
    },
    importKey: () => (data, extractable, usages) => {
      requireUsages(usages, allowed, `An ${name} key`);
      const material = importSecret(format, data, extractable, usages);
      const length = material.bits();
      if (!isKeyLength(length))
        throw dataError(`AES: a key has 128, 192 or 256 bits, not ${length}`);
      return makeKey({ ...state, extractable, usages, material, length });
    },
    exportKey: (kind, key) => exportSecret(format, kind, key),
    keyLength: (given) => requireLength(toLength(given)),
  };
}

const kCipherUsages = kEncrypt | kDecrypt | kWrapKey | kUnwrapKey;

function ctr(given: Given): ReturnType<NonNullable<Algorithm['encrypt']>> {
  const counter = toSource(given.counter, 'AES-CTR: counter');
  const length = toUnsigned(given.length, kOctet, 'AES-CTR: length');
  return (key, data) => {
    if (lengthOf(counter) !== 16) throw operationError('AES-CTR: the counter has to be 16 bytes');
    if (length === 0 || length > 128)
      throw operationError(`AES-CTR: length has to be 1 to 128, not ${length}`);
    return attempt(operationError, () => binding.aesCtr(key.material, counter, length, data));
  };
}

export const aesCtr: Algorithm = {
  ...aesKeys('AES-CTR', 'CTR', kCipherUsages),
  encrypt: ctr,
  decrypt: ctr,
};

function cbc(encrypt: boolean): NonNullable<Algorithm['encrypt']> {
  return (given) => {
    const iv = toSource(given.iv, 'AES-CBC: iv');
    return (key, data) => {
      if (lengthOf(iv) !== 16) throw operationError('AES-CBC: the iv has to be 16 bytes');
      return attempt(operationError, () => binding.aesCbc(key.material, encrypt, iv, data));
    };
  };
}

export const aesCbc: Algorithm = {
  ...aesKeys('AES-CBC', 'CBC', kCipherUsages),
  encrypt: cbc(true),
  decrypt: cbc(false),
};

function isTagLength(bits: number): boolean {
  return bits === 32 || bits === 64 || (bits >= 96 && bits <= 128 && bits % 8 === 0);
}

function gcm(encrypt: boolean): NonNullable<Algorithm['encrypt']> {
  return (given) => {
    const { additionalData } = given;
    const additional =
      additionalData === undefined ? kNothing : toSource(additionalData, 'AES-GCM: additionalData');
    const iv = toSource(given.iv, 'AES-GCM: iv');
    const { tagLength } = given;
    const bits =
      tagLength === undefined ? 128 : toUnsigned(tagLength, kOctet, 'AES-GCM: tagLength');
    return (key, data) => {
      if (!isTagLength(bits))
        throw operationError(`AES-GCM: tagLength cannot be ${bits}; use 128, or 96 to 120`);
      return attempt(operationError, () =>
        binding.aesGcm(key.material, encrypt, iv, additional, bits / 8, data),
      );
    };
  };
}

export const aesGcm: Algorithm = {
  ...aesKeys('AES-GCM', 'GCM', kCipherUsages),
  encrypt: gcm(true),
  decrypt: gcm(false),
};

function kw(wrap: boolean): NonNullable<Algorithm['wrapKey']> {
  return () => (key, data) =>
    attempt(operationError, () => binding.aesKw(key.material, wrap, data));
}

export const aesKw: Algorithm = {
  ...aesKeys('AES-KW', 'KW', kWrapKey | kUnwrapKey),
  wrapKey: kw(true),
  unwrapKey: kw(false),
};
