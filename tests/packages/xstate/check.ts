import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const { states, ...rest } = await worker.json('/');
  assert.deepEqual(
    states.filter((state: string, index: number) => state !== states[index - 1]),
    ['asking', 'harbour', 'sea', 'arrived'],
  );
  assert.deepEqual(rest, { output: { wind: 'NW', tries: 2 }, status: 'done', again: 'harbour' });
};
