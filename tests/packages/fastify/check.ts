import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const ship = await worker.get('/ships/nau?sails=3');
  assert.deepEqual(JSON.parse(ship.text), { name: 'nau', query: { sails: '3' } });
  assert.equal(ship.headers['x-seen'], '/ships/nau?sails=3');
  const made = await worker.post('/ships', { name: 'Bérrio' });
  assert.equal(made.status, 201);
  assert.deepEqual(JSON.parse(made.text), { made: { name: 'Bérrio' } });
  assert.equal(await worker.text('/stream'), 'one two');
  const reef = await worker.get('/reef');
  assert.equal(reef.status, 418);
  assert.equal(JSON.parse(reef.text).message, 'aground');
  assert.equal((await worker.get('/nowhere')).status, 404);
};
