// Where Workers may connect to: not to this machine or its network, however the
// address is written; what the operator allows is open.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';

/** Fetches ?url= and tells what came of it. */
const fetcher = esModule(`export default { async fetch(request) {
  const url = new URL(request.url).searchParams.get('url');
  try {
    const answer = await fetch(url);
    return Response.json({ status: answer.status, text: await answer.text() });
  } catch (error) {
    return Response.json({ error: String(error) });
  }
} };`);

/** Has a hundred fetches wait for an origin that says nothing. */
const waiter = esModule(`const body = new Uint8Array(120 << 10);
export default { fetch(request, env, ctx) {
  const url = new URL(request.url).searchParams.get('url');
  for (let i = 0; i < 100; i++)
    ctx.waitUntil(fetch(url, { method: 'PUT', body }).catch(() => {}));
  return new Response('they wait');
} };`);

let origin: Server;
let port: number;

before(async () => {
  origin = createServer((request, response) => {
    const target = new URL(request.url ?? '/', 'http://x').searchParams.get('to');
    if (request.method === 'PUT') return;
    if (target) response.writeHead(302, { location: target }).end();
    else response.end('inside');
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  port = (origin.address() as AddressInfo).port;
});
after(() => {
  origin.closeAllConnections();
  origin.close();
});

async function fetched(platform: Platform, url: string) {
  const answer = await platform.get('fetcher', `/?url=${encodeURIComponent(url)}`);
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text) as { status?: number; text?: string; error?: string };
}

describe('without permission', () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start();
    await platform.deploy('fetcher', [fetcher]);
  });
  after(() => platform.stop());

  const refused: [url: (port: number) => string, why: RegExp][] = [
    [(p) => `http://127.0.0.1:${p}/`, /loopback/],
    [(p) => `http://localhost:${p}/`, /loopback/],
    [(p) => `http://shop.localhost:${p}/`, /loopback/],
    [(p) => `http://[::1]:${p}/`, /loopback/],
    [(p) => `http://[::ffff:127.0.0.1]:${p}/`, /loopback/],
    [(p) => `http://2130706433:${p}/`, /loopback/],
    [(p) => `http://0x7f.1:${p}/`, /loopback/],
    [(p) => `http://0.0.0.0:${p}/`, /unspecified|this host/],
    [() => 'http://10.0.0.1/', /private/],
    [() => 'http://172.16.0.1/', /private/],
    [() => 'http://192.168.0.1/', /private/],
    [() => 'http://169.254.169.254/latest/meta-data', /metadata|link-local/],
    [() => 'http://169.254.1.1/', /link-local/],
  ];
  for (const [url, why] of refused) {
    test(`${url(0).replace(':0', '')} is refused with its reason and the remedy`, async () => {
      const { error } = await fetched(platform, url(port));
      assert.match(`${error}`, why);
      assert.match(`${error}`, /--allow-egress/);
    });
  }
});

describe('with --allow-egress 127.0.0.0/8', () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
    await platform.deploy('fetcher', [fetcher]);
  });
  after(() => platform.stop());

  for (const host of ['127.0.0.1', 'localhost', 'some.name.localhost'])
    test(`${host} is open`, async () => {
      assert.deepEqual(await fetched(platform, `http://${host}:${port}/`), {
        status: 200,
        text: 'inside',
      });
    });

  test('a redirect to an address that is not allowed is refused', async () => {
    const url = `http://127.0.0.1:${port}/?to=${encodeURIComponent('http://10.0.0.1/')}`;
    assert.match(`${(await fetched(platform, url)).error}`, /private/);
  });

  test('a redirect to an allowed address is followed', async () => {
    const url = `http://127.0.0.1:${port}/?to=${encodeURIComponent(`http://127.0.0.1:${port}/`)}`;
    assert.equal((await fetched(platform, url)).text, 'inside');
  });

  test('other private networks stay closed', async () => {
    assert.match(`${(await fetched(platform, 'http://192.168.0.1/')).error}`, /private/);
  });

  test('fetches that wait for a connection count against the memory limit', async () => {
    await platform.deploy('waiter', [waiter], { limits: { cpu_ms: 10_000 } });
    const url = encodeURIComponent(`http://127.0.0.1:${port}/`);
    const wait = () => platform.get('waiter', `/?url=${url}`);
    assert.equal((await wait()).text, 'they wait');
    for (let i = 0; i < 50; i++) {
      const answer = await wait();
      if (answer.status === 200) continue;
      assert.match(answer.text, /1102/);
      return;
    }
    assert.fail('600 MB of bodies wait for free');
  });
});
