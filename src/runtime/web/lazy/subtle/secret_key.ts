// What the algorithms with secret keys share: formats "raw" and "jwk".
import type { NativeKey } from '../../native_crypto.ts';
import { type Format, type KeyData, refuseFormat } from './algorithm.ts';
import { binding } from './binding.ts';
import { attempt, dataError } from './errors.ts';
import { checkAlg, checkJwk, JwkMembers, requireMember } from './jwk.ts';
import type { KeyState } from './key.ts';
import type { Usages } from './usages.ts';

export interface SecretFormat {
  readonly name: string;
  readonly use: 'sig' | 'enc';
  // The alg of a JWK, for a key of so many bits.
  readonly alg: (bits: number) => string | undefined;
}

export function importSecret(
  of: SecretFormat,
  data: KeyData,
  extractable: boolean,
  usages: Usages,
): NativeKey {
  if (data.format === 'raw') return binding.secretNew(data.bytes);
  if (data.format !== 'jwk') return refuseFormat(of.name, data.format);
  const { jwk } = data;
  checkJwk(jwk, 'oct', of.use, extractable, usages);
  const k = requireMember(jwk, 'k');
  const material = attempt(dataError, () => binding.secretFromText(k));
  checkAlg(jwk, of.alg(material.bits()));
  return material;
}

export function exportSecret(
  of: SecretFormat,
  format: Format,
  key: KeyState,
): ArrayBuffer | JwkMembers {
  if (format === 'raw') return key.material.toRaw();
  if (format !== 'jwk') return refuseFormat(of.name, format);
  const members = new JwkMembers(key, 'oct').add('k', key.material.toJwk()[0] as string);
  const alg = of.alg(key.material.bits());
  return alg === undefined ? members : members.add('alg', alg);
}
