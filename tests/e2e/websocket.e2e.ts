// WebSockets: the cases of tests/websocket against the package ws and against a Worker
// that echoes, and what Workers do with them beside.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { WebSocketServer, type WebSocket as WsSocket } from 'ws';
import { esModule, Platform } from '../../tools/platform/platform.ts';
import { cases } from '../websocket/cases.ts';
import {
  closePayload,
  kBinary,
  kClose,
  kContinuation,
  kPing,
  kPong,
  kText,
  open,
  type RawClient,
  type Server,
} from '../websocket/frames.ts';

const echo = esModule(`export default { fetch(request) {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.addEventListener('message', ({ data }) => server.send(data));
  return new Response(null, { status: 101, webSocket: client });
} };`);

/** Does what the path says, on the Worker's end of a pair. */
const worker = esModule(`
const pair = (use, init = {}) => {
  const { 0: client, 1: server } = new WebSocketPair();
  use(server);
  return new Response(null, { status: 101, webSocket: client, ...init });
};
const events = [];
const filled = [];
const handlers = {
  '/greet': () => pair((ws) => {
    ws.accept();
    ws.send('hello');
    ws.close(4001, 'enough');
  }),
  '/protocol': () => pair((ws) => ws.accept(), { headers: { 'Sec-WebSocket-Protocol': 'chat' } }),
  '/binary': () => pair((ws) => {
    ws.accept();
    ws.addEventListener('message', ({ data }) => ws.send(Object.prototype.toString.call(data)));
    ws.send(new Uint8Array([1, 2, 3]).subarray(1));
  }),
  '/record': () => pair((ws) => {
    ws.accept();
    events.length = 0;
    const note = (event) => events.push([event.type, event.code, event.reason, event.wasClean, ws.readyState]);
    ws.addEventListener('close', note);
    ws.addEventListener('error', note);
  }),
  '/half': () => pair((ws) => {
    ws.accept({ allowHalfOpen: true });
    ws.addEventListener('close', ({ code }) => {
      ws.send('after the end');
      ws.close(code, 'later');
    });
  }),
  '/events': () => Response.json(events),
  '/async': () => pair((ws) => {
    ws.accept();
    ws.addEventListener('message', async ({ data }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      ws.send('later: ' + data);
    });
  }),
  '/spin': () => pair((ws) => {
    ws.accept();
    ws.addEventListener('message', () => { for (;;); });
  }),
  '/throws': () => pair((ws) => {
    ws.accept();
    ws.addEventListener('message', ({ data }) => {
      if (data === 'bad') throw new Error('in a listener');
      ws.send(data);
    });
  }),
  '/flood': () => pair((ws) => {
    ws.accept();
    events.length = 0;
    const note = ({ type, code, message }) => events.push([type, code ?? message]);
    ws.addEventListener('close', note);
    ws.addEventListener('error', note);
    ws.addEventListener('message', () => {
      const piece = 'x'.repeat(1 << 20);
      for (let i = 0; i < 200; i++) ws.send(piece);
    });
  }),
  '/fill': () => pair((ws) => {
    ws.accept();
    ws.addEventListener('message', ({ data }) => {
      if (data === '?') ws.send(ws.bufferedAmount + '');
      else ws.send(new Uint8Array(Number(data)));
    });
    ws.addEventListener('close', ({ code }) => events.push(['lost', code]));
    filled.push(ws);
  }),
  // Fetches a WebSocket, and accepts it when it is told to.
  async '/keep'(request) {
    const { webSocket } = await fetch(request.headers.get('x-to'), { headers: { Upgrade: 'websocket' } });
    let got = 0;
    return pair((ws) => {
      ws.accept();
      webSocket.addEventListener('message', ({ data }) => { got += data.size; });
      webSocket.addEventListener('close', ({ code }) => ws.send(got + ' ' + code));
      ws.addEventListener('message', ({ data }) => {
        if (data === 'accept') webSocket.accept();
        else ws.send(data);
      });
    });
  },
  '/late': () => pair((ws) => {
    ws.addEventListener('message', ({ data }) => ws.send(data));
    setTimeout(() => ws.accept(), 5);
  }),
  '/amounts': () => Response.json(filled.map((ws) => ws.bufferedAmount)),
  async '/proxy'(request) {
    return fetch(request.headers.get('x-to'), request);
  },
  async '/client'(request) {
    const answer = await fetch(request.headers.get('x-to'), { headers: { Upgrade: 'websocket' } });
    const ws = answer.webSocket;
    ws.accept();
    const got = [];
    const closed = new Promise((resolve) => ws.addEventListener('close', (event) =>
      resolve([event.code, event.reason, event.wasClean])));
    ws.addEventListener('message', ({ data }) => {
      got.push(data);
      if (got.length === 2) ws.close(1000, 'done');
    });
    ws.send('one');
    ws.send('two '.repeat(200));
    const end = await closed;
    return Response.json({ status: answer.status, got, end, state: ws.readyState });
  },
  async '/standard'(request) {
    const url = request.headers.get('x-to').replace('http', 'ws');
    const ws = new WebSocket(url, ['soap', 'chat']);
    const states = [ws.readyState];
    const log = [];
    const done = new Promise((resolve) => {
      ws.onopen = () => { states.push(ws.readyState); ws.send('hi'); };
      ws.onmessage = ({ data }) => { log.push(data); ws.close(); };
      ws.onerror = ({ type }) => log.push(type);
      ws.onclose = ({ code, wasClean }) => resolve([code, wasClean]);
    });
    const end = await done;
    return Response.json({ states, log, end, protocol: ws.protocol, url: ws.url, state: ws.readyState });
  },
};
export default { fetch(request) { return handlers[new URL(request.url).pathname](request); } };`);

