// Diffie-Hellman, on any curve: the operation "Derive Bits" of ECDH, X25519, X448.
import { copyOfBytes } from '../../copies.ts';
import {
  ArrayBufferPrototypeGetByteLength,
  TypedArrayPrototypeGetBuffer,
  Uint8Array,
} from '../../primordials.ts';
import type { Algorithm } from './algorithm.ts';
import { binding } from './binding.ts';
import { accessError, attempt, operationError } from './errors.ts';
import { requireKey } from './key.ts';
import { requireType } from './key_pair.ts';

export const agree: NonNullable<Algorithm['deriveBits']> = (given) => {
  const other = requireKey(given.public, 'public');
  return (key, length) => {
    requireType(key, 'private', 'The base key');
    requireType(other, 'public', 'public');
    if (other.name !== key.name || other.curve !== key.curve)
      throw accessError('public: the key is of another algorithm or curve than the base key');
    const secret = attempt(operationError, () => binding.agree(key.material, other.material));
    return length === null ? secret : firstBits(secret, length);
  };
};

function firstBits(secret: ArrayBuffer, length: number): ArrayBuffer {
  const bits = (ArrayBufferPrototypeGetByteLength(secret) as number) * 8;
  if (length > bits) throw operationError(`The secret has ${bits} bits, fewer than ${length}`);
  const rest = length % 8;
  const size = (length - rest) / 8 + (rest === 0 ? 0 : 1);
  const result = TypedArrayPrototypeGetBuffer(copyOfBytes(new Uint8Array(secret, 0, size)));
  if (rest !== 0) {
    const bytes = new Uint8Array(result);
    bytes[size - 1] = (bytes[size - 1] as number) & (0xff << (8 - rest));
  }
  return result;
}
