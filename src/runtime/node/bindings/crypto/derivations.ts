// Jobs of the binding `crypto` that derive bytes from a secret.
import type { Loose } from '../../loose.ts';
import type { Bytes, Tools } from './tools.ts';

export function derivations(tools: Tools): object {
  const { argon2, checkScrypt, digestSize, hasDigest, hkdf, pbkdf2, scrypt } = tools.native;
  const bytesOf = (bytes: Loose) => tools.unshared(bytes);
  const secretOf = (key: Loose) => bytesOf(tools.secretOf(key));

  function checkDigest(digest: string): void {
    if (!hasDigest(digest))
      throw tools.coded(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${digest}`);
  }

  return {
    PBKDF2Job: tools.job(
      'PBKDF2Job',
      (password: Loose, salt: Bytes, iterations: number, size: number, digest: string) =>
        pbkdf2(digest, iterations, size, secretOf(password), bytesOf(salt)),
      (_password, _salt, _iterations, _size, digest) => checkDigest(digest),
    ),
    HKDFJob: tools.job(
      'HKDFJob',
      (digest: string, key: Loose, salt: Bytes, info: Bytes, size: number) =>
        hkdf(digest, size, secretOf(key), bytesOf(salt), bytesOf(info)),
      (digest, _key, _salt, _info, size) => {
        checkDigest(digest);
        if (size > 255 * digestSize(digest))
          throw tools.coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
      },
    ),
    ScryptJob: tools.job(
      'ScryptJob',
      (password: Loose, salt: Bytes, n: number, r: number, p: number, most: number, size: number) =>
        scrypt(n, r, p, most, size, secretOf(password), bytesOf(salt)),
      (_password, _salt, n, r, p, most) => checkScrypt(n, r, p, most),
    ),
    Argon2Job: tools.job(
      'Argon2Job',
      (
        message: Loose,
        nonce: Bytes,
        lanes: number,
        size: number,
        memory: number,
        passes: number,
        secret: Bytes,
        associated: Bytes,
        type: number,
      ) =>
        argon2(
          type,
          lanes,
          size,
          memory,
          passes,
          secretOf(message),
          bytesOf(nonce),
          bytesOf(secret),
          bytesOf(associated),
        ),
    ),
  };
}
