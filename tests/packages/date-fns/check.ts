import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  // The clock of Workers is that of UTC.
  assert.deepEqual(await worker.json('/'), {
    formatted: 'Thursday, 8th July 1497 at 12:30',
    portuguese: '20 de maio de 1498',
    days: 316,
    distance: '11 months ago',
    duration: { months: 10, days: 11, hours: 11, minutes: 30 },
    business: '2026-12-02',
    weekends: 8,
    week: 53,
    parsed: '1999-12-31T00:00:00.000Z',
    invalid: false,
  });
};
