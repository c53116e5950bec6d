import assert from 'node:assert/strict';
import { startPostgres } from '../servers.ts';
import type { Worker } from '../worker.ts';

export const start = startPostgres;

const expected = {
  inserted: [
    { id: 1, name: 'São Gabriel', at: '1970-01-01T00:00:00.000Z', extra: { flag: 'PT' } },
    { id: 2, name: "O'Berrio", at: '2001-09-09T01:46:40.000Z', extra: [1, null] },
  ],
  found: { crew: 30 },
  refused: { code: '23505', constraint_name: 'ships_name_key' },
  rolledBack: 'storm',
  pages: [400, 400, 200],
  both: { crew: 90, n: '2' },
  big: 300_000,
};

export default async (worker: Worker) => {
  // Connections belong to a request: the second one makes its own.
  for (let i = 0; i < 2; i++) assert.deepEqual(await worker.json('/'), expected);
};
