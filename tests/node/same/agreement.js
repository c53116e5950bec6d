// Diffie-Hellman of node:crypto: numbers, points and keys that belong to no group, and
// those that do. Nothing that a case gives is random.
import { Buffer } from 'node:buffer';
import crypto from 'node:crypto';
import { linesOf } from './lib/cases.js';

const { createDiffieHellman, createDiffieHellmanGroup, createECDH, ECDH } = crypto;
const cases = {};
export default () => linesOf(cases);

const bytes = (...values) => Buffer.from(values);
const less = (number, by) => {
  const made = Buffer.from(number);
  made[made.length - 1] -= by;
  return made;
};
const modp2 = createDiffieHellmanGroup('modp2').getPrime();
const agrees = (a, b) => {
  const [ofA, ofB] = [a.generateKeys(), b.generateKeys()];
  const secret = a.computeSecret(ofB);
  return [secret.equals(b.computeSecret(ofA)), secret.length];
};

for (const name of ['modp1', 'modp2', 'modp5', 'modp14', 'modp18', 'MODP14', 'nope', 5])
  cases[`group ${name}`] = () => {
    const group = createDiffieHellmanGroup(name);
    return [group.getPrime('hex'), group.getGenerator('hex'), group.verifyError];
  };
for (const name of ['modp1', 'modp2', 'modp5', 'modp14'])
  cases[`two sides of ${name}`] = () =>
    agrees(createDiffieHellmanGroup(name), createDiffieHellmanGroup(name));

for (const size of [-1, 0, 1, 2, 256, 511, 512])
  cases[`prime of ${size} bits`] = () => {
    const made = createDiffieHellman(size);
    return [made.getPrime().length, made.verifyError, made.getGenerator('hex')];
  };
for (const generator of [-1, 0, 1, 3, 5, 1.5, 2 ** 31, 'a', null, {}, bytes(2), bytes()]) {
  const name = `${generator?.constructor.name} ${JSON.stringify(generator)}`;
  cases[`new prime for ${name}`] = () => createDiffieHellman(512, generator).verifyError;
  cases[`prime and ${name}`] = () => createDiffieHellman(modp2, generator).verifyError;
}
for (const [name, generator] of Object.entries({
  'the prime': modp2,
  'one less': less(modp2, 1),
  'two less': less(modp2, 2),
  longer: Buffer.alloc(200, 7),
  zeroes: Buffer.alloc(4),
}))
  cases[`generator is ${name}`] = () => createDiffieHellman(modp2, generator).verifyError;

for (const [name, prime] of Object.entries({
  nothing: bytes(),
  0: bytes(0),
  1: bytes(1),
  2: bytes(2),
  3: bytes(3),
  23: bytes(23),
  24: bytes(24),
  even: Buffer.alloc(64, 0xfe),
  'no prime': Buffer.alloc(64, 0xff),
  'zeroes in front': Buffer.concat([Buffer.alloc(3), modp2]),
})) {
  const side = () => createDiffieHellman(prime);
  cases[`prime ${name}`] = () => side().verifyError;
  cases[`what prime ${name} is`] = () => side().getPrime();
  cases[`keys of prime ${name}`] = () => side().generateKeys().length > 0;
  cases[`public number of prime ${name}`] = () => side().setPrivateKey(bytes(5)).generateKeys();
  cases[`secret of prime ${name}`] = () => side().setPrivateKey(bytes(5)).computeSecret(bytes(4));
  cases[`pair of prime ${name}`] = () =>
    crypto.generateKeyPairSync('dh', { prime }).publicKey.asymmetricKeyType;
}

const side = () => createDiffieHellman(modp2);
for (const [name, other] of Object.entries({
  nothing: bytes(),
  1: bytes(1),
  2: bytes(2),
  'one less': less(modp2, 1),
  'two less': less(modp2, 2),
  long: Buffer.alloc(2000, 0xff),
  number: 5,
}))
  cases[`secret with ${name}`] = () => side().setPrivateKey(bytes(9)).computeSecret(other);
Object.assign(cases, {
  'no public number': () => side().getPublicKey(),
  'no private number': () => side().getPrivateKey(),
  'a secret of no number': () => side().computeSecret(bytes(4)),
  'a private number has no public one yet': () => side().setPrivateKey(bytes(9)).getPublicKey(),
  'a public number is replaced': () =>
    side().setPublicKey(bytes(9)).setPrivateKey(bytes(3)).generateKeys(),
  'a private number of zero': () => side().setPrivateKey(bytes(0)).getPrivateKey(),
  'a private number longer than the prime': () =>
    createDiffieHellman(Buffer.alloc(64, 0xff)).setPrivateKey(Buffer.alloc(65, 3)).generateKeys(),
  'texts in and out': () =>
    createDiffieHellman(modp2.toString('hex'), 'hex', '05', 'hex')
      .setPrivateKey('0a', 'hex')
      .generateKeys('base64'),
});

