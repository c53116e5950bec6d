// Workers that answer with a WebSocket.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';
import { serverOf, textOf, use } from '../websocket/clients.ts';
import { closePayload, kBinary, kClose, kText, open, type RawClient } from '../websocket/frames.ts';
import { date, echo, worker } from '../websocket/workers.ts';

let platform: Platform;
const on = (name: string) => serverOf(platform, name);

before(async () => {
  platform = await Platform.start();
  await platform.deploy('echo', [echo], date);
  await platform.deploy('sockets', [worker], date);
  await platform.deploy('older', [worker], { compatibility_date: '2023-01-01' });
});
after(() => platform?.stop());

describe('a Worker that answers with a WebSocket', () => {
  test('sends first, and closes with a code and a reason', () =>
    use(on('sockets'), '/greet', async (client) => {
      assert.equal(await textOf(client), 'hello');
      const close = await client.next();
      assert.equal(close?.opcode, kClose);
      assert.ok(close.payload.equals(closePayload(4001, 'enough')));
      client.send({ opcode: kClose, payload: closePayload(4001) });
      assert.equal(await client.next(), null);
    }));

  test('chooses a subprotocol by a header of its answer', () =>
    use(
      on('sockets'),
      '/protocol',
      async (_, fields) => assert.equal(fields.get('sec-websocket-protocol'), 'chat'),
      { 'Sec-WebSocket-Protocol': 'soap, chat' },
    ));

  test('gets binary data as a Blob, and as an ArrayBuffer before 2026-03-17', async () => {
    const kinds = { sockets: '[object Blob]', older: '[object ArrayBuffer]' };
    for (const [name, kind] of Object.entries(kinds)) {
      await use(on(name), '/binary', async (client) => {
        const sent = await client.message();
        assert.equal(sent?.opcode, kBinary);
        assert.deepEqual([...sent.payload], [2, 3]);
        client.send({ opcode: kBinary, payload: 'x' });
        assert.equal(await textOf(client), kind);
      });
    }
  });

  test('compresses from 2023-08-15 on only', () =>
    use(
      on('older'),
      '/protocol',
      async (_, fields) => assert.equal(fields.get('sec-websocket-extensions'), undefined),
      { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
    ));

  const recorded = async () => JSON.parse((await platform.get('sockets', '/events')).text);
  const eventually = async (expected: unknown) => {
    for (;;) {
      const events = await recorded();
      if (events.length > 0) return assert.deepEqual(events, expected);
    }
  };

  test('hears how the client closed, and has answered by then', async () => {
    await use(on('sockets'), '/record', async (client) => {
      client.send({ opcode: kClose, payload: closePayload(4002, 'so long') });
      assert.equal((await client.next())?.payload.readUInt16BE(0), 4002);
      assert.equal(await client.next(), null);
    });
    await eventually([['close', 4002, 'so long', true, 3]]);
  });

  test('hears that the client vanished', async () => {
    await use(on('sockets'), '/record', async (client) => client.end());
    await eventually([
      ['error', null, null, null, 3],
      ['close', 1006, '', false, 3],
    ]);
  });

  test('hears that the client broke the protocol', async () => {
    await use(on('sockets'), '/record', async (client) => {
      client.send({ opcode: 3, payload: 'x' });
      assert.equal((await client.next())?.payload.readUInt16BE(0), 1002);
    });
    await eventually([
      ['error', null, null, null, 3],
      ['close', 1006, '', false, 3],
    ]);
  });

  test("may go on sending behind the client's end with allowHalfOpen", () =>
    use(on('sockets'), '/half', async (client) => {
      client.send({ opcode: kClose, payload: closePayload(1000) });
      const late = await client.next();
      assert.equal(`${late?.payload}`, 'after the end');
      assert.ok((await client.next())?.payload.equals(closePayload(1000, 'later')));
    }));

  test('answers each message when it likes', () =>
    use(on('sockets'), '/async', async (client) => {
      for (const word of ['one', 'two', 'three']) {
        client.send({ opcode: kText, payload: word });
        assert.equal(await textOf(client), `later: ${word}`);
      }
    }));

  test('reads its client from when it accepts it', () =>
    use(on('sockets'), '/late', async (client) => {
      client.send({ opcode: kText, payload: 'early' });
      assert.equal(await textOf(client), 'early');
    }));

  test('loses the connection when a listener throws', async () => {
    await use(on('sockets'), '/throws', async (client) => {
      client.send({ opcode: kText, payload: 'good' }, { opcode: kText, payload: 'bad' });
      client.send({ opcode: kText, payload: 'too late' });
      assert.equal(await textOf(client), 'good');
      const close = await client.next();
      assert.equal(close?.opcode, kClose);
      assert.ok(close.payload.equals(closePayload(1011, 'a listener threw an exception')));
    });
    await eventually([
      ['error', 'WebSocket: a listener threw an exception'],
      ['close', 1006],
    ]);
  });

  test('loses the connection when it exceeds its CPU limit', async () => {
    await platform.deploy('spinner', [worker], { ...date, limits: { cpu_ms: 50 } });
    await use(on('spinner'), '/spin', async (client) => {
      client.send({ opcode: kText, payload: 'go' });
      assert.equal(await client.next(), null);
    });
  });

  test('is closed when it sends more than is taken, and goes on', async () => {
    await use(on('sockets'), '/flood', async (client) => {
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
        const { client } = await open(serverOf(platform, 'filled'), { path: '/fill' });
        client.pause();
        lazy.push(client);
        client.send({ opcode: kText, payload: `${size}` });
        let held = await amounts();
        while (held[i] === 0 && !(await lost())) held = await amounts();
        if (i === 0) assert.ok((held[0] ?? 0) > size - (4 << 20), `${held}`);
        // A turn that has sent does not know yet what had no room.
        while (sum(held) > 64 << 20) held = await amounts();
      }
      const { client } = await open(serverOf(platform, 'filled'), { path: '/fill' });
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
    use(on('echo'), '/', async (client) => {
      const large = Buffer.alloc(32 << 20, 'L');
      client.send({ opcode: kBinary, payload: large });
      assert.ok((await client.message())?.payload.equals(large));
      client.send({ opcode: kBinary, payload: Buffer.alloc((32 << 20) + 1) });
      let frame = await client.next();
      while (frame && frame.opcode !== kClose) frame = await client.next();
      assert.equal(frame?.payload.readUInt16BE(0), 1009);
    }));
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
    const { client: old } = await open(serverOf(platform, 'changing'));
    assert.equal(await ask(old), 'old');
    await platform.deploy('changing', [says('new')], date);
    const { client: fresh } = await open(serverOf(platform, 'changing'));
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
