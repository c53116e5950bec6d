// createMac() of node:crypto: each code, with each option, those that it has not too.
import { createMac, createSecretKey, getMacs } from 'node:crypto';

const keys = [0, 1, 16, 32, 64, 65].map((size) => Buffer.alloc(size, 7));
const options = [
  undefined,
  {},
  { digest: 'sha256' },
  { digest: 'nothing' },
  { digest: 'sha512', outputLength: 4 },
  { digest: 'sha256', cipher: 'aes-128-cbc' },
  { cipher: 'aes-128-cbc' },
  { cipher: 'aes-256-cbc' },
  { cipher: 'nothing' },
  { cipher: 'aes-128-gcm' },
  { cipher: 'aes-128-gcm', iv: Buffer.alloc(12) },
  { cipher: 'aes-256-gcm', iv: Buffer.alloc(1) },
  { cipher: 'aes-128-gcm', iv: Buffer.alloc(0) },
  { customization: Buffer.from('x') },
  { customization: Buffer.alloc(0), outputLength: 10 },
  { salt: Buffer.alloc(16, 1), customization: Buffer.alloc(16), outputLength: 20 },
  { outputLength: 0 },
  { outputLength: 8 },
  { outputLength: 3 },
  { outputLength: 2 ** 31 },
  { outputLength: -1 },
  { digest: 1 },
  { iv: 'text' },
];

export default async function run() {
  const lines = [];
  const tell = (name, act) => {
    try {
      lines.push(`${name}: ${act()}`);
    } catch (error) {
      const { name: kind, message, code } = error;
      lines.push(`${name}: ${kind} ${code} ${message} ${Object.keys(error)}`);
    }
  };
  tell('names', () => getMacs());
  for (const name of [...getMacs(), 'HMAC', 'CMAC', 'nothing', '', 1])
    for (const key of keys)
      for (const each of options)
        tell(`${name} ${key.length} ${JSON.stringify(each)}`, () =>
          createMac(name, key, each).update('some text').update('00ff', 'hex').final('hex'),
        );
  const sha = { digest: 'sha256' };
  const key = keys[2];
  tell('a KeyObject', () => createMac('hmac', createSecretKey(key), sha).final('base64'));
  tell('an ArrayBuffer', () => createMac('hmac', new ArrayBuffer(4), sha).final('hex'));
  tell('a text as key', () => createMac('hmac', 'text', sha));
  tell('no key', () => createMac('hmac'));
  tell('a Buffer', () => Buffer.isBuffer(createMac('hmac', key, sha).final()));
  tell('twice', () => {
    const mac = createMac('hmac', key, sha);
    mac.final();
    return mac.final();
  });
  tell('update() after the end', () => {
    const mac = createMac('hmac', key, sha);
    mac.final();
    mac.update('a');
  });
  tell('a number', () => createMac('hmac', key, sha).update(1));
  tell('an unknown encoding', () => createMac('hmac', key, sha).final('x'));
  const stream = createMac('hmac', key, sha);
  stream.end('some text');
  lines.push(`as a stream: ${Buffer.concat(await stream.toArray()).toString('hex')}`);
  return lines;
}
