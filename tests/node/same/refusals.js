// What node:crypto says of keys that are none, passphrases that are wrong, and ciphers in
// a state, or with parameters, that they refuse.
import { Buffer } from 'node:buffer';
import crypto from 'node:crypto';
import { linesOf } from './lib/cases.js';

const cases = {};
export default () => linesOf(cases);

const pairs = {
  rsa: crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }),
  ec: crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ed25519: crypto.generateKeyPairSync('ed25519'),
  x448: crypto.generateKeyPairSync('x448'),
  'ml-dsa-44': crypto.generateKeyPairSync('ml-dsa-44'),
};
const der = Buffer.from(`302e020100300506032b657004220420${'07'.repeat(32)}`, 'hex');
const changed = (at, value) => {
  const made = Buffer.from(der);
  made[at] = value;
  return made;
};
const inputs = {
  good: der,
  nothing: Buffer.alloc(0),
  'a part': der.subarray(0, 20),
  'with more behind it': Buffer.concat([der, Buffer.from([1, 2, 3])]),
  zeroes: Buffer.alloc(48),
  'of an unknown kind': changed(11, 0x7f),
  'of a wrong length': changed(13, 3),
  'an empty list': Buffer.from('3000', 'hex'),
  'a number': Buffer.from('020101', 'hex'),
  'a public key': pairs.ec.publicKey.export({ format: 'der', type: 'spki' }),
  'of RSA': pairs.rsa.privateKey.export({ format: 'der', type: 'pkcs1' }),
  'of a curve': pairs.ec.privateKey.export({ format: 'der', type: 'sec1' }),
};
const labels = [
  'PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY',
  'DATA',
];
for (const [name, key] of Object.entries(inputs)) {
  for (const type of ['pkcs8', 'sec1', 'pkcs1', undefined])
    cases[`private DER ${type} ${name}`] = () =>
      crypto.createPrivateKey({ key, format: 'der', type }).asymmetricKeyType;
  for (const type of ['pkcs8', 'sec1', 'spki'])
    cases[`public DER ${type} ${name}`] = () =>
      crypto.createPublicKey({ key, format: 'der', type }).asymmetricKeyType;
  for (const label of labels) {
    const pem = `-----BEGIN ${label}-----\n${key.toString('base64')}\n-----END ${label}-----\n`;
    cases[`private PEM ${label} ${name}`] = () => crypto.createPrivateKey(pem).asymmetricKeyType;
    cases[`public PEM ${label} ${name}`] = () => crypto.createPublicKey(pem).asymmetricKeyType;
  }
}

const sealed = {
  PEM: { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'right' },
  DER: { format: 'der', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'right' },
  SEC1: { format: 'pem', type: 'sec1', cipher: 'aes-128-cbc', passphrase: 'right' },
};
for (const [name, options] of Object.entries(sealed)) {
  const key = pairs.ec.privateKey.export(options);
  const { format, type } = options;
  // Too short to look like a key by chance when it is opened with a wrong one.
  for (const passphrase of [undefined, 'right', 5, 'r'.repeat(1025)]) {
    const what = `${name} with ${typeof passphrase} of ${passphrase?.length}`;
    const input = { key, format, type, passphrase };
    cases[`sealed ${what}`] = () => crypto.createPrivateKey(input).type;
    cases[`public of sealed ${what}`] = () => crypto.createPublicKey(input).type;
  }
}

