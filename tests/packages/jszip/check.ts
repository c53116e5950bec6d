import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const zip = await worker.get('/make');
  assert.equal(zip.status, 200, zip.text);
  assert.ok(zip.body.length < 600, `${zip.body.length}`);
  const read = (body: Buffer) => worker.get('/read', { method: 'POST', body });
  assert.deepEqual(JSON.parse((await read(zip.body)).text), {
    names: ['charts/', 'charts/índia.bin', 'log.txt'],
    comment: 'mar',
    log: 2400,
    bytes: [1, 2, 3],
  });
  assert.equal((await read(zip.body.subarray(0, 100))).status, 500);
};
