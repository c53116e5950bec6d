// The operations of SubtleCrypto, §14.3, but for digests: each in the order of the
// standard's steps, throwing where those reject.
import type { NativeSource } from '../native_crypto.ts';
import { TypeError } from '../primordials.ts';
import { isArrayBuffer, isBufferSource, isObject } from '../webidl.ts';
import { aesCbc, aesCtr, aesGcm, aesKw } from './subtle/aes.ts';
import type { Algorithm, Format, Given, KeyData } from './subtle/algorithm.ts';
import { hkdf, pbkdf2 } from './subtle/derivation.ts';
import { algorithmName } from './subtle/digests.ts';
import { ecdh, ecdsa, ed448, ed25519, x448, x25519 } from './subtle/elliptic.ts';
import { accessError, notSupported } from './subtle/errors.ts';
import { hmac } from './subtle/hmac.ts';
import { type JwkMembers, parseJwk, toJwk } from './subtle/jwk.ts';
import {
  algorithmOf,
  CryptoKey,
  type CryptoKeyPair,
  cloneKey,
  type KeyState,
  keyStateOf,
  makeKey,
  requireKey,
} from './subtle/key.ts';
import { rsaOaep, rsaPkcs1, rsaPss } from './subtle/rsa.ts';
import {
  kDecrypt,
  kDeriveBits,
  kDeriveKey,
  kEncrypt,
  kSign,
  kUnwrapKey,
  kVerify,
  kWrapKey,
  requireSomeUsage,
  toUsages,
  type Usages,
  usageNames,
} from './subtle/usages.ts';

// For node:crypto too.
export { algorithmOf, CryptoKey, cloneKey, makeKey, requireKey, toUsages, usageNames };

// By name in upper case.
const algorithms: Readonly<Record<string, Algorithm | undefined>> = {
  __proto__: null as never,
  'AES-CBC': aesCbc,
  'AES-CTR': aesCtr,
  'AES-GCM': aesGcm,
  'AES-KW': aesKw,
  ECDH: ecdh,
  ECDSA: ecdsa,
  ED25519: ed25519,
  ED448: ed448,
  HKDF: hkdf,
  HMAC: hmac,
  PBKDF2: pbkdf2,
  'RSA-OAEP': rsaOaep,
  'RSA-PSS': rsaPss,
  'RSASSA-PKCS1-V1_5': rsaPkcs1,
  X25519: x25519,
  X448: x448,
};

type Operation = Exclude<keyof Algorithm, 'name' | 'exportKey'>;
type Prepared<Name extends Operation> = ReturnType<NonNullable<Algorithm[Name]>>;

// §18.4.4, "normalize an algorithm": its name, and the operation ready to run.
interface Normalized<Name extends Operation> {
  readonly name: string;
  readonly run: Prepared<Name>;
}

function find(identifier: unknown): Algorithm | undefined {
  return algorithms[algorithmName(identifier)];
}

function normalize<Name extends Operation>(operation: Name, identifier: unknown): Normalized<Name> {
  const algorithm = find(identifier);
  const prepare = algorithm?.[operation] as ((given: Given) => Prepared<Name>) | undefined;
  if (algorithm === undefined || prepare === undefined)
    throw notSupported(`${operation}: "${algorithmName(identifier)}" is not supported`);
  const given = isObject(identifier) ? identifier : { __proto__: null };
  return { name: algorithm.name, run: prepare(given as Given) };
}

// The key, if the algorithm is its own and it may be used so.
function requireUsable(key: KeyState, name: string, usage: Usages): void {
  if (key.name !== name)
    throw accessError(`The key is one of ${key.name}, the algorithm is ${name}`);
  if ((key.usages & usage) === 0)
    throw accessError(`The key's usages do not include "${usageNames(usage)[0]}"`);
}

export function encrypt(algorithm: unknown, key: unknown, data: NativeSource): ArrayBuffer {
  const state = requireKey(key, 'encrypt: key');
  const { name, run } = normalize('encrypt', algorithm);
  requireUsable(state, name, kEncrypt);
  return run(state, data);
}

export function decrypt(algorithm: unknown, key: unknown, data: NativeSource): ArrayBuffer {
  const state = requireKey(key, 'decrypt: key');
  const { name, run } = normalize('decrypt', algorithm);
  requireUsable(state, name, kDecrypt);
  return run(state, data);
}

export function sign(algorithm: unknown, key: unknown, data: NativeSource): ArrayBuffer {
  const state = requireKey(key, 'sign: key');
  const { name, run } = normalize('sign', algorithm);
  requireUsable(state, name, kSign);
  return run(state, data);
}

export function verify(
  algorithm: unknown,
  key: unknown,
  signature: NativeSource,
  data: NativeSource,
): boolean {
  const state = requireKey(key, 'verify: key');
  const { name, run } = normalize('verify', algorithm);
  requireUsable(state, name, kVerify);
  return run(state, signature, data);
}

export function generateKey(
  algorithm: unknown,
  extractable: boolean,
  usages: unknown,
): CryptoKey | CryptoKeyPair {
  const wanted = toUsages(usages);
  return normalize('generateKey', algorithm).run(extractable, wanted);
}

