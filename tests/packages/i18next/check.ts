import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  assert.deepEqual(await worker.json('/'), {
    ships: ['1 ship', '2 ships', '5 ships', '22 ships'],
    places: ['1st', '2nd', '3rd', '11th'],
    price: '€1,234.50',
    port: 'To Goa, &lt;Ana&gt;',
    missing: 'a default',
  });
  const polish = await worker.json('/?lng=pl');
  assert.deepEqual(polish.ships, ['1 statek', '2 statki', '5 statków', '22 statki']);
  assert.equal(polish.port, 'To Goa, &lt;Ana&gt;');
};
