// HMAC, §31.
import { requireInvocation } from '../../report.ts';
import { type Algorithm, type Given, kLong, toUnsigned } from './algorithm.ts';
import { binding } from './binding.ts';
import { blockLength } from './digests.ts';
import { dataError, operationError } from './errors.ts';
import { toHash } from './hash.ts';
import { type KeyState, makeKey } from './key.ts';
import { exportSecret, importSecret, type SecretFormat } from './secret_key.ts';
import { kSign, kVerify, requireSomeUsage, requireUsages } from './usages.ts';

const kUsages = kSign | kVerify;

const algs: Readonly<Record<string, string>> = {
  __proto__: null as never,
  'SHA-1': 'HS1',
  'SHA-256': 'HS256',
  'SHA-384': 'HS384',
  'SHA-512': 'HS512',
};

function formatOf(hash: string): SecretFormat {
  return { name: 'HMAC', use: 'sig', alg: () => algs[hash] };
}

interface Params {
  readonly hash: string;
  readonly length: number | undefined; // in bits
}

function toParams(given: Given): Params {
  const hash = toHash(given, 'HMAC');
  const { length } = given;
  return {
    hash,
    length: length === undefined ? undefined : toUnsigned(length, kLong, 'HMAC: length'),
  };
}

function lengthFrom({ hash, length }: Params): number {
  if (length === 0) throw operationError('HMAC: a key of 0 bits cannot be made');
  return length ?? blockLength(hash) * 8;
}

export const hmac: Algorithm = {
  name: 'HMAC',
  generateKey(given) {
    const params = toParams(given);
    return (extractable, usages) => {
      requireUsages(usages, kUsages, 'An HMAC key');
      const length = lengthFrom(params);
      requireSomeUsage(usages);
      requireInvocation();
      const material = binding.secretRandom((length + 7 - ((length + 7) % 8)) / 8);
      const { hash } = params;
      return makeKey({ ...secret, extractable, usages, material, hash, length });
    };
  },
  importKey(given) {
    const { hash, length } = toParams(given);
    return (data, extractable, usages) => {
      requireUsages(usages, kUsages, 'An HMAC key');
      const material = importSecret(formatOf(hash), data, extractable, usages);
      const bits = material.bits();
      if (bits === 0) throw dataError('HMAC: the key is empty');
      if (length !== undefined && (length > bits || length <= bits - 8))
        throw dataError(`HMAC: the key has ${bits} bits, not ${length}`);
      return makeKey({ ...secret, extractable, usages, material, hash, length: length ?? bits });
    };
  },
  exportKey: (format, key) => exportSecret(formatOf(key.hash as string), format, key),
  sign: () => (key, data) => binding.sign(key.material, 'HMAC', key.hash as string, 0, data),
  verify: () => (key, signature, data) =>
    binding.verify(key.material, 'HMAC', key.hash as string, 0, signature, data),
  keyLength: (given) => lengthFrom(toParams(given)),
};

const secret: Pick<KeyState, 'type' | 'name' | 'curve'> = {
  type: 'secret',
  name: 'HMAC',
  curve: null,
};
