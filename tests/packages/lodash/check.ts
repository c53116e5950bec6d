import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const answer = await worker.post('/', [
    { captain: 'Gama', ships: 4, ports: ['Melinde', 'Calecute'] },
    { captain: 'Cabral', ships: 13, ports: ['Porto Seguro', 'Calecute'] },
    { captain: 'Gama', ships: 20, ports: ['Cochim'] },
  ]);
  assert.deepEqual(JSON.parse(answer.text), {
    byCaptain: { Gama: 24, Cabral: 13 },
    ports: ['Calecute', 'Cochim', 'Melinde', 'Porto Seguro'],
    most: 'Gama',
    merged: { a: { b: [3, 2], c: 4 } },
    cloned: true,
    camel: 'saoJorgeDaMina',
    chunks: [[0, 1, 2], [3, 4, 5], [6]],
    got: 'Porto Seguro',
    calls: 1,
    escaped: '&lt;a &amp; b&gt;',
  });
};
