import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const [info, warning, trace, ...rest] = await worker.json('/a?b');
  assert.deepEqual([info.level, info.msg, info.request], [30, 'to Goa in 9 days', 'GET /a']);
  assert.ok(Math.abs(info.time - Date.now()) < 600_000);
  assert.deepEqual([warning.level, warning.msg, warning.ship], [40, 'reef ahead', 'nau']);
  assert.deepEqual([trace.level, trace.msg, trace.depth], [10, 'sounded', 7]);
  assert.deepEqual(rest, []);
};
