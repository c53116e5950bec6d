import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const answer = await worker.post('/', ['0.1', '0.2', '19.99']);
  assert.deepEqual(JSON.parse(answer.text), {
    total: '20.29',
    tax: '4.67',
    pi: '3.1415926535897932384626433832795028841971693993751',
    root: '1.4142135623730950488016887242096980785697',
    power: `${2n ** 100n}`,
    hex: '0xff.8',
    fraction: ['5', '32'],
  });
};