const origins: WebSocketServer[] = [];
const left: WsSocket[] = [];

async function wsServer(compress: boolean): Promise<Server> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: compress ? { threshold: 0 } : false,
    handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false),
  });
  origins.push(server);
  server.on('connection', (socket: WsSocket) => {
    left.push(socket);
    socket.on('error', () => {});
    socket.on('message', (data: Buffer, binary: boolean) => socket.send(data, { binary }));
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return { port: server.address().port, host: 'localhost' };
}

const kMegabyte = 1 << 20;

/** An origin that says much, and closes with 4005. */
async function floodingServer(megabytes: number): Promise<Server> {
  const server = await wsServer(false);
  const piece = Buffer.alloc(kMegabyte, 'o');
  origins.at(-1)?.on('connection', (socket: WsSocket) => {
    for (let i = 0; i < megabytes; i++) socket.send(piece);
    socket.close(4005);
  });
  return server;
}

let platform: Platform;
const date = { compatibility_date: '2026-05-01' };
const on = (name: string): Server => ({
  port: Number(new URL(platform.http).port),
  host: `${name}.localhost`,
});
const to = (server: Server) => ({ 'x-to': `http://127.0.0.1:${server.port}/` });

before(async () => {
  platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
  await platform.deploy('echo', [echo], date);
  await platform.deploy('sockets', [worker], date);
  await platform.deploy('older', [worker], { compatibility_date: '2023-01-01' });
});
after(async () => {
  await platform?.stop();
  for (const server of origins) {
    for (const client of server.clients) client.terminate();
    await new Promise<void>((resolve) => server.close(resolve));
  }
});

describe('an echo by the package ws', () => {
  let server: Server;
  before(async () => {
    server = await wsServer(true);
  });
  for (const { name, run } of cases) test(name, () => run(server));
});

describe('an echo by a Worker', () => {
  for (const { name, run } of cases) test(name, () => run(on('echo')));
});

const use = async (
  where: string,
  run: (client: RawClient, fields: ReadonlyMap<string, string>) => Promise<void>,
  fields: Readonly<Record<string, string>> = {},
  name = 'sockets',
) => {
  const { status, client, fields: answered } = await open(on(name), { path: where, fields });
  try {
    assert.equal(status, 101);
    await run(client, answered);
  } finally {
    client.end();
  }
};
const textOf = async (client: RawClient) => `${(await client.message())?.payload}`;

describe('a Worker that answers with a WebSocket', () => {
  test('sends first, and closes with a code and a reason', () =>
    use('/greet', async (client) => {
      assert.equal(await textOf(client), 'hello');
      const close = await client.next();
      assert.equal(close?.opcode, kClose);
      assert.ok(close.payload.equals(closePayload(4001, 'enough')));
      client.send({ opcode: kClose, payload: closePayload(4001) });
      assert.equal(await client.next(), null);
    }));

  test('chooses a subprotocol by a header of its answer', () =>
    use(
      '/protocol',
      async (_, fields) => assert.equal(fields.get('sec-websocket-protocol'), 'chat'),
      { 'Sec-WebSocket-Protocol': 'soap, chat' },
    ));

  test('gets binary data as a Blob, and as an ArrayBuffer before 2026-03-17', async () => {
    for (const [name, kind] of [
      ['sockets', '[object Blob]'],
      ['older', '[object ArrayBuffer]'],
    ]) {
      await use(
        '/binary',
        async (client) => {
          const sent = await client.message();
          assert.equal(sent?.opcode, kBinary);
          assert.deepEqual([...sent.payload], [2, 3]);
          client.send({ opcode: kBinary, payload: 'x' });
          assert.equal(await textOf(client), kind);
        },
        {},
        name,
      );
    }
  });

  test('compresses from 2023-08-15 on only', () =>
    use(
      '/protocol',
      async (_, fields) => assert.equal(fields.get('sec-websocket-extensions'), undefined),
      { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
      'older',
    ));

  const recorded = async () => JSON.parse((await platform.get('sockets', '/events')).text);
  const eventually = async (expected: unknown) => {
    for (;;) {
      const events = await recorded();
      if (events.length > 0) return assert.deepEqual(events, expected);
    }
  };

  test('hears how the client closed, and has answered by then', async () => {
    await use('/record', async (client) => {
      client.send({ opcode: kClose, payload: closePayload(4002, 'so long') });
      assert.equal((await client.next())?.payload.readUInt16BE(0), 4002);
      assert.equal(await client.next(), null);
    });
    await eventually([['close', 4002, 'so long', true, 3]]);
  });

  test('hears that the client vanished', async () => {
    await use('/record', async (client) => client.end());
    await eventually([
      ['error', null, null, null, 3],
      ['close', 1006, '', false, 3],
    ]);
  });

  test('hears that the client broke the protocol', async () => {
    await use('/record', async (client) => {
      client.send({ opcode: 3, payload: 'x' });
      assert.equal((await client.next())?.payload.readUInt16BE(0), 1002);
    });
    await eventually([
      ['error', null, null, null, 3],
      ['close', 1006, '', false, 3],
    ]);
  });

  test("may go on sending behind the client's end with allowHalfOpen", () =>
    use('/half', async (client) => {
      client.send({ opcode: kClose, payload: closePayload(1000) });
      const late = await client.next();
      assert.equal(`${late?.payload}`, 'after the end');
      assert.ok((await client.next())?.payload.equals(closePayload(1000, 'later')));
    }));

  test('answers each message when it likes', () =>
    use('/async', async (client) => {
      for (const word of ['one', 'two', 'three']) {
        client.send({ opcode: kText, payload: word });
        assert.equal(await textOf(client), `later: ${word}`);
      }
    }));

  test('reads its client from when it accepts it', () =>
    use('/late', async (client) => {
      client.send({ opcode: kText, payload: 'early' });
      assert.equal(await textOf(client), 'early');
    }));

  test('goes on when a listener throws', () =>
    use('/throws', async (client) => {
      client.send({ opcode: kText, payload: 'bad' }, { opcode: kText, payload: 'good' });
      assert.equal(await textOf(client), 'good');
    }));

  test('loses the connection when it exceeds its CPU limit', async () => {
    await platform.deploy('spinner', [worker], { ...date, limits: { cpu_ms: 50 } });
    await use(
      '/spin',
      async (client) => {
        client.send({ opcode: kText, payload: 'go' });
        assert.equal(await client.next(), null);
      },
      {},
      'spinner',
    );
  });

  test('is closed when it sends more than is taken, and goes on', async () => {
    await use('/flood', async (client) => {
      client.send({ opcode: kText, payload: 'go' });
      let frame = await client.next();
      while (frame && frame.opcode !== kClose) frame = await client.next();
      assert.equal(frame?.payload.readUInt16BE(0), 1013);
    });
    assert.deepEqual(await recorded(), [
      ['error', 'WebSocket: more was sent than the other side takes'],
      ['close', 1006],
    ]);
  });

  test('keeps room for others from clients that take nothing', async () => {
    await platform.deploy('filled', [worker], date);
    const lazy: RawClient[] = [];
    const size = 24 << 20;
    const sum = (all: readonly number[]) => all.reduce((total, each) => total + each, 0);
    const amounts = async (): Promise<number[]> =>
      JSON.parse((await platform.get('filled', '/amounts')).text);
    try {
      // Each has less than it may, all together more than there is room for.
      for (let i = 0; i < 6; i++) {
        const { client } = await open(on('filled'), { path: '/fill' });
        client.pause();
        lazy.push(client);
        client.send({ opcode: kText, payload: `${size}` });
        let held = await amounts();
        while (held[i] === 0 && !(await lost())) held = await amounts();
        if (i === 0) assert.ok((held[0] ?? 0) > size - (4 << 20), `${held}`);
        // A turn that has sent does not know yet what had no room.
        while (sum(held) > 64 << 20) held = await amounts();
      }
      const { client } = await open(on('filled'), { path: '/fill' });
      client.send({ opcode: kText, payload: '5' });
      assert.equal((await client.message())?.payload.length, 5);
      client.send({ opcode: kText, payload: '?' });
      assert.equal(await textOf(client), '0');
      client.end();
    } finally {
      for (const client of lazy) client.end();
    }
    async function lost() {
      return JSON.parse((await platform.get('filled', '/events')).text).length > 0;
    }
  });

  test('answers a plain request with an error when it means a WebSocket', async () => {
    const answer = await platform.get('sockets', '/greet');
    assert.equal(answer.status, 500);
  });

  test('takes messages of 32 MiB and no larger ones', () =>
    use(
      '/',
      async (client) => {
        const large = Buffer.alloc(32 << 20, 'L');
        client.send({ opcode: kBinary, payload: large });
        assert.ok((await client.message())?.payload.equals(large));
        client.send({ opcode: kBinary, payload: Buffer.alloc((32 << 20) + 1) });
        let frame = await client.next();
        while (frame && frame.opcode !== kClose) frame = await client.next();
        assert.equal(frame?.payload.readUInt16BE(0), 1009);
      },
      {},
      'echo',
    ));
});

describe('peers that send what inflates to much more', () => {
  const compressed = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };
  const zeros = (size: number) =>
    deflateRawSync(Buffer.alloc(size), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  /** In frames of a hundred bytes. */
  const bomb = (size: number) => {
    const payload = zeros(size);
    return Array.from({ length: Math.ceil(payload.length / 100) }, (_, i) => ({
      opcode: i === 0 ? kBinary : kContinuation,
      payload: payload.subarray(i * 100, i * 100 + 100),
      rsv: i === 0 ? 4 : 0,
      fin: false,
    }));
  };
  const echoes = async (client: RawClient) => {
    client.send({ opcode: kText, payload: 'still there' });
    assert.equal(await textOf(client), 'still there');
  };
  const codeOf = (payload: Buffer | undefined) => payload?.readUInt16BE(0);

  test('are closed, hold a bounded memory, and leave others alone', async () => {
    const { hosts } = await platform.status();
    const pid = hosts.find(({ serving }) => serving)?.pid;
    const peak = () =>
      Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
    const { client: other } = await open(on('echo'));
    await echoes(other);
    writeFileSync(`/proc/${pid}/clear_refs`, '5'); // the peak begins anew
    const before = peak();

    const { client: large } = await open(on('echo'), { fields: compressed });
    large.send(...bomb(200 << 20));
    assert.equal(codeOf((await large.next())?.payload), 1009);
    large.end();

    // Messages that would be allowed, and do not end.
    const clients: RawClient[] = [];
    for (let i = 0; i < 12; i++) {
      const { client } = await open(on('echo'), { fields: compressed });
      client.send(...bomb(31 << 20), { opcode: kPing });
      clients.push(client);
      const frame = await client.next();
      if (frame?.opcode !== kPong) assert.equal(codeOf(frame?.payload), 1013);
      await echoes(other);
    }
    let left = 0;
    for (const client of clients) {
      client.send({ opcode: kPing });
      const frame = await client.next();
      if (frame?.opcode === kPong) left++;
    }
    assert.ok(left >= 1 && left <= 2, `${left} are left`);
    assert.ok(peak() - before < 200, `${peak() - before} MB more`);
    await echoes(other);
    for (const client of [...clients, other]) client.end();
  });
});

describe('a Worker as the client', () => {
  for (const compress of [false, true]) {
    test(`talks to an origin by fetch(), ${compress ? 'compressed' : 'plain'}`, async () => {
      const answer = await platform.get('sockets', '/client', {
        headers: to(await wsServer(compress)),
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
    const server = await wsServer(false);
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
      '/proxy',
      async (client) => {
        client.send({ opcode: kText, payload: 'through' }, { opcode: kBinary, payload: 'both' });
        assert.equal(await textOf(client), 'through');
        assert.equal((await client.message())?.opcode, kBinary);
        client.send({ opcode: kClose, payload: closePayload(4003, 'end') });
        assert.ok((await client.next())?.payload.equals(closePayload(4003, 'end')));
        assert.equal(await client.next(), null);
      },
      to(await wsServer(true)),
    );
  });

  test("takes no more of an origin's WebSocket than its client takes", async () => {
    const megabytes = 160; // more than there is room for
    const server = await floodingServer(megabytes);
    await use(
      '/proxy',
      async (client) => {
        client.pause();
        // The platform has had turns for what it could take meanwhile.
        for (let i = 0; i < 300; i++) await platform.get('sockets', '/events');
        assert.ok((left.at(-1)?.bufferedAmount ?? 0) > (megabytes - 40) * kMegabyte);
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
      '/keep',
      async (client) => {
        for (let i = 0; i < 300; i++) {
          client.send({ opcode: kText, payload: 'here' });
          assert.equal(await textOf(client), 'here');
        }
        assert.ok((left.at(-1)?.bufferedAmount ?? 0) > (megabytes - 40) * kMegabyte);
        client.send({ opcode: kText, payload: 'accept' });
        assert.equal(await textOf(client), `${megabytes * kMegabyte} 4005`);
      },
      to(await floodingServer(megabytes)),
    );
  });

  test('passes on that the origin closes', async () => {
    await use(
      '/proxy',
      async (client) => {
        client.send({ opcode: kText, payload: 'hello' });
        await textOf(client);
        left.at(-1)?.close(4004, 'origin');
        assert.ok((await client.next())?.payload.equals(closePayload(4004, 'origin')));
      },
      to(await wsServer(false)),
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
    const { owner, client } = await handOn('ended', await wsServer(false));
    client.send({ opcode: kText, payload: 'through' });
    assert.equal(await textOf(client), 'through');
    await alone.get('ended', '/end?path=/fetch');
    assert.equal((await client.next())?.payload.readUInt16BE(0), 1011);
    for (const each of [owner, client]) each.end();
  });

  test("is closed for the origin when the client's request is, however much waits", async () => {
    const server = await wsServer(false);
    const { owner, client } = await handOn('full', server);
    const origin = left.at(-1) as WsSocket;
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

describe('an open WebSocket', () => {
  const says = (word: string) =>
    esModule(`export default { fetch() {
      const { 0: client, 1: server } = new WebSocketPair();
      server.accept();
      server.addEventListener('message', () => server.send('${word}'));
      return new Response(null, { status: 101, webSocket: client });
    } };`);
  const ask = async (client: RawClient) => {
    client.send({ opcode: kText, payload: '?' });
    return textOf(client);
  };

  test('stays with its version when another is deployed', async () => {
    await platform.deploy('changing', [says('old')], date);
    const { client: old } = await open(on('changing'));
    assert.equal(await ask(old), 'old');
    await platform.deploy('changing', [says('new')], date);
    const { client: fresh } = await open(on('changing'));
    assert.equal(await ask(fresh), 'new');
    assert.equal(await ask(old), 'old');
    old.end();
    fresh.end();
  });

  test('is closed with 1001 before the platform goes down', async () => {
    const other = await Platform.start(['--shards', '2']);
    await other.deploy('open', [says('here')], date);
    const server = { port: Number(new URL(other.http).port), host: 'open.localhost' };
    // So many that some are answered by another shard than the one that accepted them.
    const clients = await Promise.all(Array.from({ length: 8 }, () => open(server)));
    for (const { client } of clients) assert.equal(await ask(client), 'here');
    const down = other.stop();
    for (const { client } of clients) {
      const frame = await client.next();
      assert.equal(frame?.opcode, kClose);
      assert.equal(frame.payload.readUInt16BE(0), 1001);
      client.send({ opcode: kClose, payload: frame.payload });
    }
    for (const { client } of clients) assert.equal(await client.next(), null);
    await down;
  });
});
