// HKDF and PBKDF2, §32 and §33.
import { type Algorithm, kLong, refuseFormat, toSource, toUnsigned } from './algorithm.ts';
import { binding } from './binding.ts';
import { attempt, notSupported, operationError, syntaxError } from './errors.ts';
import { toHash } from './hash.ts';
import { makeKey } from './key.ts';
import { kDeriveBits, kDeriveKey, requireUsages } from './usages.ts';

function derivationKeys(name: string): Algorithm {
  return {
    name,
    importKey: () => (data, extractable, usages) => {
      if (data.format !== 'raw') return refuseFormat(name, data.format);
      requireUsages(usages, kDeriveKey | kDeriveBits, `An ${name} key`);
      if (extractable) throw syntaxError(`An ${name} key cannot be extractable`);
      const material = binding.secretNew(data.bytes);
      return makeKey({
        type: 'secret',
        name,
        extractable,
        usages,
        material,
        hash: null,
        curve: null,
        length: 0,
      });
    },
    keyLength: () => null,
  };
}

// In bytes. No bits at all are refused as Workers refuse them.
function toSize(length: number | null, name: string): number {
  if (length === null || length === 0 || length % 8 !== 0)
    throw operationError(`${name}: length has to be a multiple of 8 above 0, not ${length}`);
  return length / 8;
}

export const hkdf: Algorithm = {
  ...derivationKeys('HKDF'),
  deriveBits(given) {
    const hash = toHash(given, 'HKDF');
    const info = toSource(given.info, 'HKDF: info');
    const salt = toSource(given.salt, 'HKDF: salt');
    return (key, length) => {
      const size = toSize(length, 'HKDF');
      return attempt(operationError, () => binding.hkdf(key.material, hash, salt, info, size));
    };
  },
};

// As on Workers: one call may not take a processor for longer.
const kMostIterations = 100_000;

export const pbkdf2: Algorithm = {
  ...derivationKeys('PBKDF2'),
  deriveBits(given) {
    const hash = toHash(given, 'PBKDF2');
    const iterations = toUnsigned(given.iterations, kLong, 'PBKDF2: iterations');
    const salt = toSource(given.salt, 'PBKDF2: salt');
    return (key, length) => {
      const size = toSize(length, 'PBKDF2');
      if (iterations === 0) throw operationError('PBKDF2: iterations is 0');
      if (iterations > kMostIterations)
        throw notSupported(
          `PBKDF2: ${iterations} iterations are more than the ${kMostIterations} that are supported`,
        );
      return attempt(operationError, () =>
        binding.pbkdf2(key.material, hash, salt, iterations, size),
      );
    };
  },
};
