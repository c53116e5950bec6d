import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const { patches, ...rest } = await worker.json('/');
  assert.deepEqual(rest, {
    crew: [60, 61],
    ports: ['Lisboa', 'Goa'],
    log: [{ day: 2 }, { day: 3 }],
    shared: true,
    same: true,
    refused: 'TypeError',
    back: [60, 2, 1],
    original: { a: 5, b: 1 },
  });
  assert.ok(patches.includes('replace ships/nau/crew'), `${patches}`);
};
