import assert from 'node:assert/strict';
import { startPostgres } from '../servers.ts';
import type { Worker } from '../worker.ts';

export const start = startPostgres;

const at = '2001-09-09T01:46:40.000Z';

const expected = {
  ids: [1, 2],
  rows: [
    { text: 'vento é', at, n: '1.50', data: [0, 255] },
    { text: "it's", at, n: '1.50', data: null },
  ],
  fields: ['text', 'at', 'data', 'n'],
  array: [[1, 2], { a: [1] }],
  refused: ['42P01', 'relation "none" does not exist'],
  notices: ['land'],
  sums: [3, 4, 5, 6],
};

export default async (worker: Worker) => {
  for (let i = 0; i < 2; i++) assert.deepEqual(await worker.json('/'), expected);
};