const curve = (number) => {
  const made = createECDH('prime256v1');
  if (number !== undefined) made.setPrivateKey(number);
  return made;
};
const one = () => curve(Buffer.alloc(32, 7));
const point = one().getPublicKey();
for (const form of [undefined, 'compressed', 'uncompressed', 'hybrid', 'nope', 4])
  cases[`a point ${form}`] = () => one().getPublicKey('hex', form);
for (const name of ['secp521r1', 'sect571r1', 'P-256', 'PRIME256V1', 'ed25519', 'SM2', ''])
  cases[`two sides of ${name}`] = () => agrees(createECDH(name), createECDH(name));
const order = Buffer.from(
  'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  'hex',
);
for (const [name, number] of Object.entries({
  nothing: bytes(),
  0: Buffer.alloc(32),
  1: bytes(1),
  'the order': order,
  'one less': less(order, 1),
  long: Buffer.alloc(5000, 0xff),
  'zeroes in front': Buffer.concat([Buffer.alloc(40), bytes(5)]),
})) {
  cases[`curve with private ${name}`] = () => {
    const made = curve(number);
    return [made.getPrivateKey('hex'), made.getPublicKey('hex')];
  };
}
const changed = Buffer.from(point);
changed[64] ^= 1;
for (const [name, given] of Object.entries({
  nothing: bytes(),
  infinity: bytes(0),
  'off the curve': changed,
  short: point.subarray(0, 60),
  long: Buffer.concat([point, point]),
  'of no form': Buffer.concat([bytes(5), point.subarray(1)]),
  'of the other hybrid': Buffer.concat([bytes(6), point.subarray(1)]),
  hybrid: Buffer.concat([bytes(7), point.subarray(1)]),
})) {
  cases[`secret with a point ${name}`] = () => one().computeSecret(given);
  cases[`pair with a point ${name}`] = () => {
    const made = one();
    made.setPublicKey(given);
    return made.computeSecret(point);
  };
  for (const form of ['compressed', 'hybrid', undefined])
    cases[`point ${name} to ${form}`] = () =>
      ECDH.convertKey(given, 'prime256v1', undefined, undefined, form);
}
Object.assign(cases, {
  'no public point': () => curve().getPublicKey(),
  'no number of a curve': () => curve().getPrivateKey(),
  'a secret of no number of a curve': () => curve().computeSecret(point),
  'a point of another number': () => {
    const made = one();
    made.setPublicKey(curve(bytes(5)).getPublicKey());
    return made.computeSecret(point);
  },
  'a point of another curve': () => ECDH.convertKey(point, 'secp384r1'),
  'a point of no curve': () => ECDH.convertKey(point, 'nope'),
});

const options = {
  modp5: ['dh', { group: 'modp5' }],
  modp14: ['dh', { group: 'modp14' }],
  'P-256': ['ec', { namedCurve: 'P-256' }],
  'P-384': ['ec', { namedCurve: 'P-384' }],
  rsa: ['rsa', { modulusLength: 1024 }],
  x25519: ['x25519'],
  x448: ['x448'],
  ed25519: ['ed25519'],
};
const pairs = Object.fromEntries(
  Object.entries(options).map(([name, args]) => [name, crypto.generateKeyPairSync(...args)]),
);
for (const [own, { privateKey }] of Object.entries(pairs)) {
  for (const [other, { publicKey }] of Object.entries(pairs))
    cases[`${own} agrees with ${other}`] = () =>
      crypto.diffieHellman({ privateKey, publicKey }).length;
}
for (const wrong of [
  { group: 'nope' },
  { group: 'modp5', prime: modp2 },
  { primeLength: -1 },
  { primeLength: 511 },
  { primeLength: 512, generator: 0 },
  { primeLength: 512, generator: 5 },
  { prime: modp2, generator: 0 },
  {},
])
  cases[`pair of ${JSON.stringify(wrong).slice(0, 60)}`] = () => {
    const { publicKey, privateKey } = crypto.generateKeyPairSync('dh', wrong);
    return [publicKey.asymmetricKeyType, privateKey.asymmetricKeyDetails];
  };
const { privateKey, publicKey } = pairs.modp5;
Object.assign(cases, {
  'dh as JWK': () => publicKey.export({ format: 'jwk' }),
  'dh as PKCS #1': () => publicKey.export({ format: 'der', type: 'pkcs1' }),
  'dh out and in': () => {
    const sealed = { format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'x' };
    const key = privateKey.export(sealed);
    return crypto.createPrivateKey({ key, passphrase: 'x' }).equals(privateKey);
  },
  'dh signs': () => crypto.sign('sha256', bytes(1), privateKey),
  'dh signs a stream': () => crypto.createSign('sha256').update('a').sign(privateKey),
  'dh encrypts': () => crypto.publicEncrypt(publicKey, bytes(1)),
});