function toFormat(value: unknown): Format {
  const format = `${value}`;
  if (format !== 'raw' && format !== 'pkcs8' && format !== 'spki' && format !== 'jwk')
    throw new TypeError(`"${format}" is not a key format: raw, pkcs8, spki and jwk are`);
  return format;
}

function toKeyData(format: Format, value: unknown): KeyData {
  if (isBufferSource(value)) {
    if (format === 'jwk') throw new TypeError('importKey: a JWK is an object, not bytes');
    return { format, bytes: value };
  }
  if (!isObject(value)) throw new TypeError('importKey: the key data is neither bytes nor a JWK');
  if (format !== 'jwk')
    throw new TypeError(`importKey: ${format} key data is not an ArrayBuffer or a view of one`);
  return { format, jwk: toJwk(value) };
}

function importWith(
  run: Prepared<'importKey'>,
  data: KeyData,
  extractable: boolean,
  usages: Usages,
): CryptoKey {
  const key = run(data, extractable, usages);
  if ((keyStateOf(key) as KeyState).type !== 'public') requireSomeUsage(usages);
  return key;
}

export function importKey(
  format: unknown,
  keyData: unknown,
  algorithm: unknown,
  extractable: boolean,
  usages: unknown,
): CryptoKey {
  const data = toKeyData(toFormat(format), keyData);
  const wanted = toUsages(usages);
  return importWith(normalize('importKey', algorithm).run, data, extractable, wanted);
}

function exportState(format: Format, key: KeyState): ArrayBuffer | JwkMembers {
  const exporter = find(key.name)?.exportKey;
  if (exporter === undefined) throw notSupported(`${key.name} keys cannot be exported`);
  if (!key.extractable) throw accessError('The key is not extractable');
  return exporter(format, key);
}

export function exportKey(format: unknown, key: unknown): unknown {
  const wanted = toFormat(format);
  const exported = exportState(wanted, requireKey(key, 'exportKey: key'));
  return isArrayBuffer(exported) ? exported : exported.toObject();
}

export function wrapKey(
  format: unknown,
  key: unknown,
  wrappingKey: unknown,
  algorithm: unknown,
): ArrayBuffer {
  const wanted = toFormat(format);
  const state = requireKey(key, 'wrapKey: key');
  const wrapping = requireKey(wrappingKey, 'wrapKey: wrappingKey');
  const wraps = find(algorithm)?.wrapKey !== undefined;
  const { name, run } = normalize(wraps ? 'wrapKey' : 'encrypt', algorithm);
  requireUsable(wrapping, name, kWrapKey);
  const exported = exportState(wanted, state);
  if (isArrayBuffer(exported)) return run(wrapping, exported);
  let text = exported.toText();
  // Whole blocks alone can be wrapped so: the note of step 13 lets spaces fill the
  // last. The text is ASCII.
  if (name === aesKw.name) while (text.length % 8 !== 0) text += ' ';
  return run(wrapping, native.utf8Encode(text));
}

export function unwrapKey(
  format: unknown,
  wrappedKey: NativeSource,
  unwrappingKey: unknown,
  unwrapAlgorithm: unknown,
  keyAlgorithm: unknown,
  extractable: boolean,
  usages: unknown,
): CryptoKey {
  const wanted = toFormat(format);
  const unwrapping = requireKey(unwrappingKey, 'unwrapKey: unwrappingKey');
  const uses = toUsages(usages);
  const unwraps = find(unwrapAlgorithm)?.unwrapKey !== undefined;
  const { name, run } = normalize(unwraps ? 'unwrapKey' : 'decrypt', unwrapAlgorithm);
  const importer = normalize('importKey', keyAlgorithm);
  requireUsable(unwrapping, name, kUnwrapKey);
  const bytes = run(unwrapping, wrappedKey);
  const data: KeyData =
    wanted === 'jwk' ? { format: wanted, jwk: parseJwk(bytes) } : { format: wanted, bytes };
  return importWith(importer.run, data, extractable, uses);
}

export function deriveBits(algorithm: unknown, baseKey: unknown, length: unknown): ArrayBuffer {
  const base = requireKey(baseKey, 'deriveBits: baseKey');
  const bits = length === null || length === undefined ? null : (length as number) >>> 0;
  const { name, run } = normalize('deriveBits', algorithm);
  requireUsable(base, name, kDeriveBits);
  return run(base, bits);
}

export function deriveKey(
  algorithm: unknown,
  baseKey: unknown,
  derivedKeyType: unknown,
  extractable: boolean,
  usages: unknown,
): CryptoKey {
  const base = requireKey(baseKey, 'deriveKey: baseKey');
  const uses = toUsages(usages);
  const { name, run } = normalize('deriveBits', algorithm);
  const importer = normalize('importKey', derivedKeyType);
  const length = normalize('keyLength', derivedKeyType).run;
  requireUsable(base, name, kDeriveKey);
  const bytes = run(base, length);
  return importWith(importer.run, { format: 'raw', bytes }, extractable, uses);
}
