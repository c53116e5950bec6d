import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  assert.deepEqual(await worker.json('/'), {
    sums: [1, 4, 9],
    ticks: [
      [0, 1],
      [2, 3],
    ],
    retried: 'calm',
    tries: 3,
    inOrder: [8, 1, 4],
    last: 'b',
    late: 'TimeoutError',
  });
};
