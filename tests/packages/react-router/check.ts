import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const chunks: string[] = [];
  const home = await worker.text('/', { onChunk: (chunk) => chunks.push(chunk.toString()) });
  assert.match(home, /<title>Ports<\/title>/);
  assert.match(home, /<h1>PT<\/h1><a href="\/ports\/Goa" data-discover="true">Goa<\/a>/);
  assert.match(`${chunks[0]}`, /asking the sky/);
  assert.doesNotMatch(`${chunks[0]}`, /fair/);
  assert.match(home, /<p id="weather">fair &amp; warm<\/p>/);
  assert.match(home, /window\.__reactRouterContext/);

  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const posted = await worker.get('/?index', { method: 'POST', body: 'port=Diu', headers });
  assert.equal(posted.status, 302, posted.text);
  assert.equal(posted.headers.location, '/ports/Diu');
  assert.deepEqual(posted.headers['set-cookie'], ['last=1']);

  const port = await worker.get('/ports/S%C3%A3o%20Jorge');
  assert.match(port.text, /<h1>Port of <!-- -->São Jorge<\/h1>/);
  assert.equal(port.headers['cache-control'], 'max-age=9');
  const data = await worker.get('/ports/Goa.data');
  assert.match(`${data.headers['content-type']}`, /^text\/x-script/);
  assert.match(data.text, /"Goa"/);

  const reef = await worker.get('/ports/reef');
  assert.equal(reef.status, 418);
  assert.match(reef.text, /<h1>418 aground<\/h1>/);
  assert.equal((await worker.get('/nowhere')).status, 404);
  assert.deepEqual(await worker.json('/api/ships'), ['nau', 'bote']);
};
