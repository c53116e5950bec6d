import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const pdf = await worker.get('/');
  assert.equal(pdf.status, 200, pdf.text);
  assert.equal(pdf.body.toString('latin1', 0, 8), '%PDF-1.7');
  assert.match(pdf.body.toString('latin1').trimEnd(), /%%EOF$/);
  // 722 + 444 + 389 + 444 + 500 thousandths, less the pair Va's 111.
  assert.equal(pdf.headers['x-width'], '23.88');
  const read = await worker.get('/', { method: 'POST', body: pdf.body });
  assert.deepEqual(JSON.parse(read.text), {
    pages: [
      { width: 300, height: 200 },
      { width: 595.28, height: 841.89 },
    ],
    title: 'Diário de bordo',
    captain: 'Gama',
    aboard: true,
  });
  assert.equal((await worker.get('/', { method: 'POST', body: 'no pdf' })).status, 500);
};
