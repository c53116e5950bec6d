import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  assert.deepEqual(await worker.json('/'), {
    goa: '2026-03-09 12:35 +05:30',
    summer: '2026-07-01T16:00:00.000Z',
    portuguese: 'segunda-feira, 9 de março',
    from: '2 days ago',
    long: '2 hours',
    end: '31 23:59:59.999',
    diff: '10.61',
    zone: 'UTC',
  });
};
