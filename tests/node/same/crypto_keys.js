// CryptoKey and KeyObject of node:crypto: one made of the other, and CryptoKeys where
// node:crypto takes keys.
import {
  createCipheriv,
  createHmac,
  createPublicKey,
  createSecretKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  generateKeySync,
  hkdfSync,
  KeyObject,
  sign,
  verify,
  webcrypto,
} from 'node:crypto';

const { subtle } = globalThis.crypto;
const secrets = [
  [{ name: 'HMAC', hash: 'SHA-256' }, ['sign', 'verify']],
  [{ name: 'HMAC', hash: 'SHA-512', length: 256 }, ['sign']],
  [{ name: 'AES-GCM' }, ['encrypt', 'decrypt']],
  ['AES-CBC', ['encrypt']],
  ['AES-CTR', ['encrypt']],
  ['AES-KW', ['wrapKey', 'unwrapKey']],
  ['PBKDF2', ['deriveBits']],
  ['HKDF', ['deriveKey', 'deriveBits']],
  ['nothing', []],
  ['HMAC', ['sign']],
  ['AES-GCM', []],
  ['AES-GCM', ['sign']],
  ['RSA-PSS', ['sign']],
];
const pairs = [
  ['rsa', { modulusLength: 2048 }, { name: 'RSA-PSS', hash: 'SHA-256' }, 'verify', 'sign'],
  ['rsa', { modulusLength: 2048 }, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' }, 'verify', 'sign'],
  ['rsa', { modulusLength: 2048 }, { name: 'RSA-OAEP', hash: 'SHA-256' }, 'encrypt', 'decrypt'],
  ['ec', { namedCurve: 'P-256' }, { name: 'ECDSA', namedCurve: 'P-256' }, 'verify', 'sign'],
  ['ec', { namedCurve: 'P-384' }, { name: 'ECDH', namedCurve: 'P-384' }, undefined, 'deriveBits'],
  ['ec', { namedCurve: 'P-256' }, { name: 'ECDSA', namedCurve: 'P-384' }, 'verify', 'sign'],
  ['ed25519', {}, 'Ed25519', 'verify', 'sign'],
  ['x25519', {}, 'X25519', undefined, 'deriveBits'],
  ['x25519', {}, 'Ed25519', 'verify', 'sign'],
  ['ed25519', {}, 'ECDSA', 'verify', 'sign'],
];

export default async function run() {
  const lines = [];
  const tell = async (name, act) => {
    try {
      lines.push(`${name}: ${JSON.stringify(await act())}`);
    } catch ({ name: kind, message, code }) {
      lines.push(`${name}: ${kind} ${code} ${message}`);
    }
  };
  const shown = (key) => [
    key instanceof globalThis.CryptoKey,
    key.type,
    key.extractable,
    key.usages,
    Object.entries(key.algorithm).toSorted(),
    [...(key.algorithm.publicExponent ?? [])],
  ];

  await tell('one crypto', () => [
    webcrypto === globalThis.crypto,
    webcrypto.subtle === subtle,
    webcrypto.CryptoKey === undefined || webcrypto.CryptoKey === globalThis.CryptoKey,
  ]);

  const secret = createSecretKey(Buffer.alloc(32, 7));
  for (const [algorithm, usages] of secrets) {
    const name = JSON.stringify([algorithm, usages]);
    await tell(`secret ${name}`, () => shown(secret.toCryptoKey(algorithm, true, usages)));
    await tell(`secret ${name} back`, () => {
      const back = KeyObject.from(secret.toCryptoKey(algorithm, false, usages));
      return [back.type, back.equals(secret), back.symmetricKeySize];
    });
  }
  const used = secret.toCryptoKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  await tell('sign with one', async () =>
    Buffer.from(await subtle.sign('HMAC', used, Buffer.from('text'))).toString('hex'),
  );
  await tell('createHmac() with one', () =>
    createHmac('sha256', used).update('text').digest('hex'),
  );
  await tell('clone', () => KeyObject.from(structuredClone(used)).equals(secret));
  await tell('twice', () => KeyObject.from(used).equals(KeyObject.from(used)));
  await tell('createCipheriv() with one', () =>
    createCipheriv('aes-256-ctr', used, Buffer.alloc(16)).update('text', 'utf8', 'hex'),
  );
  await tell('hkdf() with one', () =>
    Buffer.from(hkdfSync('sha256', used, 'salt', 'info', 20)).toString('hex'),
  );
  await tell('export', () => subtle.exportKey('raw', used).catch(({ name }) => name));

  const generated = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt']);
  await tell('of generateKey()', () => {
    const back = KeyObject.from(generated);
    return [back.type, back.symmetricKeySize, back.export().length];
  });
  await tell('generateKeySync()', () =>
    shown(generateKeySync('aes', { length: 128 }).toCryptoKey('AES-GCM', true, ['decrypt'])),
  );

  for (const [kind, options, algorithm, ofPublic, ofPrivate] of pairs) {
    const { publicKey, privateKey } = generateKeyPairSync(kind, options);
    const name = `${kind} ${JSON.stringify(algorithm)}`;
    for (const [key, usage] of [
      [publicKey, ofPublic],
      [privateKey, ofPrivate],
    ]) {
      const usages = usage === undefined ? [] : [usage];
      await tell(`${name} ${key.type}`, () => shown(key.toCryptoKey(algorithm, true, usages)));
      await tell(`${name} ${key.type} back`, () => {
        const back = KeyObject.from(key.toCryptoKey(algorithm, true, usages));
        return [
          back.type,
          back.asymmetricKeyType,
          back.equals(key),
          back.asymmetricKeyDetails?.namedCurve,
        ];
      });
    }
    await tell(`${name} no usage`, () => shown(privateKey.toCryptoKey(algorithm, true, [])));
    await tell(`${name} wrong usage`, () =>
      shown(privateKey.toCryptoKey(algorithm, true, ['wrapKey'])),
    );
    if (ofPrivate !== 'sign') continue;
    await tell(`${name} signs`, () => {
      const own = privateKey.toCryptoKey(algorithm, false, ['sign']);
      const theirs = publicKey.toCryptoKey(algorithm, true, ['verify']);
      const digest = kind === 'ed25519' ? undefined : 'sha256';
      const signature = sign(digest, Buffer.from('text'), own);
      return [
        verify(digest, Buffer.from('text'), theirs, signature),
        verify(digest, Buffer.from('other'), theirs, signature),
        createPublicKey(own).equals(publicKey),
      ];
    });
    await tell(`${name} signs a stream`, () => {
      const own = privateKey.toCryptoKey(algorithm, false, ['sign']);
      const signature = createSign('sha256').update('text').sign(own);
      return createVerify('sha256').update('text').verify(createPublicKey(own), signature);
    });
  }

  for (const wrong of [undefined, null, 1, 'x', {}, secret, Buffer.alloc(1)])
    await tell(`from ${typeof wrong}`, () => KeyObject.from(wrong));
  await tell('no arguments', () => secret.toCryptoKey());
  await tell('no usages', () => secret.toCryptoKey('AES-GCM', true));
  await tell('unknown usage', () => secret.toCryptoKey('AES-GCM', true, ['x']));
  return lines;
}
