// HMAC, Web Cryptography §29.
import { DOMException } from '../../dom_exception.ts';
import {
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeSlice,
  StringFromCharCode,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeReplaceAll,
  SymbolIterator,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSlice,
  TypeError,
  Uint8Array,
} from '../../primordials.ts';
import { requireInvocation } from '../../report.ts';
import {
  bytesOf,
  isBufferSource,
  isCallable,
  isObject,
  iterate,
  toUnsignedLongLong,
} from '../../webidl.ts';
import { algorithmName, blockLength, digestName, notSupported } from './algorithms.ts';
import { type CryptoKey, type KeyState, keyStateOf, makeKey, type Usage } from './key.ts';

type Bytes = ArrayBuffer | ArrayBufferView;

function requireHmac(algorithm: unknown, what: string): void {
  const name = algorithmName(algorithm);
  if (name !== 'HMAC')
    throw notSupported(`${what} with "${name}" (this version of Caravel has HMAC)`);
}

function toUsages(value: unknown): Usage[] {
  const method = isObject(value) ? (value as Iterable<unknown>)[SymbolIterator] : undefined;
  if (!isCallable(method)) throw new TypeError('The key usages are not a sequence');
  let sign = false;
  let verify = false;
  iterate(value as object, method, (item) => {
    const usage = `${item}`;
    if (usage === 'sign') sign = true;
    else if (usage === 'verify') verify = true;
    else throw new DOMException(`An HMAC key cannot be used to ${usage}`, 'SyntaxError');
  });
  if (!sign && !verify) throw new DOMException('The key usages are empty', 'SyntaxError');
  const usages: Usage[] = [];
  if (sign) usages[usages.length] = 'sign';
  if (verify) usages[usages.length] = 'verify';
  return usages;
}

interface Params {
  readonly hash: string;
  readonly length: number | undefined; // in bits
}

function toParams(algorithm: unknown): Params {
  const { hash, length } = (isObject(algorithm) ? algorithm : {}) as Record<string, unknown>;
  if (hash === undefined) throw new TypeError('HMAC: the algorithm has no "hash"');
  const name = digestName(hash);
  if (name === 'MD5') throw notSupported('HMAC with MD5');
  return {
    hash: name,
    length: length === undefined ? undefined : toUnsignedLongLong(length, 'HMAC: length'),
  };
}

function make(secret: ArrayBuffer, hash: string, extractable: boolean, usages: Usage[]): CryptoKey {
  const length = (ArrayBufferPrototypeGetByteLength(secret) as number) * 8;
  return makeKey({
    algorithm: { name: 'HMAC', hash: { name: hash }, length },
    extractable,
    usages,
    secret,
  });
}

export function generate(algorithm: unknown, extractable: boolean, usages: unknown): CryptoKey {
  requireHmac(algorithm, 'generateKey');
  const { hash, length } = toParams(algorithm);
  const uses = toUsages(usages);
  if (length === 0 || (length !== undefined && length % 8 !== 0))
    throw new DOMException(`HMAC: a key of ${length} bits cannot be made`, 'OperationError');
  requireInvocation();
  const secret = new Uint8Array(length === undefined ? blockLength(hash) : length / 8);
  native.randomFill(secret);
  return make(TypedArrayPrototypeGetBuffer(secret), hash, extractable, uses);
}

export function importKey(
  format: string,
  data: unknown,
  algorithm: unknown,
  extractable: boolean,
  usages: unknown,
): CryptoKey {
  requireHmac(algorithm, 'importKey');
  const { hash, length } = toParams(algorithm);
  const uses = toUsages(usages);
  const secret =
    format === 'raw'
      ? copyOf(data)
      : format === 'jwk'
        ? fromJwk(data, hash, extractable, uses)
        : refuseFormat(format);
  const bits = (ArrayBufferPrototypeGetByteLength(secret) as number) * 8;
  if (bits === 0) throw new DOMException('HMAC: the key is empty', 'DataError');
  if (length !== undefined && length !== bits)
    throw new DOMException(`HMAC: the key has ${bits} bits, not ${length}`, 'DataError');
  return make(secret, hash, extractable, uses);
}

function refuseFormat(format: string): never {
  throw notSupported(`HMAC: key format "${format}" (raw and jwk are)`);
}

function copyOf(data: unknown): ArrayBuffer {
  if (!isBufferSource(data))
    throw new TypeError('importKey: raw key data is not an ArrayBuffer or a view of one');
  return TypedArrayPrototypeGetBuffer(TypedArrayPrototypeSlice(bytesOf(data)));
}

