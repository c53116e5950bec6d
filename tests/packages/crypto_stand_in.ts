// What packages here ask node:crypto for, where their Worker has no such module: a
// Worker's alias in wrangler.jsonc puts this in its place.
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha256 } from '@noble/hashes/sha2.js';

const hashes = { md5, sha1, sha256 } as const;

type Name = keyof typeof hashes;

interface Running {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

const wrapped = (running: Running) => {
  const hash = {
    update(data: string | Uint8Array, encoding?: BufferEncoding) {
      running.update(typeof data === 'string' ? Buffer.from(data, encoding) : data);
      return hash;
    },
    digest(encoding?: BufferEncoding) {
      const bytes = Buffer.from(running.digest());
      return encoding ? bytes.toString(encoding) : bytes;
    },
  };
  return hash;
};

export const createHash = (name: Name) => wrapped(hashes[name].create());
export const createHmac = (name: Name, key: string | Uint8Array) =>
  wrapped(hmac.create(hashes[name], Buffer.from(key as string)));
export const randomBytes = (size: number) =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(size)));
export const randomUUID = () => crypto.randomUUID();
export const webcrypto = crypto;

interface ScryptOptions {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

export function scrypt(
  password: string,
  salt: string | Uint8Array,
  dkLen: number,
  { N, r, p }: ScryptOptions,
  done: (error: unknown, key?: Buffer) => void,
) {
  scryptAsync(password, salt, { N, r, p, dkLen }).then((key) => done(null, Buffer.from(key)), done);
}

export default { createHash, createHmac, randomBytes, randomUUID, scrypt, webcrypto };
