// What the algorithms with public and private keys share: their formats.
import type { NativeKey } from '../../native_crypto.ts';
import { type Format, type KeyData, refuseFormat } from './algorithm.ts';
import { binding } from './binding.ts';
import { accessError, attempt, dataError } from './errors.ts';
import { checkJwk, type Jwk, JwkMembers, requireMember } from './jwk.ts';
import { type CryptoKeyPair, type KeyState, makeKey } from './key.ts';
import { requireUsages, type Usages } from './usages.ts';

export interface PairFormat {
  readonly name: string;
  readonly kind: string; // as native code has it
  readonly kty: string;
  readonly use: 'sig' | 'enc';
  readonly ofPublic: Usages;
  readonly ofPrivate: Usages;
  readonly hasRaw: boolean;
  // Members of a JWK, in native order; the private ones follow at `privateFrom`.
  readonly members: readonly (keyof Jwk &
    ('n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi' | 'x' | 'y'))[];
  readonly privateFrom: number;
  // Throws DataError (or what else the standard says) for what is peculiar to it.
  readonly check: (jwk: Jwk) => void;
  // Its crv and alg, where it has them.
  readonly describe: (members: JwkMembers) => void;
}

export interface ImportedPair {
  readonly type: 'public' | 'private';
  readonly material: NativeKey;
}

export function importPair(
  of: PairFormat,
  data: KeyData,
  extractable: boolean,
  usages: Usages,
): ImportedPair {
  const isPrivate = data.format === 'jwk' ? data.jwk.d !== undefined : data.format === 'pkcs8';
  if (data.format === 'raw' && !of.hasRaw) return refuseFormat(of.name, 'raw');
  const type = isPrivate ? 'private' : 'public';
  requireUsages(usages, isPrivate ? of.ofPrivate : of.ofPublic, `A ${type} ${of.name} key`);
  return { type, material: materialOf(of, data, isPrivate, extractable, usages) };
}

function materialOf(
  of: PairFormat,
  data: KeyData,
  isPrivate: boolean,
  extractable: boolean,
  usages: Usages,
): NativeKey {
  if (data.format === 'jwk') {
    const { jwk } = data;
    checkJwk(jwk, of.kty, of.use, extractable, usages);
    of.check(jwk);
    const count = isPrivate ? of.members.length : of.privateFrom;
    const members: string[] = [];
    for (let i = 0; i < count; i++)
      members[i] = requireMember(jwk, of.members[i] as PairFormat['members'][number]);
    return attempt(dataError, () => binding.keyFromJwk(of.kind, members));
  }
  const { bytes } = data;
  return attempt(dataError, () =>
    data.format === 'raw'
      ? binding.keyFromRaw(of.kind, bytes)
      : binding.keyFromDer(of.kind, isPrivate, bytes),
  );
}

export function exportPair(
  of: PairFormat,
  format: Format,
  key: KeyState,
): ArrayBuffer | JwkMembers {
  if (format === 'jwk') {
    const members = new JwkMembers(key, of.kty);
    of.describe(members);
    const values = key.material.toJwk();
    for (let i = 0; i < values.length; i++)
      members.add(of.members[i] as PairFormat['members'][number], values[i] as string);
    return members;
  }
  if (format === 'raw' && !of.hasRaw) return refuseFormat(of.name, format);
  const wanted = format === 'pkcs8' ? 'private' : 'public';
  if (key.type !== wanted) throw accessError(`A ${key.type} key cannot be exported as ${format}`);
  return format === 'raw' ? key.material.toRaw() : key.material.toDer();
}

// A new pair. The public half is always extractable.
export function makePair(
  of: PairFormat,
  material: NativeKey,
  extractable: boolean,
  usages: Usages,
  rest: Pick<KeyState, 'name' | 'hash' | 'curve' | 'length'>,
): CryptoKeyPair {
  return {
    publicKey: makeKey({
      ...rest,
      type: 'public',
      extractable: true,
      usages: usages & of.ofPublic,
      material: material.publicKey(),
    }),
    privateKey: makeKey({
      ...rest,
      type: 'private',
      extractable,
      usages: usages & of.ofPrivate,
      material,
    }),
  };
}

export function requireType(key: KeyState, type: KeyState['type'], what: string): void {
  if (key.type !== type) throw accessError(`${what}: the key is ${key.type}, not ${type}`);
}
