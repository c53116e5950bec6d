import assert from 'node:assert/strict';
import { startRedis } from '../servers.ts';
import type { Worker } from '../worker.ts';

export const start = startRedis;

const expected = {
  port: 'Goa — é',
  ttl: true,
  none: null,
  ship: { name: 'nau', crew: '60' },
  winds: [
    { value: 'S', score: 1 },
    { value: 'NW', score: 3 },
  ],
  multi: [1, 9, '9'],
  script: ['k', 42],
  refused: 'WRONGTYPE Operation against a key holding the wrong kind of value',
  big: true,
  keys: ['big', 'days', 'port', 'ship', 'winds'],
  news: 'land',
  errors: [],
};

export default async (worker: Worker) => {
  for (let i = 0; i < 2; i++) assert.deepEqual(await worker.json('/'), expected);
};
