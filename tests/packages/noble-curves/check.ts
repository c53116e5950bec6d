import assert from 'node:assert/strict';
import { createECDH, createHmac, createPrivateKey, sign } from 'node:crypto';
import type { Worker } from '../worker.ts';

const secret = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const message = 'the wind is fair';

export default async (worker: Worker) => {
  const answer = await worker.post('/', { secret, message });
  const got = JSON.parse(answer.text);
  // The first test vector's key in RFC 8032, 7.1.
  assert.equal(got.edPublic, 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  const der = Buffer.from(`302e020100300506032b657004220420${secret}`, 'hex');
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  assert.equal(got.ed25519, sign(null, Buffer.from(message), key).toString('hex'));
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(secret, 'hex');
  assert.equal(got.secp256k1, ecdh.getPublicKey('hex', 'compressed'));
  assert.equal(got.signature.length, 128);
  assert.deepEqual(
    [got.verified, got.tampered, got.shared, got.webcrypto],
    [true, false, true, true],
  );
  const mac = createHmac('sha256', Buffer.from(secret, 'hex')).update(message).digest('hex');
  assert.equal(got.mac, mac);
  assert.match(got.keccak, /^[0-9a-f]{64}$/);
};
