// Upgrades of node:http in Workers: a server of the package ws behind httpServerHandler(),
// held against the cases of tests/websocket; what a server writes that is no frame; and
// the client of ws.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { WebSocketServer } from 'ws';
import { esModule, Platform } from '../../tools/platform/platform.ts';
import { root } from '../../tools/test/paths.ts';
import { cases } from '../websocket/cases.ts';
import {
  closePayload,
  kBinary,
  kClose,
  kPing,
  kPong,
  kText,
  open,
  type RawClient,
  type Server,
  write,
} from '../websocket/frames.ts';

const echo = `
import http from 'node:http';
import { WebSocketServer } from 'ws';
import { httpServerHandler } from 'cloudflare:node';

const server = http.createServer((request, response) => response.end('no upgrade'));
const sockets = new WebSocketServer({
  server,
  handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false),
});
const events = [];
server.on('request', () => {});
sockets.on('connection', (socket, { url }) => {
  socket.on('error', () => {});
  socket.on('close', (code, reason) => events.push([code, String(reason)]));
  socket.on('pong', (data) => socket.send('pong ' + data));
  socket.on('message', (data, binary) => {
    if (url === '/ping') socket.ping(data);
    else if (url === '/close') socket.close(4001, 'enough');
    else if (url === '/terminate') socket.terminate();
    else if (url === '/events') socket.send(JSON.stringify(events));
    else socket.send(data, { binary });
  });
});
server.listen(80);
export default httpServerHandler(server);
`;

// Writes the bytes that the path has in hex, behind its handshake.
const raw = `
import http from 'node:http';
import { createHash } from 'node:crypto';
import { httpServerHandler } from 'cloudflare:node';

let unread = 0;
const errors = [];
const server = http.createServer((request, response) => {
  if (request.url === '/unread') {
    response.end(unread + ' ' + errors);
    return;
  }
  response.writeHead(101);
  response.end();
});
server.on('upgrade', (request, socket) => {
  socket.on('error', ({ code }) => request.url === '/unread' && errors.push(code));
  if (request.url === '/unread') {
    unread++;
    socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n');
    return;
  }
  if (request.url === '/refuse') {
    socket.end('HTTP/1.1 403 Forbidden\\r\\nContent-Length: 4\\r\\nConnection: close\\r\\n\\r\\nnone');
    return;
  }
  if (request.url === '/destroy') {
    socket.destroy();
    return;
  }
  const bytes = Buffer.from(request.url.slice(1), 'hex');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n');
  for (const byte of bytes) socket.write(Buffer.of(byte));
  socket.on('data', (data) => socket.write(Buffer.concat([Buffer.of(0x82, data.length), data])));
  socket.on('end', () => socket.end());
});
server.listen(80);
export default httpServerHandler(server);
`;

const client = `
import { WebSocket } from 'ws';

export default {
  async fetch(request) {
    const log = [];
    const socket = new WebSocket(new URL(request.url).searchParams.get('to'), ['chat']);
    await new Promise((resolve) => {
      socket.on('upgrade', (answer) => log.push(answer.statusCode));
      socket.on('open', () => socket.send('x'.repeat(70_000)));
      socket.on('message', (data) => {
        log.push(data.length, socket.protocol, socket.extensions);
        socket.close(4002, 'seen');
      });
      socket.on('error', (error) => log.push(error.message));
      socket.on('close', (code, reason) => {
        log.push(code, String(reason));
        resolve();
      });
    });
    return Response.json(log);
  },
};
`;

/** As wrangler bundles it. */
async function bundle(source: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire('/bundle/index.js');",
    },
    bundle: true,
    external: ['cloudflare:node'],
    format: 'esm',
    platform: 'node',
    stdin: { contents: source, resolveDir: root },
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

let platform: Platform;
const on = (name: string): Server => ({
  port: Number(new URL(platform.http).port),
  host: `${name}.localhost`,
});
const use = async (name: string, path: string, run: (client: RawClient) => Promise<void>) => {
  const { status, client } = await open(on(name), { path });
  try {
    assert.equal(status, 101);
    await run(client);
  } finally {
    client.end();
  }
};

before(async () => {
  platform = await Platform.start(['--shards', '1', '--allow-egress', '127.0.0.0/8']);
  const settings = { compatibility_date: '2026-08-04', limits: { cpu_ms: 5000 } };
  await platform.deploy('echo', [esModule(await bundle(echo))], settings);
  await platform.deploy('raw', [esModule(raw)], settings);
  await platform.deploy('client', [esModule(await bundle(client))], settings);
});
after(() => platform?.stop());

