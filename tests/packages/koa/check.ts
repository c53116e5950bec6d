import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const ship = await worker.get('/ship?sails=3');
  assert.deepEqual(JSON.parse(ship.text), {
    method: 'GET',
    query: { sails: '3' },
    ip: '127.0.0.1',
  });
  assert.equal(ship.headers['x-seen'], '/ship');
  assert.match(`${ship.headers['content-type']}`, /^application\/json/);
  const body = 'São Gabriel '.repeat(10_000);
  assert.equal(await worker.text('/echo', { method: 'POST', body }), body);
  assert.equal(await worker.text('/stream'), 'one two');
  assert.equal((await worker.get('/empty')).status, 204);
  const reef = await worker.get('/reef');
  assert.equal(`${reef.status} ${reef.text}`, '418 aground');
  assert.equal((await worker.get('/old')).headers.location, '/ship');
  assert.equal((await worker.get('/nowhere')).status, 404);
};
