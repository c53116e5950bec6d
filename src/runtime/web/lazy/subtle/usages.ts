// What a key may be used for (§13.2, KeyUsage): a set, as bits of a number.
import { TypeError } from '../../primordials.ts';
import { iterableMethod, iterate } from '../../webidl.ts';
import { syntaxError } from './errors.ts';

export type Usages = number;

export const kEncrypt = 1;
export const kDecrypt = 2;
export const kSign = 4;
export const kVerify = 8;
export const kDeriveKey = 16;
export const kDeriveBits = 32;
export const kWrapKey = 64;
export const kUnwrapKey = 128;

const bits: Readonly<Record<string, Usages | undefined>> = {
  __proto__: null as never,
  encrypt: kEncrypt,
  decrypt: kDecrypt,
  sign: kSign,
  verify: kVerify,
  deriveKey: kDeriveKey,
  deriveBits: kDeriveBits,
  wrapKey: kWrapKey,
  unwrapKey: kUnwrapKey,
};

// sequence<DOMString>.
export function eachString(value: unknown, what: string, each: (item: string) => void): void {
  const method = iterableMethod(value);
  if (method === undefined) throw new TypeError(`${what} is not a sequence`);
  iterate(value as object, method, (item) => each(`${item}`));
}

export function toUsages(value: unknown): Usages {
  let usages = 0;
  eachString(value, 'The list of key usages', (name) => {
    const bit = bits[name];
    if (bit === undefined) throw new TypeError(`"${name}" is not a key usage`);
    usages |= bit;
  });
  return usages;
}

// In the order of the standard.
export function usageNames(usages: Usages): string[] {
  const names: string[] = [];
  for (const name in bits) if (((bits[name] as number) & usages) !== 0) names[names.length] = name;
  return names;
}

export function requireUsages(usages: Usages, allowed: Usages, what: string): void {
  const other = usages & ~allowed;
  if (other !== 0) throw syntaxError(`${what} cannot be used to ${usageNames(other)[0]}`);
}

export function requireSomeUsage(usages: Usages): void {
  if (usages === 0) throw syntaxError('The list of key usages is empty');
}
