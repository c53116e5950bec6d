import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const port = await worker.get('/ports/7?a=1&a=2');
  assert.deepEqual(JSON.parse(port.text), { id: '7', query: { a: ['1', '2'] } });
  assert.equal(port.headers['x-seen'], '/ports/7');
  const made = await worker.post('/ships', { name: 'Nau', more: 1 });
  assert.deepEqual([made.status, made.text.replaceAll(/\s/g, '')], [201, '{"name":"Nau"}']);
  assert.deepEqual(made.headers['set-cookie'], ['ship=Nau; Path=/; HttpOnly']);
  assert.equal((await worker.post('/ships', { name: 1 })).status, 400);
  const reef = await worker.get('/reef');
  assert.deepEqual([reef.status, JSON.parse(reef.text).message], [418, 'aground']);
  const events = await worker.get('/events');
  assert.match(`${events.headers['content-type']}`, /^text\/event-stream/);
  assert.equal(events.text, 'event: port\ndata: Goa\n\nevent: port\ndata: Diu\n\n');
  assert.equal(await worker.text('/files/a/b.txt'), 'a/b.txt');
  assert.equal((await worker.get('/nowhere')).status, 404);
};