export function exportKey(format: string, key: unknown): unknown {
  const state = requireKey(key);
  if (!state.extractable)
    throw new DOMException('exportKey: the key is not extractable', 'InvalidAccessError');
  if (format === 'raw') return ArrayBufferPrototypeSlice(state.secret, 0);
  if (format === 'jwk') return toJwk(state);
  return refuseFormat(format);
}

export function sign(algorithm: unknown, key: unknown, data: Bytes): ArrayBuffer {
  requireHmac(algorithm, 'sign');
  const state = requireUsable(key, 'sign');
  return native.hmac(state.algorithm.hash.name, state.secret, data);
}

export function verify(algorithm: unknown, key: unknown, signature: Bytes, data: Bytes): boolean {
  requireHmac(algorithm, 'verify');
  const state = requireUsable(key, 'verify');
  const expected = native.hmac(state.algorithm.hash.name, state.secret, data);
  const given = bytesOf(signature);
  if (TypedArrayPrototypeGetLength(given) !== ArrayBufferPrototypeGetByteLength(expected))
    return false;
  return native.timingSafeEqual(given, expected);
}

function requireKey(key: unknown): KeyState {
  const state = keyStateOf(key);
  if (state === null) throw new TypeError('The key is not a CryptoKey');
  return state;
}

function requireUsable(key: unknown, usage: Usage): KeyState {
  const state = requireKey(key);
  for (let i = 0; i < state.usages.length; i++) if (state.usages[i] === usage) return state;
  throw new DOMException(`The key's usages do not include "${usage}"`, 'InvalidAccessError');
}

// JSON Web Key of kind "oct", RFC 7518 §6.4.
const jwkNames: Readonly<Record<string, string>> = {
  __proto__: null as never,
  'SHA-1': 'HS1',
  'SHA-256': 'HS256',
  'SHA-384': 'HS384',
  'SHA-512': 'HS512',
};

function dataError(what: string): DOMException {
  return new DOMException(`importKey: ${what}`, 'DataError');
}

function fromJwk(data: unknown, hash: string, extractable: boolean, uses: Usage[]): ArrayBuffer {
  if (!isObject(data)) throw new TypeError('importKey: a JWK is an object');
  const { kty, k, alg, use, ext, key_ops } = data as Record<string, unknown>;
  if (kty !== 'oct') throw dataError(`the JWK's kty is "${kty}", not "oct"`);
  if (typeof k !== 'string') throw dataError('the JWK has no "k"');
  if (alg !== undefined && alg !== jwkNames[hash])
    throw dataError(`the JWK's alg is "${alg}", not "${jwkNames[hash]}"`);
  if (use !== undefined && use !== 'sig') throw dataError(`the JWK's use is "${use}", not "sig"`);
  if (ext === false && extractable) throw dataError('the JWK is not extractable');
  if (key_ops !== undefined) requireOperations(key_ops, uses);
  const binary = native.atob(
    StringPrototypeReplaceAll(StringPrototypeReplaceAll(k, '-', '+'), '_', '/'),
  );
  if (binary === null || StringPrototypeIndexOf(k, '=') >= 0)
    throw dataError('"k" of the JWK is not base64url');
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = StringPrototypeCharCodeAt(binary, i);
  return TypedArrayPrototypeGetBuffer(bytes);
}

function requireOperations(operations: unknown, uses: readonly Usage[]): void {
  const method = isObject(operations)
    ? (operations as Iterable<unknown>)[SymbolIterator]
    : undefined;
  if (!isCallable(method)) throw dataError("the JWK's key_ops are not a sequence");
  for (let i = 0; i < uses.length; i++) {
    let found = false;
    iterate(operations as object, method, (operation) => {
      found ||= operation === uses[i];
    });
    if (!found) throw dataError(`the JWK's key_ops do not include "${uses[i]}"`);
  }
}

function toJwk(state: KeyState): object {
  const bytes = new Uint8Array(state.secret);
  let binary = '';
  const length = TypedArrayPrototypeGetLength(bytes);
  for (let i = 0; i < length; i++) binary += StringFromCharCode(bytes[i] as number);
  const base64 = StringPrototypeReplaceAll(
    StringPrototypeReplaceAll(native.btoa(binary), '+', '-'),
    '/',
    '_',
  );
  const usages: string[] = [];
  for (let i = 0; i < state.usages.length; i++) usages[i] = state.usages[i] as string;
  return {
    kty: 'oct',
    k: StringPrototypeReplaceAll(base64, '=', ''),
    alg: jwkNames[state.algorithm.hash.name],
    key_ops: usages,
    ext: true,
  };
}
