// X509Certificate and Certificate (SPKAC) of node:crypto, on all certificates of Node's
// fixtures, on damaged ones, and on what is none.
import {
  Certificate,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  X509Certificate,
} from 'node:crypto';
import { inspect } from 'node:util';

const shown = (value) =>
  inspect(value, { depth: 5, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 20 });

export default function run(fixtures) {
  const lines = [];
  const tell = (name, act) => {
    let said;
    try {
      said = shown(act());
    } catch (error) {
      const { name: kind, message, code } = error;
      said = `throws ${shown({ kind, message, code, keys: Object.keys(error) })}`;
    }
    lines.push(`${name}: ${said}`);
  };

  const names = Object.keys(fixtures).filter((name) =>
    fixtures[name].includes('BEGIN CERTIFICATE-'),
  );
  const read = names.map((name) => new X509Certificate(fixtures[name]));
  for (const [at, certificate] of read.entries()) {
    const name = names[at];
    tell(name, () => certificate);
    tell(`${name} more`, () => [
      certificate.ca,
      certificate.toJSON(),
      certificate.toString() === `${certificate}`,
      certificate.raw.toString('base64'),
      certificate.issuerCertificate,
      ...['raw', 'publicKey', 'keyUsage'].map((each) =>
        Object.is(certificate[each], Reflect.get(certificate, each)),
      ),
      Object.keys(certificate),
      certificate instanceof X509Certificate,
    ]);
    tell(`${name} key`, () => certificate.publicKey.export({ type: 'spki', format: 'pem' }));
    tell(`${name} kind of key`, () => certificate.publicKey.asymmetricKeyDetails);
    tell(`${name} as before`, () => certificate.toLegacyObject());
    tell(`${name} of DER`, () => new X509Certificate(certificate.raw).fingerprint);
    for (const host of ['agent1', 'a.example.com', 'evil.example.com', '*.test.com', 'x.test.com'])
      for (const options of [
        undefined,
        { subject: 'never' },
        { subject: 'always', wildcards: false },
      ])
        tell(`${name} host ${host}`, () => certificate.checkHost(host, options));
    tell(`${name} email`, () => certificate.checkEmail('ry@tinyclouds.org'));
    tell(`${name} IP`, () => [
      certificate.checkIP('8.8.8.8'),
      certificate.checkIP('8.8.4.4'),
      certificate.checkIP('::1'),
    ]);
    tell(`${name} by`, () => read.map((other) => Number(certificate.checkIssued(other))).join(''));
    tell(`${name} signed by`, () =>
      read
        .filter((other) => certificate.checkIssued(other))
        .map((other) => certificate.verify(other.publicKey)),
    );
  }

  const [first] = read;
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = createPrivateKey(fixtures['keys/agent1-key.pem']);
  const agent = new X509Certificate(fixtures['keys/agent1-cert.pem']);
  tell('its key', () => [agent.checkPrivateKey(own), agent.checkPrivateKey(pair.privateKey)]);
  tell('not its key', () => [
    agent.verify(pair.publicKey),
    agent.verify(createPublicKey(own)),
    agent.verify(new X509Certificate(fixtures['keys/ca1-cert.pem']).publicKey),
  ]);
  for (const wrong of [
    undefined,
    null,
    1,
    {},
    [],
    true,
    '',
    'x',
    new Uint8Array(3),
    new ArrayBuffer(3),
  ])
    tell(`of ${shown(wrong)}`, () => new X509Certificate(wrong));
  for (const name of ['checkHost', 'checkEmail', 'checkIP'])
    for (const wrong of [undefined, 1, '', 'a\0b', '[::]', 'é', 'x'.repeat(300)])
      tell(`${name} ${shown(wrong)}`, () => first[name](wrong));
  for (const wrong of [{ subject: 'x' }, { wildcards: 1 }, 1, null])
    tell(`options ${shown(wrong)}`, () => first.checkHost('agent1', wrong));
  tell('verify a private key', () => first.verify(pair.privateKey));
  tell('check a public key', () => first.checkPrivateKey(pair.publicKey));
  tell('check text', () => first.checkPrivateKey('x'));
  tell('issued by text', () => first.checkIssued('x'));
  for (const name of ['subject', 'raw', 'ca', 'publicKey', 'issuerCertificate'])
    tell(`foreign ${name}`, () => Reflect.get(X509Certificate.prototype, name, {}));
  for (const name of ['toString', 'toLegacyObject', 'checkHost'])
    tell(`foreign ${name}()`, () => X509Certificate.prototype[name].call({}, 'a'));

  // Damaged in each place, one after another.
  const whole = agent.raw;
  for (let at = 0; at < whole.length; at += 7) {
    const damaged = Buffer.from(whole);
    damaged[at] ^= 0x55;
    tell(`damaged at ${at}`, () => {
      const made = new X509Certificate(damaged);
      return [made.subject, made.subjectAltName, made.infoAccess, made.keyUsage, made.ca];
    });
    tell(`cut at ${at}`, () => new X509Certificate(whole.subarray(0, at)).subject);
  }

  const signed = Object.keys(fixtures)
    .filter((name) => name.endsWith('.spkac'))
    .map((name) => fixtures[name]);
  const none = [
    '',
    ' ',
    'x',
    signed[0].slice(0, 60),
    Buffer.alloc(50),
    new ArrayBuffer(8),
    1,
    null,
  ];
  for (const spkac of [...signed, ...signed.map(Buffer.from), `${signed[0]}\n `, ...none])
    for (const name of ['verifySpkac', 'exportPublicKey', 'exportChallenge'])
      tell(`${name} ${shown(spkac)}`, () => Certificate[name](spkac));
  return lines;
}
