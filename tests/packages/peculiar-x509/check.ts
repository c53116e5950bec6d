import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const pem = await worker.text('/');
  const made = new X509Certificate(pem);
  assert.equal(made.subject, 'CN=caravel\nO=Índia');
  assert.ok(made.ca && made.verify(made.publicKey));
  assert.equal(made.validTo, 'Jan  1 00:00:00 2046 GMT');
  assert.equal(made.serialNumber, '0A');
  const read = await worker.get('/', { method: 'POST', body: pem });
  assert.deepEqual(JSON.parse(read.text), {
    subject: 'CN=caravel, O=Índia',
    issuer: 'CN=caravel, O=Índia',
    own: true,
    valid: true,
    thumbprint: createHash('sha256').update(made.raw).digest('hex'),
  });
};
