import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const [info, warning, error, ...rest] = await worker.json('/', { headers: { 'x-id': '7' } });
  assert.deepEqual(info, { level: 'info', message: 'to Goa in 9 days', ship: 'nau' });
  assert.deepEqual(warning, { level: 'warn', message: 'reef ahead', request: '7', ship: 'nau' });
  assert.deepEqual([error.level, error.message], ['error', 'off the map']);
  assert.deepEqual(rest, []);
};
