// Several shards in one host: a Worker's first isolate stands on its home and
// answers for all of them; a busy one gets one on each.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';

const shards = 3;
let platform: Platform;

// An answer that has begun, and goes on for as long as the socket is open.
async function openStream(name: string): Promise<Socket> {
  const { hostname, port } = new URL(platform.http);
  const socket = connect(Number(port), hostname);
  socket.write(`GET / HTTP/1.1\r\nHost: ${name}.localhost\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}

async function isolatesNow(): Promise<number> {
  const hosts = (await platform.status()).hosts.filter((host) => host.serving);
  return hosts.reduce((sum, host) => sum + host.isolates, 0);
}

before(async () => {
  platform = await Platform.start(['--shards', `${shards}`]);
});
after(() => platform.stop());

// The kernel spreads connections over the shards' sockets, so that two dozen
// reach each of them.
const connections = 24;

test('a quiet Worker has one isolate, whichever shard took the connection', async () => {
  await platform.deploy('counts', [
    esModule('let n = 0; export default { fetch: () => new Response(`${++n}`) };'),
  ]);
  const seen: string[] = [];
  for (let i = 0; i < connections; i++) seen.push((await platform.get('counts')).text);
  assert.deepEqual(
    seen,
    seen.map((_, i) => `${i + 1}`),
  );
});

test('the address of the client is told from any shard, and a client cannot set it', async () => {
  await platform.deploy('address', [
    esModule(
      `export default { fetch: ({ headers }) => new Response(
        ['cf-connecting-ip', 'x-real-ip', 'x-forwarded-proto'].map((n) => headers.get(n))) };`,
    ),
  ]);
  const headers = { 'CF-Connecting-IP': '6.6.6.6', 'X-Real-IP': '7.7.7.7' };
  for (let i = 0; i < connections; i++) {
    assert.equal(
      (await platform.get('address', '/', { headers })).text,
      '127.0.0.1,127.0.0.1,http',
    );
  }
  const proxied = { 'X-Forwarded-Proto': 'https' };
  assert.equal(
    (await platform.get('address', '/', { headers: proxied })).text,
    '127.0.0.1,127.0.0.1,https',
  );
});

test('bodies stream whole from any shard to the home and back', async () => {
  await platform.deploy('echo', [
    esModule('export default { fetch: (request) => new Response(request.body) };'),
  ]);
  const body = Buffer.alloc(3_000_000);
  for (let i = 0; i < body.length; i++) body[i] = (i * 7919) >> 5;
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => platform.get('echo', '/', { method: 'POST', body })),
  );
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    assert.equal(answer.body.length, body.length);
    assert.ok(answer.body.equals(body));
  }
});

test('an error of the Worker is its own on every shard', async () => {
  await platform.deploy('throws', [
    esModule("export default { fetch() { throw new Error('no'); } };"),
  ]);
  for (let i = 0; i < connections; i++) {
    const answer = await platform.get('throws');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /1101/);
  }
});

test('answers that stay open make no other Worker busy', async () => {
  await platform.deploy('open', [
    esModule(`export default { fetch: () => new Response(new ReadableStream({
      start(controller) { controller.enqueue(new TextEncoder().encode('hello')); },
    })) };`),
  ]);
  // Some of these have the same home as the streams.
  const quiet = Array.from({ length: 3 * shards }, (_, i) => `quiet${i}`);
  for (const name of quiet) {
    await platform.deploy(name, [
      esModule('let n = 0; export default { fetch: () => new Response(`${++n}`) };'),
    ]);
  }
  const streams = await Promise.all(Array.from({ length: 40 * shards }, () => openStream('open')));
  try {
    for (const name of quiet) {
      for (let i = 1; i <= 8; i++) assert.equal((await platform.get(name)).text, `${i}`, name);
    }
  } finally {
    for (const stream of streams) stream.destroy();
  }
});

test('a busy Worker gets an isolate on each shard, and no request fails', async () => {
  await platform.deploy('busy', [esModule("export default { fetch: () => new Response('ok') };")]);
  const before = await isolatesNow();
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let done = false;
  const client = async () => {
    while (!done) {
      const answer = await platform.get('busy', '/', { agent });
      assert.equal(answer.text, 'ok');
    }
  };
  const clients = Array.from({ length: connections }, client);
  // Long, so that it ends a test that would wait for ever and judges no speed.
  const deadline = Date.now() + 60_000;
  try {
    for (;;) {
      const gained = (await isolatesNow()) - before;
      if (gained >= shards) break;
      assert.ok(Date.now() < deadline, `${gained} of ${shards} isolates`);
      await new Promise((tick) => setTimeout(tick, 50));
    }
  } finally {
    done = true;
    await Promise.all(clients);
    agent.destroy();
  }
});
