import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  assert.deepEqual(await worker.json('/'), {
    zone: 'UTC',
    later: '2026-03-29T02:30:00.000+01:00',
    tokyo: '2026-03-29 09:30 GMT+9',
    full: '29 March 2026 at 00:30 WET',
    german: 'Sonntag, 29. März 2026',
    relative: '3 days ago',
    duration: '1 day, 2 hours, 40 minutes',
    days: 89,
    invalid: 'unit out of range',
  });
};
