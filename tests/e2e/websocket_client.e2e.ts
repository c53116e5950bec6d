// Workers that are clients of WebSockets, and hand them on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';
import { serverOf, textOf, use } from '../websocket/clients.ts';
import { closePayload, kBinary, kClose, kText, open, type Server } from '../websocket/frames.ts';
import { kMegabyte, Origins } from '../websocket/origins.ts';
import { date, worker } from '../websocket/workers.ts';

let platform: Platform;
const origins = new Origins();
const on = (name: string) => serverOf(platform, name);
const to = (server: Server) => ({ 'x-to': `http://127.0.0.1:${server.port}/` });

before(async () => {
  platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
  await platform.deploy('sockets', [worker], date);
});
after(async () => {
  await platform?.stop();
  await origins.close();
});

describe('a Worker as the client', () => {
  for (const compress of [false, true]) {
    test(`talks to an origin by fetch(), ${compress ? 'compressed' : 'plain'}`, async () => {
      const answer = await platform.get('sockets', '/client', {
        headers: to(await origins.echo(compress)),
      });
      assert.deepEqual(JSON.parse(answer.text), {
        status: 101,
        got: ['one', 'two '.repeat(200)],
        end: [1000, 'done', true],
        state: 3,
      });
    });
  }

  test('talks to an origin by new WebSocket()', async () => {
    const server = await origins.echo(false);
    const answer = await platform.get('sockets', '/standard', { headers: to(server) });
    assert.deepEqual(JSON.parse(answer.text), {
      states: [0, 1],
      log: ['hi'],
      end: [1005, true],
      protocol: 'chat',
      url: `ws://127.0.0.1:${server.port}/`,
      state: 3,
    });
  });

  test('hears when an origin does not answer with a WebSocket', async () => {
    const answer = await platform.get('sockets', '/standard', {
      headers: { 'x-to': platform.http.replace('localhost', '127.0.0.1') },
    });
    const told = JSON.parse(answer.text);
    assert.deepEqual([told.log, told.end, told.states], [['error'], [1006, false], [0]]);
  });

  test("passes an origin's WebSocket on to its own client", async () => {
    await use(
      on('sockets'),
      '/proxy',
      async (client) => {
        client.send({ opcode: kText, payload: 'through' }, { opcode: kBinary, payload: 'both' });
        assert.equal(await textOf(client), 'through');
        assert.equal((await client.message())?.opcode, kBinary);
        client.send({ opcode: kClose, payload: closePayload(4003, 'end') });
        assert.ok((await client.next())?.payload.equals(closePayload(4003, 'end')));
        assert.equal(await client.next(), null);
      },
      to(await origins.echo(true)),
    );
  });

  test("takes no more of an origin's WebSocket than its client takes", async () => {
    const megabytes = 160; // more than there is room for
    const server = await origins.flooding(megabytes);
    await use(
      on('sockets'),
      '/proxy',
      async (client) => {
        client.pause();
        // The platform has had turns for what it could take meanwhile.
        for (let i = 0; i < 300; i++) await platform.get('sockets', '/events');
        assert.ok(origins.lastSocket.bufferedAmount > (megabytes - 40) * kMegabyte);
        client.resume();
        for (let i = 0; i < megabytes; i++)
          assert.equal((await client.message())?.payload.length, kMegabyte);
        assert.ok((await client.next())?.payload.equals(closePayload(4005)));
      },
      to(server),
    );
  });

  test('takes nothing of a WebSocket that it does not accept', async () => {
    const megabytes = 160; // more than an isolate may hold
    await use(
      on('sockets'),
      '/keep',
      async (client) => {
        for (let i = 0; i < 300; i++) {
          client.send({ opcode: kText, payload: 'here' });
          assert.equal(await textOf(client), 'here');
        }
        assert.ok(origins.lastSocket.bufferedAmount > (megabytes - 40) * kMegabyte);
        client.send({ opcode: kText, payload: 'accept' });
        assert.equal(await textOf(client), `${megabytes * kMegabyte} 4005`);
      },
      to(await origins.flooding(megabytes)),
    );
  });

  test('passes on that the origin closes', async () => {
    await use(
      on('sockets'),
      '/proxy',
      async (client) => {
        client.send({ opcode: kText, payload: 'hello' });
        await textOf(client);
        origins.lastSocket.close(4004, 'origin');
        assert.ok((await client.next())?.payload.equals(closePayload(4004, 'origin')));
      },
      to(await origins.echo(false)),
    );
  });
});

describe('a WebSocket that one request fetched and another gave to its client', () => {
  // '/fetch' and '/give' come to their limit when '/end' names them.
  const sharing = esModule(`
    let fetched;
    const named = new Set();
    export default { async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === '/end') return new Response(named.add(searchParams.get('path')));
      const endWhenNamed = () => setInterval(() => { while (named.has(pathname)); }, 5);
      if (pathname === '/fetch') {
        const answer = await fetch(request.headers.get('x-to'), { headers: { Upgrade: 'websocket' } });
        fetched = answer.webSocket;
        endWhenNamed();
        const { 0: client, 1: server } = new WebSocketPair();
        server.accept();
        server.send('fetched');
        return new Response(null, { status: 101, webSocket: client });
      }
      endWhenNamed();
      return new Response(null, { status: 101, webSocket: fetched });
    } };`);
  let alone: Platform;
  before(async () => {
    alone = await Platform.start(['--allow-egress', '127.0.0.0/8', '--shards', '1']);
  });
  after(() => alone?.stop());

  const handOn = async (name: string, server: Server) => {
    await alone.deploy(name, [sharing], { ...date, limits: { cpu_ms: 50 } });
    const worker = { port: Number(new URL(alone.http).port), host: `${name}.localhost` };
    const { client: owner } = await open(worker, { path: '/fetch', fields: to(server) });
    assert.equal(await textOf(owner), 'fetched');
    const { status, client } = await open(worker, { path: '/give' });
    assert.equal(status, 101);
    return { owner, client };
  };

  test('is closed for the client when the request that fetched it is ended', async () => {
    const { owner, client } = await handOn('ended', await origins.echo(false));
    client.send({ opcode: kText, payload: 'through' });
    assert.equal(await textOf(client), 'through');
    await alone.get('ended', '/end?path=/fetch');
    assert.equal((await client.next())?.payload.readUInt16BE(0), 1011);
    for (const each of [owner, client]) each.end();
  });

  test("is closed for the origin when the client's request is, however much waits", async () => {
    const server = await origins.echo(false);
    const { owner, client } = await handOn('full', server);
    const origin = origins.lastSocket;
    client.pause();
    const closed = new Promise((resolve) => origin.once('close', resolve));
    for (let i = 0; i < 32; i++) origin.send(Buffer.alloc(kMegabyte, 'o'));
    // What the platform could take meanwhile it has taken.
    for (let i = 0; i < 100; i++) await alone.get('full', '/end?path=/none');
    assert.ok(origin.bufferedAmount > 8 * kMegabyte);
    await alone.get('full', '/end?path=/give');
    assert.equal(await closed, 1011);
    for (const each of [owner, client]) each.end();
  });
});
