import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const { cause, ...rest } = await worker.json('/');
  assert.match(cause, /sunk/);
  assert.deepEqual(rest, {
    ports: ['GOA', 'DIU', 'ORMUZ'],
    saved: 'saved from aground',
    retried: 4,
    log: ['anchor up', 'sailing', 'anchor down'],
    late: true,
    sums: [4, 16, 36],
  });
};
