import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const { parts, seen, ...rest } = await worker.json('/');
  assert.deepEqual(parts.at(-1), { port: 'Goa', days: 9 });
  assert.ok(parts.length > 1, JSON.stringify(parts));
  assert.deepEqual(seen, ['nobody > outer', 'outer > inner']);
  assert.deepEqual(rest, {
    loud: 'OLÁ',
    both: [
      { same: 1, twice: 2 },
      { same: 2, twice: 4 },
    ],
    messages: [
      ['system', 'Answer in verse.'],
      ['human', 'Where to, Eva?'],
    ],
    retried: 2,
  });
};