for (const [kind, { privateKey, publicKey }] of Object.entries(pairs)) {
  cases[`${kind} as JWK`] = () => {
    const jwk = privateKey.export({ format: 'jwk' });
    const open = publicKey.export({ format: 'jwk' });
    return [
      Object.keys(jwk),
      Object.keys(open),
      crypto.createPrivateKey({ key: jwk, format: 'jwk' }).equals(privateKey),
      crypto.createPublicKey({ key: jwk, format: 'jwk' }).equals(publicKey),
    ];
  };
  for (const padding of [1, 3, 4, 6, 100]) {
    cases[`${kind} signs with padding ${padding}`] = () =>
      crypto.sign('sha256', der, { key: privateKey, padding }).length > 10;
    cases[`${kind} encrypts with padding ${padding}`] = () =>
      crypto.publicEncrypt({ key: publicKey, padding }, Buffer.alloc(20, 1)).length;
    cases[`${kind} encrypts privately with padding ${padding}`] = () =>
      crypto.privateEncrypt({ key: privateKey, padding }, Buffer.alloc(20, 1)).length;
  }
  for (const digest of ['sha256', 'nope', undefined]) {
    cases[`${kind} signs with ${digest}`] = () => crypto.sign(digest, der, privateKey).length > 10;
    cases[`${kind} signs a stream with ${digest}`] = () =>
      crypto.createSign(`${digest}`).update('a').sign(privateKey).length > 10;
  }
}
for (const jwk of [
  {},
  { kty: 'x' },
  { kty: 'EC', crv: 'P-256' },
  { kty: 'EC', crv: 'nope', x: 'AA', y: 'AA' },
  { kty: 'OKP', crv: 'Ed25519', x: 'AA' },
  { kty: 'AKP' },
  { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA' },
  { ...pairs.rsa.publicKey.export({ format: 'jwk' }) },
])
  cases[`private of JWK ${Object.keys(jwk)} ${jwk.crv}`] = () =>
    crypto.createPrivateKey({ key: jwk, format: 'jwk' }).type;

const modes = {
  'aes-128-gcm': [16, 12],
  'aes-128-ccm': [16, 12],
  'aes-128-ocb': [16, 12],
  'chacha20-poly1305': [32, 12],
  'aes-128-siv': [32, 0],
  'aes-128-cbc': [16, 16],
  'aes-128-ecb': [16, 0],
  'aes-128-xts': [32, 16],
  'aes-128-wrap': [16, 8],
  'aes-128-cbc-hmac-sha1': [16, 16],
  nope: [16, 16],
};
for (const [mode, [keySize, ivSize]] of Object.entries(modes)) {
  for (const create of ['createCipheriv', 'createDecipheriv']) {
    const make = (options = { authTagLength: 16 }, key = keySize, iv = ivSize) =>
      crypto[create](mode, Buffer.alloc(key, 5), Buffer.alloc(iv, 1), options);
    const about = (what, call) => {
      cases[`${create} ${mode}: ${what}`] = call;
    };
    for (const more of [-1, 1]) about(`key ${more}`, () => typeof make(undefined, keySize + more));
    for (const size of [0, 1, 8, 13, 17])
      about(`IV of ${size}`, () => typeof make(undefined, keySize, size));
    for (const size of [0, 3, 4, 12, 16, 17, -1]) {
      about(`tag of ${size}`, () => typeof make({ authTagLength: size }));
      about(
        `given tag of ${size}`,
        () => typeof make().setAuthTag(Buffer.alloc(Math.max(size, 0))),
      );
    }
    for (const size of [0, 1, 16, 24])
      about(`text of ${size}`, () => {
        const made = make();
        return [made.update(Buffer.alloc(size)), made.final()].map((part) => part.toString('hex'));
      });
    about('additional data after text', () => {
      const made = make();
      made.update(Buffer.alloc(16));
      return typeof made.setAAD(Buffer.alloc(1));
    });
    about('tag after text', () => {
      const made = make();
      made.update(Buffer.alloc(16));
      return typeof made.setAuthTag(Buffer.alloc(16));
    });
    for (const late of ['final', 'update', 'getAuthTag', 'setAutoPadding'])
      about(`${late}() after the end`, () => {
        const made = make();
        try {
          made.final();
        } catch {}
        return typeof made[late]('a');
      });
  }
}

for (const digest of ['sha256', 'sha-256', 'RSA-SHA256', 'nope', '', 'blake2bmac']) {
  Object.assign(cases, {
    [`hash ${digest}`]: () => crypto.createHash(digest).update('a').digest('hex'),
    [`hash at once ${digest}`]: () => crypto.hash(digest, 'a'),
    [`HMAC ${digest}`]: () => crypto.createHmac(digest, 'k').update('a').digest('hex'),
    [`pbkdf2 ${digest}`]: () => crypto.pbkdf2Sync('a', 'b', 1, 20, digest),
    [`hkdf ${digest}`]: () => crypto.hkdfSync(digest, 'a', 'b', 'c', 20),
    [`OAEP ${digest}`]: () =>
      crypto.publicEncrypt({ key: pairs.rsa.publicKey, oaepHash: digest }, der).length,
    [`OAEP of a curve ${digest}`]: () =>
      crypto.publicEncrypt({ key: pairs.ec.publicKey, oaepHash: digest }, der).length,
  });
}