describe('an echo by a server of ws in a Worker', () => {
  for (const { name, run } of cases) test(name, () => run(on('echo')));

  test('its other requests are answered', async () => {
    assert.equal((await platform.get('echo')).text, 'no upgrade');
  });

  test('its pings are answered', () =>
    use('echo', '/ping', async (client) => {
      client.send({ opcode: kText, payload: 'there?' });
      assert.equal(`${(await client.message())?.payload}`, 'pong there?');
    }));

  test('it closes with a code and a reason', () =>
    use('echo', '/close', async (client) => {
      client.send({ opcode: kText, payload: 'x' });
      const close = await client.next();
      assert.equal(close?.opcode, kClose);
      assert.ok(close.payload.equals(closePayload(4001, 'enough')));
      client.send({ opcode: kClose, payload: closePayload(4001) });
      assert.equal(await client.next(), null);
    }));

  test('a connection that it ends without a Close frame has failed', () =>
    use('echo', '/terminate', async (client) => {
      client.send({ opcode: kText, payload: 'x' });
      assert.equal((await client.next())?.payload.readUInt16BE(0), 1011);
    }));

  test('it hears of codes, and of clients that vanish', async () => {
    await use('echo', '/', async (client) => {
      client.send({ opcode: kClose, payload: closePayload(4003, 'left') });
      assert.equal((await client.next())?.payload.readUInt16BE(0), 4003);
    });
    await use('echo', '/', async (client) => client.end());
    await use('echo', '/events', async (client) => {
      for (;;) {
        client.send({ opcode: kText, payload: '?' });
        const events: [number, string][] = JSON.parse(`${(await client.message())?.payload}`);
        if (!events.some(([code]) => code === 1006)) continue;
        assert.ok(events.some(([code, reason]) => code === 4003 && reason === 'left'));
        return;
      }
    });
  });
});

describe('what a server writes behind its handshake', () => {
  test('is read over any cut', () =>
    use('raw', '/0102616203808102c3a9827e0003010203', async (client) => {
      // Two parts of a text would be one message: the second part here is none.
      assert.equal((await client.next())?.payload.readUInt16BE(0), 1002);
    }));

  test('is put together', () =>
    use('raw', '/0102616289017880008102c3a9827e0003010203', async (client) => {
      const first = await client.message();
      assert.deepEqual([first?.opcode, `${first?.payload}`], [kText, 'ab']);
      const second = await client.message();
      assert.deepEqual([second?.opcode, `${second?.payload}`], [kText, 'é']);
      const third = await client.message();
      assert.deepEqual([third?.opcode, [...(third?.payload ?? [])]], [kBinary, [1, 2, 3]]);
      // What came of the ping is an answer in a frame: its opcode, masked, of one byte.
      const pong = await client.message();
      assert.deepEqual([...(pong?.payload ?? [])], [0x80 | kPong, 0x81, 0, 0, 0, 0, 0x78]);
    }));

  for (const [what, bytes, code] of [
    ['masked', '818100000000ff', 1002],
    ['of an extension', 'c10161', 1002],
    ['of an unknown kind', '830161', 1002],
    ['of an unknown kind of control', '8b0161', 1002],
    ['a ping in parts', `0${kPing}00`, 1002],
    ['a ping of 126 bytes', `89${'7e007e'}`, 1002],
    ['too long', '827fffffffffffffffff', 1002],
    ['a continuation of nothing', '800161', 1002],
    ['a Close frame with half a code', '880103', 1002],
    ['a text that is no UTF-8', '8101ff', 1007],
    ['a Close frame with a code that nobody sends', '880203ee', 1011],
  ] as const)
    test(`closes with ${code} where it is ${what}`, () =>
      use('raw', `/${bytes}`, async (client) => {
        const close = await client.next();
        assert.equal(close?.opcode, kClose);
        assert.equal(close.payload.readUInt16BE(0), code);
      }));

  test('may be more than a server reads, and harms none of its others', async () => {
    await use('raw', '/unread', async (client) => {
      const megabyte = write({ opcode: kBinary, payload: Buffer.alloc(1 << 20) });
      for (let i = 0; i < 150; i++) client.raw(megabyte);
      assert.equal((await client.next())?.payload.readUInt16BE(0), 1013);
      client.send({ opcode: kClose, payload: closePayload(1013) });
      assert.equal(await client.next(), null);
    });
    let told = '1 ';
    while (told === '1 ') told = (await platform.get('raw', '/unread')).text;
    assert.equal(told, '1 ECONNRESET');
  });

  test('can be a refusal', async () => {
    const { status, client } = await open(on('raw'), { path: '/refuse' });
    client.end();
    assert.equal(status, 403);
  });

  test('must be something', async () => {
    const { status, client } = await open(on('raw'), { path: '/destroy' });
    client.end();
    assert.equal(status, 500);
  });

  test('is an error where nobody asked for a WebSocket', async () => {
    const answer = await platform.get('raw');
    assert.equal(answer.status, 500);
    assert.match(answer.text, /1101/);
  });
});

describe('a client of ws in a Worker', () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
  after(() => server.close(() => {}));

  test('speaks to a server outside', async () => {
    const closed = new Promise<string>((resolve) => {
      server.on('connection', (socket) => {
        socket.on('message', (data: Buffer, binary: boolean) => socket.send(data, { binary }));
        socket.on('close', (code: number, reason: Buffer) => resolve(`${code} ${reason}`));
      });
    });
    const to = encodeURIComponent(`ws://127.0.0.1:${server.address().port}/`);
    const answer = await platform.get('client', `/?to=${to}`);
    assert.deepEqual(JSON.parse(answer.text), [
      101,
      70_000,
      'chat',
      'permessage-deflate',
      4002,
      'seen',
    ]);
    assert.equal(await closed, '4002 seen');
  });

  test('hears that there is none', async () => {
    const to = encodeURIComponent('ws://127.0.0.1:1/');
    const [message, code] = JSON.parse((await platform.get('client', `/?to=${to}`)).text);
    assert.match(message, /ECONNREFUSED/);
    assert.equal(code, 1006);
  });
});
