import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const page = await worker.get('/?ship=nau&ship=%3Cbote%3E');
  assert.equal(page.status, 200, page.text);
  assert.equal(page.headers['x-ships'], '2');
  const html = page.text.replaceAll(/ data-astro-cid-\w+/g, '');
  assert.match(html, /^<!DOCTYPE html><html lang="en"><head><title>Fleet<\/title><style>/);
  assert.match(html, /<ul><li class="ship">nau: N &amp; E <b><i>crew<\/i><\/b><\/li>/);
  assert.match(html, /<li class="ship">&lt;bote&gt;: N &amp; E /);
  const data = await worker.json('/Goa.json', { headers: { 'user-agent': 'me' } });
  assert.deepEqual(data, { port: 'Goa', agent: 'me' });
};
