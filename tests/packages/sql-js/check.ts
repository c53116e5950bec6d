import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  assert.deepEqual(await worker.json('/'), {
    grouped: {
      columns: ['size', 'n'],
      values: [
        [0, 179],
        [1, 161],
        [2, 160],
      ],
    },
    refused: 'UNIQUE constraint failed: ships.name',
    found: { name: 'ship 300', crew: 0, log: [44] },
    json: 2,
    integrity: 'ok',
  });
};
