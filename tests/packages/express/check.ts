import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const port = await worker.get('/ports/goa?a[b]=1&c=2', { headers: { 'x-id': '7' } });
  assert.deepEqual(JSON.parse(port.text), {
    port: 'GOA',
    query: { 'a[b]': '1', c: '2' },
    host: 'express.localhost',
  });
  assert.equal(port.headers['x-id'], '7');
  assert.equal(port.headers['x-powered-by'], undefined);
  const fresh = { 'if-none-match': `${port.headers.etag}`, 'x-id': '7' };
  assert.equal((await worker.get('/ports/goa?a[b]=1&c=2', { headers: fresh })).status, 304);

  const made = await worker.post('/ships', { name: 'Nau' });
  assert.deepEqual([made.status, made.text], [201, '{"name":"Nau"}']);
  assert.deepEqual(made.headers['set-cookie'], ['ship=Nau; Path=/; HttpOnly']);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const form = await worker.get('/ships', {
    method: 'POST',
    body: 'name=B&list[]=1&list[]=2',
    headers,
  });
  assert.deepEqual(JSON.parse(form.text), { name: 'B', list: ['1', '2'] });
  assert.equal((await worker.post('/ships', { name: 'x'.repeat(20_000) })).status, 413);
  const broken = { 'content-type': 'application/json' };
  assert.equal(
    (await worker.get('/ships', { method: 'POST', body: '{', headers: broken })).status,
    400,
  );

  const chunks: string[] = [];
  const streamed = await worker.text('/stream', { onChunk: (chunk) => chunks.push(`${chunk}`) });
  assert.equal(streamed, 'terra à vista ');
  assert.ok(chunks.length > 1);
  const gone = await worker.get('/go');
  assert.deepEqual([gone.status, gone.headers.location], [302, '/ports/goa']);
  assert.equal((await worker.text('/big')).length, 100_000);
  const head = await worker.get('/big', { method: 'HEAD' });
  assert.deepEqual([head.text, head.headers['content-length']], ['', '100000']);
  const reef = await worker.get('/reef');
  assert.deepEqual([reef.status, reef.text], [418, '{"error":"aground"}']);
  assert.deepEqual((await worker.get('/nowhere')).text, 'no such port');
};
