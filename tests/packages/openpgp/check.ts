import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const answer = await worker.get('/', { method: 'POST', body: 'rumo à Índia' });
  assert.equal(answer.status, 200, answer.text);
  const { wrong, ...rest } = JSON.parse(answer.text);
  assert.deepEqual(rest, {
    armored: '-----BEGIN PGP MESSAGE-----',
    hidden: true,
    data: 'rumo à Índia',
    verified: true,
    user: ['Ana <ana@example.com>'],
  });
  assert.match(wrong, /Error decrypting message/);
};
