import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  assert.deepEqual(await worker.json('/?q=calicut'), [['Calecute', 'name']]);
  assert.deepEqual(await worker.json('/?q=mocambique'), [['Moçambique', 'name']]);
  assert.deepEqual((await worker.json('/?q=pilto'))[0], ['Melinde', 'tags']);
  assert.deepEqual(await worker.json('/?q=zzzz'), []);
};
