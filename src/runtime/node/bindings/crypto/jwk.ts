// JSON Web Keys (RFC 7517 and those after it) of native keys, and back.
import * as facts from 'node-facts';
import type { Loose } from '../../loose.ts';
import { kindOf } from './keys.ts';
import type { Tools } from './tools.ts';

// By OpenSSL's names: RFC 7518, section 6.2.1.1, and RFC 8812.
const curves: Readonly<Record<string, readonly [name: string, size: number]>> = {
  prime256v1: ['P-256', 32],
  secp256k1: ['secp256k1', 32],
  secp384r1: ['P-384', 48],
  secp521r1: ['P-521', 66],
};
const octetCurves = ['Ed25519', 'Ed448', 'X25519', 'X448'];
// RSA's numbers: ours, and OpenSSL's.
const rsaNumbers = [
  ['n', 'n'],
  ['e', 'e'],
  ['d', 'd'],
  ['p', 'rsa-factor1'],
  ['q', 'rsa-factor2'],
  ['dp', 'rsa-exponent1'],
  ['dq', 'rsa-exponent2'],
  ['qi', 'rsa-coefficient1'],
] as const;

// Keys of kty "AKP": post-quantum ones, by the names of their algorithms.
const algorithmOf = (kind: string): string | undefined =>
  (facts.crypto().pqcKeyTypes as string[]).find((name) => name.toLowerCase() === kind);

export function exportJwk(tools: Tools, native: Loose, target: Loose, handlesPss: boolean): Loose {
  const { keyNumber, keyOctets, keyText } = tools.native;
  const text = (bytes: ArrayBuffer) => tools.toBuffer(bytes).toString('base64url');
  const isPrivate = native.type() === 2;
  if (native.type() === 0) {
    target.kty = 'oct';
    target.k = text(native.secret());
    return target;
  }
  const kind = kindOf(tools, native);
  const octetCurve = octetCurves.find((name) => name.toLowerCase() === kind);
  if (kind === 'rsa' || (kind === 'rsa-pss' && handlesPss)) {
    target.kty = 'RSA';
    for (const [name, own] of rsaNumbers.slice(0, isPrivate ? undefined : 2))
      target[name] = text(keyNumber(native, own, 0));
  } else if (kind === 'ec') {
    const own = tools.native.curveName(keyText(native, 'group') ?? '');
    const [name, size] = curves[own] ?? ['', 0];
    if (name === '')
      throw tools.coded(
        Error,
        'ERR_CRYPTO_JWK_UNSUPPORTED_CURVE',
        `Unsupported JWK EC curve: ${own}.`,
      );
    target.kty = 'EC';
    target.x = text(keyNumber(native, 'qx', size));
    target.y = text(keyNumber(native, 'qy', size));
    target.crv = name;
    if (isPrivate) target.d = text(keyNumber(native, 'priv', size));
  } else if (octetCurve !== undefined) {
    target.kty = 'OKP';
    target.crv = octetCurve;
    target.x = text(keyOctets(native, 'pub'));
    if (isPrivate) target.d = text(keyOctets(native, 'priv'));
  } else if (algorithmOf(kind) !== undefined) {
    target.kty = 'AKP';
    target.alg = algorithmOf(kind);
    target.pub = text(keyOctets(native, 'pub'));
    if (isPrivate) {
      const secret = keyOctets(native, kind.startsWith('ml-') ? 'seed' : 'priv');
      if (secret === undefined)
        throw tools.coded(
          Error,
          'ERR_CRYPTO_OPERATION_FAILED',
          'key does not have an available seed',
        );
      target.priv = text(secret);
    }
  } else {
    throw tools.coded(Error, 'ERR_CRYPTO_JWK_UNSUPPORTED_KEY_TYPE', 'Unsupported JWK Key Type.');
  }
  return target;
}

export function importJwk(tools: Tools, jwk: Loose): Loose {
  const { kty } = jwk;
  const invalid = (message: string) => tools.coded(TypeError, 'ERR_CRYPTO_INVALID_JWK', message);
  const bytes = (value: string) => tools.toBuffer(value, 'base64url');
  const isText = (value: unknown) => typeof value === 'string';
  let made: Loose;
  if (kty === 'RSA') {
    const given = rsaNumbers.map(([name]) => jwk[name]);
    const [n, e, ...secrets] = given;
    const isPrivate = secrets[0] !== undefined;
    if (!isText(n) || !isText(e) || (isPrivate && !secrets.every(isText)))
      throw invalid('Invalid JWK RSA key');
    const numbers = isPrivate ? given : [n, e];
    made = tools.native.rsaFromNumbers(isPrivate, ...numbers.map(bytes));
  } else if (kty === 'EC') {
    const { crv, d, x, y } = jwk;
    if (!isText(crv) || !isText(x) || !isText(y) || (d !== undefined && !isText(d)))
      throw invalid('Invalid JWK EC key');
    const own = tools.native.curveName(crv);
    if (own === '')
      throw tools.coded(TypeError, 'ERR_CRYPTO_INVALID_CURVE', 'Invalid EC curve name');
    const halves = [bytes(x), bytes(y)];
    const size = curves[own]?.[1] ?? Math.max(halves[0].length, halves[1].length);
    if (halves.some((half) => half.length > size)) throw invalid('Invalid JWK EC key');
    const point = new Uint8Array(1 + 2 * size);
    point[0] = 4;
    point.set(halves[0], 1 + size - halves[0].length);
    point.set(halves[1], 1 + 2 * size - halves[1].length);
    made = tools.native.curveFromNumbers(own, point, d === undefined ? undefined : bytes(d));
  } else if (kty === 'OKP') {
    const { crv, d, x } = jwk;
    if (!octetCurves.includes(crv) || !isText(x) || (d !== undefined && !isText(d)))
      throw invalid('Invalid JWK OKP key');
    const isPrivate = d !== undefined;
    made = tools.native.octetsKey(crv.toUpperCase(), isPrivate, false, bytes(d ?? x));
    if (isPrivate && made !== undefined) {
      const own = tools.toBuffer(tools.native.keyOctets(made, 'pub'));
      if (!own.equals(bytes(x))) throw invalid('Invalid JWK OKP key');
    }
  } else if (kty === 'AKP') {
    const { alg, priv, pub } = jwk;
    if (!(facts.crypto().pqcKeyTypes as unknown[]).includes(alg))
      throw invalid('Unsupported JWK AKP "alg"');
    if (!isText(pub) || (priv !== undefined && !isText(priv))) throw invalid('Invalid JWK AKP key');
    const isPrivate = priv !== undefined;
    const isSeed = isPrivate && alg.startsWith('ML-');
    made = tools.native.octetsKey(alg.toUpperCase(), isPrivate, isSeed, bytes(priv ?? pub));
    if (isPrivate && made !== undefined) {
      const own = tools.toBuffer(tools.native.keyOctets(made, 'pub'));
      if (!own.equals(bytes(pub))) throw invalid('Invalid JWK AKP key');
    }
  } else if (isText(kty)) {
    throw invalid(`${kty} is not a supported JWK key type`);
  } else {
    throw invalid('Invalid JWK format');
  }
  if (made === undefined) throw invalid(`Invalid JWK ${kty} key`);
  return made;
}
