import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const ship = await worker.get('/ships/nau?sails=3');
  assert.deepEqual(JSON.parse(ship.text), { name: 'nau', query: { sails: '3' } });
  assert.equal(ship.headers['x-seen'], '/ships/nau');
  assert.equal(ship.headers['x-powered-by'], 'Express');

  const made = await worker.post('/ships', { name: 'Bérrio' });
  assert.equal(made.status, 201);
  assert.deepEqual(JSON.parse(made.text), { made: { name: 'Bérrio' } });
  const form = await worker.get('/ships', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'crew[]=Vasco&crew[]=Nuno',
  });
  assert.deepEqual(JSON.parse(form.text), { made: { crew: ['Vasco', 'Nuno'] } });
  const broken = await worker.get('/ships', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{',
  });
  assert.equal(broken.status, 400);
  const raw = await worker.get('/raw', {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'x'.repeat(50_000),
  });
  assert.equal(raw.text, 'X'.repeat(50_000));

  const old = await worker.get('/old');
  assert.equal(`${old.status} ${old.headers.location}`, '302 /ships/nau');
  const cookie = await worker.get('/cookie');
  assert.equal(cookie.status, 204);
  assert.match(`${cookie.headers['set-cookie']}`, /^ship=nau; Path=\/; HttpOnly/);
  assert.equal(await worker.text('/ip'), '127.0.0.1');

  const text = await worker.get('/text');
  const again = await worker.get('/text', { headers: { 'if-none-match': `${text.headers.etag}` } });
  assert.equal(again.status, 304);
  const head = await worker.get('/text', { method: 'HEAD' });
  assert.equal(`${head.status} ${head.headers['content-length']}`, '200 19');
  assert.equal(await worker.text('/stream'), 'one two');
  assert.equal((await worker.get('/nowhere')).status, 404);
};
