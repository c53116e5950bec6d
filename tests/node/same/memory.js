// What node:crypto makes of bytes in memory that is shared, grows, or was taken away, also
// while it reads its options.
import { Buffer } from 'node:buffer';
import crypto from 'node:crypto';
import { linesOf } from './lib/cases.js';

const cases = {};
export default () => linesOf(cases);

const filled = (memory, ...args) => new Uint8Array(memory, ...args).fill(7);
const shared = (size, options) => new SharedArrayBuffer(size, options);
const inputs = {
  shared: () => filled(shared(32)),
  'a part of shared': () => filled(shared(64), 8, 32),
  'shared itself': () => filled(shared(32)).buffer,
  'shared numbers': () => new Float64Array(shared(32)).fill(7),
  'a view of shared': () => new DataView(shared(32)),
  'shared that grows': () => filled(shared(32, { maxByteLength: 64 })),
  'memory that grows': () => filled(new ArrayBuffer(32, { maxByteLength: 64 })),
  'taken away': () => {
    const view = new Uint8Array(32);
    view.buffer.transfer();
    return view;
  },
};

const der = Buffer.from(`302e020100300506032b657004220420${'07'.repeat(32)}`, 'hex');
const privateKey = crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
const publicKey = crypto.createPublicKey(privateKey);
const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
const cipher = (key = Buffer.alloc(32), iv = Buffer.alloc(12)) =>
  crypto.createCipheriv('aes-256-gcm', key, iv);
const sealed = { format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc' };

const uses = {
  hash: (get) => crypto.createHash('sha256').update(get()).digest(),
  'hash at once': (get) => crypto.hash('sha256', get()),
  'key of HMAC': (get) => crypto.createHmac('sha256', get()).update('a').digest(),
  HMAC: (get) => crypto.createHmac('sha256', 'a').update(get()).digest(),
  'key of a cipher': (get) => cipher(get()).update('a'),
  'IV of a cipher': (get) => cipher(undefined, get()).update('a'),
  'text of a cipher': (get) => cipher().update(get()),
  'additional data of a cipher': (get) => {
    const made = cipher();
    made.setAAD(get());
    made.final();
    return made.getAuthTag();
  },
  'tag of a cipher': (get) => {
    const made = crypto.createDecipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
    return typeof made.setAuthTag(get());
  },
  secret: (get) => crypto.createSecretKey(get()).export(),
  sign: (get) => crypto.sign(undefined, get(), privateKey),
  verify: (get) => crypto.verify(undefined, get(), publicKey, get()),
  'sign a stream': (get) => crypto.createSign('sha256').update(get()).sign(rsa.privateKey).length,
  'verify a stream': (get) =>
    crypto.createVerify('sha256').update(get()).verify(rsa.publicKey, get()),
  encrypt: (get) => crypto.publicEncrypt(rsa.publicKey, get()).length,
  decrypt: (get) => crypto.privateDecrypt(rsa.privateKey, get()),
  label: (get) =>
    crypto.publicEncrypt({ key: rsa.publicKey, oaepLabel: get() }, Buffer.alloc(1)).length,
  pbkdf2: (get) => crypto.pbkdf2Sync(get(), get(), 1, 10, 'sha256'),
  hkdf: (get) => crypto.hkdfSync('sha256', get(), get(), get(), 10),
  'random bytes': (get) => crypto.randomFillSync(get()).byteLength,
  timingSafeEqual: (get) => crypto.timingSafeEqual(get(), get()),
  'key as DER': (get) => crypto.createPrivateKey({ key: get(), format: 'der', type: 'pkcs8' }),
  'key as PEM': (get) => crypto.createPrivateKey(get()),
  passphrase: (get) =>
    crypto.createPrivateKey({
      key: privateKey.export({ ...sealed, passphrase: get() }),
      passphrase: get(),
    }).type,
  prime: (get) => crypto.checkPrimeSync(get()),
  'prime of a group': (get) => crypto.createDiffieHellman(get()).verifyError,
  point: (get) => crypto.ECDH.convertKey(get(), 'prime256v1'),
};
for (const [use, call] of Object.entries(uses)) {
  for (const [name, get] of Object.entries(inputs)) cases[`${use}: ${name}`] = () => call(get);
}

/** The options, of which reading one runs `run`. */
const trap = (options, name, value, run) =>
  Object.defineProperty(options, name, {
    enumerable: true,
    get() {
      run();
      return value;
    },
  });
const takes = {
  'padding of a signature': (data, take) =>
    crypto.sign('sha256', data, trap({ key: rsa.privateKey }, 'padding', 1, take)).length,
  'costs of scrypt': (data, take) => crypto.scryptSync(data, data, 10, trap({}, 'N', 16, take)),
  'padding of a cipher': (data, take) => {
    const options = { key: rsa.publicKey, oaepLabel: data };
    return crypto.publicEncrypt(trap(options, 'padding', 4, take), data).length;
  },
  'length of a hash': (data, take) =>
    crypto.hash('sha256', data, trap({}, 'outputLength', 32, take)),
};
for (const [name, call] of Object.entries(takes)) {
  cases[`taken by the ${name}`] = () => {
    const data = new Uint8Array(32);
    return call(data, () => data.buffer.transfer());
  };
  cases[`shrunk by the ${name}`] = () => {
    const data = new Uint8Array(new ArrayBuffer(32, { maxByteLength: 64 }));
    return call(data, () => data.buffer.resize(8));
  };
}
