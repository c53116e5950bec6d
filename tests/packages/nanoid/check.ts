import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const { ids, short, code, counted, alphabet } = await worker.json('/?count=500');
  assert.equal(new Set(ids).size, 500);
  for (const id of ids) assert.match(id, /^[\w-]{21}$/);
  assert.match(short, /^[\w-]{8}$/);
  assert.match(code, /^[A-H]{5}$/);
  assert.match(counted, /^[a-p]{4}$/);
  assert.equal((await worker.json('/')).counted, counted);
  assert.notEqual((await worker.json('/')).ids[0], ids[0]);
  assert.equal(alphabet, 64);
};
