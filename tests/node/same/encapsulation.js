// encapsulate() and decapsulate() of node:crypto, with each kind of key.
import { createSecretKey, decapsulate, encapsulate, generateKeyPairSync } from 'node:crypto';

const kinds = [
  ['rsa', { modulusLength: 2048 }],
  ['rsa-pss', { modulusLength: 2048 }],
  ['ec', { namedCurve: 'P-256' }],
  ['ec', { namedCurve: 'secp521r1' }],
  ['ec', { namedCurve: 'secp224r1' }],
  ['x25519'],
  ['x448'],
  ['ed25519'],
  ['ml-kem-512'],
  ['ml-kem-768'],
  ['ml-kem-1024'],
  ['ml-dsa-44'],
];

export default async function run() {
  const lines = [];
  const tell = (name, act) => {
    try {
      lines.push(`${name}: ${act()}`);
    } catch ({ name: kind, message, code }) {
      lines.push(`${name}: ${kind} ${code} ${message}`);
    }
  };
  for (const [kind, options] of kinds) {
    const { publicKey, privateKey } = generateKeyPairSync(kind, options);
    let made;
    tell(kind, () => {
      made = encapsulate(publicKey);
      const { sharedKey, ciphertext } = made;
      return [Buffer.isBuffer(sharedKey), sharedKey.length, ciphertext.length];
    });
    if (made === undefined) continue;
    const { sharedKey, ciphertext } = made;
    tell(`${kind} back`, () => decapsulate(privateKey, ciphertext).equals(sharedKey));
    tell(`${kind} from PEM`, () =>
      decapsulate(privateKey.export({ type: 'pkcs8', format: 'pem' }), ciphertext).equals(
        sharedKey,
      ),
    );
    tell(`${kind} cut`, () => decapsulate(privateKey, ciphertext.subarray(1)));
    tell(`${kind} empty`, () => decapsulate(privateKey, new Uint8Array()));
    tell(`${kind} public`, () => decapsulate(publicKey, ciphertext));
    tell(`${kind} private`, () => encapsulate(privateKey).sharedKey.length);
    lines.push(
      `${kind} later: ${await new Promise((resolve) =>
        decapsulate(privateKey, ciphertext, (error, later) =>
          resolve([error, later?.equals(sharedKey)]),
        ),
      )}`,
    );
  }
  tell('a secret', () => encapsulate(createSecretKey(Buffer.alloc(16))));
  tell('nothing', () => encapsulate());
  tell('a number', () => decapsulate(1, Buffer.alloc(1)));
  return lines;
}
