// What of node:tls needs no connection, on the certificates of Node's fixtures.
import { X509Certificate } from 'node:crypto';
import tls from 'node:tls';

const hosts = [
  'agent1',
  'agent10.example.com',
  'a.example.com',
  'good.example.com',
  'evil.example.com.',
  'x.test.com',
  'localhost',
  '8.8.8.8',
  '::1',
  'ümlaut.example',
  '',
];

export default function run(fixtures) {
  const lines = [];
  const tell = (name, act) => {
    try {
      lines.push(`${name}: ${JSON.stringify(act())}`);
    } catch ({ name: kind, message, code }) {
      lines.push(`${name}: ${kind} ${code} ${message}`);
    }
  };
  const identity = (host, certificate) => {
    const error = tls.checkServerIdentity(host, certificate);
    return error && [error.message, error.code, error.reason, error.host];
  };
  for (const [name, text] of Object.entries(fixtures)) {
    if (!text.includes('BEGIN CERTIFICATE-')) continue;
    const certificate = new X509Certificate(text).toLegacyObject();
    for (const host of hosts) tell(`${name} for ${host}`, () => identity(host, certificate));
  }
  for (const certificate of [
    {},
    { subject: { CN: 'a.b' } },
    { subject: { CN: ['a.b', '*.c.d'] } },
    { subject: {}, subjectaltname: 'DNS:*.c.d, IP Address:8.8.8.8' },
    { subject: {}, subjectaltname: 'DNS:"a' },
  ])
    for (const host of ['a.b', 'x.c.d', '8.8.8.8'])
      tell(`${JSON.stringify(certificate)} for ${host}`, () => identity(host, certificate));

  tell('ciphers', () => tls.getCiphers());
  tell('constants', () => [
    tls.CLIENT_RENEG_LIMIT,
    tls.CLIENT_RENEG_WINDOW,
    tls.DEFAULT_CIPHERS,
    tls.DEFAULT_ECDH_CURVE,
    tls.DEFAULT_MAX_VERSION,
    tls.DEFAULT_MIN_VERSION,
  ]);
  tell('names', () => Object.keys(tls).toSorted());
  for (const protocols of [['h2', 'http/1.1'], [], [''], ['x'.repeat(256)], Buffer.from('\x02h2')])
    tell(`protocols ${protocols}`, () => {
      const out = {};
      tls.convertALPNProtocols(protocols, out);
      return out.ALPNProtocols.toString('hex');
    });
  tell('certificates of x', () => tls.getCACertificates('x'));
  tell('context', () => typeof tls.createSecureContext().context);
  return lines;
}
