import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const page = await worker.get('/page');
  assert.equal(page.text, '<ul><li>São Gabriel</li><li>Bérrio &amp; &lt;co&gt;</li></ul>');
  const again = await worker.get('/page', { headers: { 'if-none-match': `${page.headers.etag}` } });
  assert.equal(again.status, 304);

  const ship = await worker.get('/api/ships/42', { headers: { origin: 'https://shop.example' } });
  assert.deepEqual(JSON.parse(ship.text), { id: 42 });
  assert.equal(ship.headers['access-control-allow-origin'], 'https://shop.example');
  const preflight = await worker.get('/api/ships', {
    method: 'OPTIONS',
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
  });
  assert.equal(preflight.status, 204);
  assert.match(`${preflight.headers['access-control-allow-methods']}`, /POST/);
  assert.equal((await worker.get('/api/ships/x')).text, 'no such port');

  assert.equal((await worker.post('/api/ships', { name: 'Nau' })).status, 201);
  assert.equal((await worker.post('/api/ships', { name: 7 })).status, 422);

  const token = await worker.text('/token');
  assert.equal((await worker.get('/private/me')).status, 401);
  const forged = { authorization: `Bearer ${token.slice(0, -4)}AAAA` };
  assert.equal((await worker.get('/private/me', { headers: forged })).status, 401);
  const headers = { authorization: `Bearer ${token}` };
  assert.deepEqual(await worker.json('/private/me', { headers }), { sub: 'vasco' });

  const events = await worker.get('/events');
  assert.match(`${events.headers['content-type']}`, /^text\/event-stream/);
  assert.equal(events.text.match(/event: port/g)?.length, 3);
  assert.match(events.text, /data: Melinde\n\n/);

  const reef = await worker.get('/reef');
  assert.equal(`${reef.status} ${reef.text}`, '418 aground');
};
