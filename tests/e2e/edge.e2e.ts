// How requests are taken in: behind which proxies, and under which number.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type Ask, ask } from '../../tools/platform/http.ts';
import { esModule, Platform } from '../../tools/platform/platform.ts';

const source = esModule(`export default { async fetch(request, env) {
  const url = new URL(request.url);
  if (url.pathname === '/fail') throw new Error('on purpose');
  if (url.pathname === '/own') return fetch('http://edge.test/own', request);
  if (url.pathname === '/log') console.log('said');
  return Response.json({ url: request.url, headers: Object.fromEntries(request.headers) },
    { headers: { 'cf-ray': 'what the Worker says' } });
} };`);

interface Seen {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers with what it was asked. */
function echo(): Server {
  return createServer((request, response) =>
    response.end(JSON.stringify({ url: request.url, headers: request.headers })),
  );
}

let platform: Platform;
const origin = echo();

const at = (host: string, where: string, headers: Record<string, string> = {}, more: Ask = {}) =>
  ask(`http://127.0.0.1:${new URL(platform.http).port}${where}`, { host, headers, ...more });
const seen = (text: string) => JSON.parse(text) as Seen;

const forwarded = {
  'x-forwarded-for': '192.0.2.1, 198.51.100.7, 10.1.2.3',
  'x-forwarded-proto': 'https',
  'cf-connecting-ip': '203.0.113.9',
  'cf-ray': 'spoofed',
  'cf-visitor': 'spoofed',
  'cf-ipcountry': 'XX',
};

async function start(extra: readonly string[]) {
  platform = await Platform.start(extra);
  const { port } = origin.address() as AddressInfo;
  const zone = { name: 'edge.test', origin: `http://127.0.0.1:${port}` };
  const added = await platform.ask<{ id: string }>('POST', '/zones', zone);
  assert.ok(added.success, JSON.stringify(added.errors));
  await platform.deploy('front', [source]);
  const routes = `/accounts/${platform.account}/workers/scripts/front/routes`;
  await platform.ask('PUT', routes, [{ pattern: 'edge.test/*' }]);
  const off = await platform.ask('POST', `/zones/${added.result.id}/workers/routes`, {
    pattern: 'edge.test/origin*',
  });
  assert.ok(off.success, JSON.stringify(off.errors));
}

before(async () => {
  origin.listen(0, '127.0.0.1');
  await once(origin, 'listening');
});
after(() => origin.close());

describe('where no proxy is trusted', () => {
  before(() => start([]));
  after(() => platform.stop());

  test('the client is who connected, whatever it says', async () => {
    const { url, headers } = seen((await at('edge.test', '/x', forwarded)).text);
    assert.equal(url, 'http://edge.test/x');
    assert.equal(headers['cf-connecting-ip'], '127.0.0.1');
    assert.equal(headers['x-forwarded-for'], forwarded['x-forwarded-for']);
    assert.equal(headers['cf-visitor'], '{"scheme":"http"}');
    assert.equal(headers['cf-ipcountry'], undefined);
  });

  test('a request bears one number: to the Worker, in the answer, in the log', async () => {
    const answer = await at('edge.test', '/log');
    const ray = answer.headers['cf-ray'] as string;
    assert.match(ray, /^[0-9a-f]{16}-LOC$/);
    assert.equal(seen(answer.text).headers['cf-ray'], ray);
    assert.notEqual((await at('edge.test', '/log')).headers['cf-ray'], ray);
    const failed = await at('edge.test', '/fail');
    const id = (failed.headers['cf-ray'] as string).split('-')[0] as string;
    assert.match(failed.text, new RegExp(id));
    const numbers = [id, ray.split('-')[0] as string];
    let logs = '';
    while (!numbers.every((number) => logs.includes(number)))
      logs = (await platform.run('logs', ['front'])).output;
  });

  test('so does one that no Worker answers', async () => {
    const answer = await at('edge.test', '/origin', forwarded);
    const { headers } = seen(answer.text);
    assert.match(headers['cf-ray'] as string, /^[0-9a-f]{16}-LOC$/);
    assert.equal(headers['cf-ray'], answer.headers['cf-ray']);
    assert.equal(headers['cf-visitor'], '{"scheme":"http"}');
    assert.equal(headers['cf-ipcountry'], undefined);
    assert.match((await at('nobody.test', '/')).headers['cf-ray'] as string, /-LOC$/);
  });

  test('an origin hears by whom its own Worker was asked', async () => {
    const answer = await at('edge.test', '/own', { 'x-forwarded-for': '192.0.2.1' });
    const { headers } = seen(answer.text);
    assert.equal(headers['x-forwarded-for'], '192.0.2.1, 127.0.0.1');
    assert.equal(headers['cf-worker'], 'edge.test');
    assert.equal(headers['cf-ray'], answer.headers['cf-ray']);
  });
});

describe('behind a proxy that is trusted', () => {
  before(() => start(['--trusted-proxies', '127.0.0.0/8,10.0.0.0/8']));
  after(() => platform.stop());

  test('the client is who the proxy says, and so is the scheme', async () => {
    const { url, headers } = seen((await at('edge.test', '/x', forwarded)).text);
    assert.equal(url, 'https://edge.test/x');
    assert.equal(headers['cf-connecting-ip'], '198.51.100.7');
    assert.equal(headers['x-real-ip'], '198.51.100.7');
    assert.equal(headers['x-forwarded-for'], forwarded['x-forwarded-for']);
    assert.equal(headers['cf-visitor'], '{"scheme":"https"}');
  });

  test('an origin hears of the proxy too', async () => {
    const { headers } = seen((await at('edge.test', '/origin', forwarded)).text);
    assert.equal(headers['cf-connecting-ip'], '198.51.100.7');
    assert.equal(headers['x-forwarded-for'], `${forwarded['x-forwarded-for']}, 127.0.0.1`);
    assert.equal(headers['cf-visitor'], '{"scheme":"https"}');
  });
});

test('what is no range of addresses is refused by name', async () => {
  await assert.rejects(
    Platform.start(['--trusted-proxies', '10.0.0.0/8,10.0.0.1/8']),
    /--trusted-proxies: "10\.0\.0\.1\/8": has bits behind its prefix/,
  );
});
