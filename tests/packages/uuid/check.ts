import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const ids = await worker.json('/');
  assert.equal(ids.v1, 1);
  // From RFC 9562's and Python's documentation.
  assert.equal(ids.v3, '5df41881-3aed-3515-88a7-2f4a814cf09e');
  assert.equal(ids.v5, '2ed6657d-e927-568b-95e1-2665a8aea6a2');
  assert.equal(new Set(ids.v4).size, 100);
  for (const id of ids.v4) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
  assert.ok(ids.inOrder);
  const sent = Number.parseInt(ids.v7[0].replace('-', '').slice(0, 12), 16);
  assert.equal(new Date(sent).getUTCFullYear(), new Date().getUTCFullYear());
  assert.equal(ids.round, '6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b');
  assert.deepEqual(ids.valid, [true, false]);
};
