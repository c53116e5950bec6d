// What an algorithm is here: for each operation that it has, a function that
// normalizes the parameters (§18.4) and gives what carries the operation out. So
// faults in parameters are found before those of the key, as the standard asks.
import type { NativeSource } from '../../native_crypto.ts';
import { TypedArrayPrototypeGetByteLength, TypeError } from '../../primordials.ts';
import { bytesOf, isBufferSource, toUnsignedLongLong } from '../../webidl.ts';
import { notSupported } from './errors.ts';
import type { Jwk, JwkMembers } from './jwk.ts';
import type { CryptoKey, CryptoKeyPair, KeyState } from './key.ts';
import type { Usages } from './usages.ts';

// The dictionary of parameters, as script gave it.
export type Given = Readonly<Record<string, unknown>>;

export type Format = 'raw' | 'pkcs8' | 'spki' | 'jwk';

// `jwk` has a Jwk, the others have bytes.
export type KeyData =
  | { readonly format: 'raw' | 'pkcs8' | 'spki'; readonly bytes: NativeSource }
  | { readonly format: 'jwk'; readonly jwk: Jwk };

type Cipher = (given: Given) => (key: KeyState, data: NativeSource) => ArrayBuffer;

export interface Algorithm {
  readonly name: string;
  readonly generateKey?: (
    given: Given,
  ) => (extractable: boolean, usages: Usages) => CryptoKey | CryptoKeyPair;
  readonly importKey?: (
    given: Given,
  ) => (data: KeyData, extractable: boolean, usages: Usages) => CryptoKey;
  readonly exportKey?: (format: Format, key: KeyState) => ArrayBuffer | JwkMembers;
  readonly sign?: Cipher;
  readonly verify?: (
    given: Given,
  ) => (key: KeyState, signature: NativeSource, data: NativeSource) => boolean;
  readonly encrypt?: Cipher;
  readonly decrypt?: Cipher;
  readonly wrapKey?: Cipher;
  readonly unwrapKey?: Cipher;
  // `length` in bits; null: as many as there are.
  readonly deriveBits?: (given: Given) => (key: KeyState, length: number | null) => ArrayBuffer;
  // In bits, of a key that is derived; null: whatever length there is.
  readonly keyLength?: (given: Given) => number | null;
}

export function refuseFormat(name: string, format: Format): never {
  throw notSupported(`${name}: key format "${format}" is not supported`);
}

// A member that is a BufferSource.
export function toSource(value: unknown, what: string): NativeSource {
  if (!isBufferSource(value)) throw new TypeError(`${what} is not an ArrayBuffer or a view of one`);
  return value;
}

export function lengthOf(source: NativeSource): number {
  return TypedArrayPrototypeGetByteLength(bytesOf(source));
}

// [EnforceRange] of an unsigned type whose greatest value is `most`.
export function toUnsigned(value: unknown, most: number, what: string): number {
  if (value === undefined) throw new TypeError(`${what} is missing`);
  const number = toUnsignedLongLong(value, what);
  if (number > most) throw new TypeError(`${what} is outside 0 to ${most}`);
  return number;
}

export const kOctet = 0xff;
export const kShort = 0xffff;
export const kLong = 0xffff_ffff;
