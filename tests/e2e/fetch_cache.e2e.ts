// init.cf of fetch(): what is kept of an origin's answers, and where a request goes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';

const source = esModule(`export default { async fetch(request) {
  const [url, init] = await request.json();
  try {
    const answer = await fetch(url, init);
    return Response.json([answer.status, await answer.text(),
      answer.headers.get('cf-cache-status'), answer.headers.get('set-cookie')]);
  } catch (error) {
    return Response.json([String(error)]);
  }
} };`);

let platform: Platform;
let requests = 0;
let host = '';
const origin = createServer((request, response) => {
  requests++;
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://origin');
  for (const [name, value] of searchParams) if (name !== 'status') response.setHeader(name, value);
  response.statusCode = Number(searchParams.get('status') ?? 200);
  const tag = searchParams.get('etag');
  if (tag !== null && request.headers['if-none-match'] === tag) {
    response.writeHead(304).end();
    return;
  }
  response.end(`${requests} ${pathname} ${request.headers.host?.split(':')[0]}`);
});

before(async () => {
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
  host = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  platform = await Platform.start(['--allow-egress', '127.0.0.0/8', '--shards', '1']);
  await platform.deploy('reader', [source]);
});
after(async () => {
  await platform?.stop();
  origin.closeAllConnections();
  origin.close();
});

type Outcome = [status: number, body: string, cache: string | null, cookie: string | null];

async function run(url: string, init: object = {}): Promise<Outcome> {
  const body = JSON.stringify([url, init]);
  const { text } = await platform.get('reader', '/', { method: 'POST', body });
  return JSON.parse(text) as Outcome;
}

async function body(where: string, cf?: object, more: object = {}) {
  return (await run(host + where, { cf, ...more }))[1];
}

test('without a word of the Worker nothing is kept', async () => {
  const [, first, cache] = await run(`${host}/plain?cache-control=max-age=60`);
  assert.equal(cache, null);
  assert.notEqual(await body('/plain?cache-control=max-age=60'), first);
});

test('cacheTtl keeps an answer whatever its headers say', async () => {
  const where = '/ttl?cache-control=no-store&set-cookie=a=b';
  const cf = { cacheTtl: 60 };
  const [status, first, miss, cookie] = await run(host + where, { cf });
  assert.deepEqual([status, miss, cookie], [200, 'MISS', 'a=b']);
  assert.deepEqual(await run(host + where, { cf }), [200, first, 'HIT', null]);
  assert.notEqual(await body(where), first, 'a fetch that asks for no cache gets none');
  assert.notEqual(await body(where, cf, { cache: 'no-store' }), first);
});

test('cacheEverything goes by what the answer says', async () => {
  const cf = { cacheEverything: true };
  const kept = '/all?cache-control=max-age=60';
  const first = await body(kept, cf);
  assert.equal(await body(kept, cf), first);
  const [, second, bypass] = await run(`${host}/all?cache-control=private`, { cf });
  assert.equal(bypass, 'BYPASS');
  assert.notEqual(await body('/all?cache-control=private', cf), second);
  const [, , dynamic] = await run(host + kept, { cf, method: 'POST', body: 'x' });
  assert.equal(dynamic, 'DYNAMIC');
});

test('a HEAD is answered from what a GET has kept', async () => {
  const cf = { cacheTtl: 60 };
  const where = `${host}/head`;
  assert.deepEqual(await run(where, { cf, method: 'HEAD' }), [200, '', 'BYPASS', null]);
  const before = requests;
  await run(where, { cf });
  assert.deepEqual(await run(where, { cf, method: 'HEAD' }), [200, '', 'HIT', null]);
  assert.equal(requests, before + 1);
});

test('what is stale is given again where the origin says that it holds', async () => {
  const cf = { cacheTtl: 0 };
  const where = '/stale?etag="a"';
  const [, first, miss] = await run(host + where, { cf });
  assert.equal(miss, 'MISS');
  const before = requests;
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await run(host + where, { cf }), [200, first, 'REVALIDATED', null]);
  }
  assert.equal(requests, before + 3);
  const headers = { 'if-none-match': '"a"' };
  assert.equal((await run(host + where, { cf, headers }))[0], 304);
  const [, other, expired] = await run(`${host}/expired?last-modified=then`, { cf });
  assert.equal(expired, 'MISS');
  const again = await run(`${host}/expired?last-modified=then`, { cf });
  assert.equal(again[2], 'EXPIRED');
  assert.notEqual(again[1], other);
});

test('no client chooses by its fields what others are given', async () => {
  const cf = { cacheTtl: 60 };
  const headers = { 'x-forwarded-host': 'evil.example' };
  const theirs = await body('/poisoned', cf, { headers });
  const mine = await body('/poisoned', cf);
  assert.notEqual(mine, theirs);
  assert.equal(await body('/poisoned', cf, { headers }), theirs);
});

test('cacheTtlByStatus tells apart what went well', async () => {
  const cf = { cacheTtlByStatus: { '200-299': 60, 404: 60, '500-599': -1 } };
  const found = await body('/status', cf);
  assert.equal(await body('/status', cf), found);
  const missing = await body('/status?status=404', cf);
  assert.equal(await body('/status?status=404', cf), missing);
  const failed = await body('/status?status=503', cf);
  assert.notEqual(await body('/status?status=503', cf), failed);
});

test('cacheKey stands for the URL', async () => {
  const cf = { cacheTtl: 60, cacheKey: 'one key' };
  const first = await body('/key/1', cf);
  assert.equal(await body('/key/2', cf), first);
});

test('each step of a redirect is kept under its own URL', async () => {
  const cf = { cacheTtl: 60, cacheKey: 'a redirect' };
  const where = '/from?status=302&location=/to';
  const first = await body(where, cf);
  assert.match(first, /\/to/);
  const before = requests;
  assert.equal(await body(where, cf), first);
  assert.equal(requests, before);
});

test('what is not built is named once in the log', async () => {
  const cf = { cacheTtl: 60, polish: 'lossy', colo: 'AMS', cacheTtlByStatus: { never: 1 } };
  for (let i = 0; i < 3; i++) await body('/named', cf);
  const warnings = async () => {
    const logs = await platform.run('logs', ['reader']);
    return logs.output.split('\n').filter((line) => line.includes('is ignored'));
  };
  let found = await warnings();
  while (found.length < 2) found = await warnings();
  assert.equal(found.length, 2, found.join('\n'));
  assert.ok(found.some((line) => line.includes('cf.polish is ignored: Caravel does not have it')));
  assert.ok(found.some((line) => line.includes('cf.cacheTtlByStatus["never"] is ignored')));
});

test('resolveOverride leads to another host of the same zone', async () => {
  const added = await platform.ask('POST', '/zones', { name: 'localhost.test', origin: '' });
  assert.ok(added.success, JSON.stringify(added.errors));
  const { port } = new URL(host);
  // Neither name is known: the error says which one was looked for.
  const where = `http://www.localhost.test:${port}/x`;
  const [inside] = await run(where, { cf: { resolveOverride: 'other.localhost.test' } });
  assert.match(String(inside), /other\.localhost\.test/);
  const [outside] = await run(where, { cf: { resolveOverride: 'other.test' } });
  assert.doesNotMatch(String(outside), /other\.test/);
});
