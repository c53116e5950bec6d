// Connections of a Worker's own: cloudflare:sockets against a server of lines, in the
// clear, through TLS, and through TLS that begins later.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { esModule, Platform, temporaryFolder } from '../../tools/platform/platform.ts';
import { smallDiskRefusal } from '../../tools/platform/small_disk.ts';

// The test's certificate is trusted in a mount namespace of the platform's own.
const skip = await smallDiskRefusal();

/** Says a line on a connection and tells what comes, until the server ends. */
const talker = esModule(`import dns from 'node:dns/promises';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { connect } from 'cloudflare:sockets';
async function all(readable) {
  let text = '';
  for await (const piece of readable.pipeThrough(new TextDecoderStream())) text += piece;
  return text;
}
async function say(socket, text) {
  const writer = socket.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  writer.releaseLock();
}
async function line(socket) {
  const reader = socket.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value);
}
const handlers = {
  async talk(to, options) {
    const socket = connect(to, options);
    await say(socket, 'hello\\n');
    const { remoteAddress } = await socket.opened;
    return { text: await all(socket.readable), remoteAddress };
  },
  async upgrade(to) {
    const plain = connect(to, { secureTransport: 'starttls' });
    await say(plain, 'STARTTLS\\n');
    const ready = await line(plain);
    const socket = plain.startTls({ expectedServerHostname: 'localhost' });
    await say(socket, 'hello\\n');
    return { ready, text: await all(socket.readable) };
  },
  async upgradeUnread(to) {
    const plain = connect(to, { secureTransport: 'starttls' });
    await say(plain, 'STARTTLS\\n');
    const ready = await line(plain);
    await plain.readable.cancel();
    const socket = plain.startTls({ expectedServerHostname: 'localhost' });
    await say(socket, 'hello\\n');
    return { ready, text: await all(socket.readable) };
  },
  async upgradeFull(to) {
    const plain = connect(to, { secureTransport: 'starttls' });
    await say(plain, 'FULL\\n');
    const ready = await line(plain);
    await say(plain, 'go on\\n');
    const other = connect(to);
    await say(other, 'WHEN\\n');
    const taken = await all(other.readable);
    const socket = plain.startTls({ expectedServerHostname: 'localhost' });
    await say(socket, 'hello\\n');
    return { ready, taken, text: await all(socket.readable) };
  },
  async upgradeBehindMuch(to) {
    const plain = connect(to, { secureTransport: 'starttls' });
    await say(plain, 'SLOW\\n');
    const ready = await line(plain);
    const writer = plain.writable.getWriter();
    writer.write(new Uint8Array(16 << 20));
    writer.releaseLock();
    const socket = plain.startTls({ expectedServerHostname: 'localhost' });
    await say(socket, 'hello\\n');
    return { ready, text: await all(socket.readable) };
  },
  async upgradeInjected(to) {
    const plain = connect(to, { secureTransport: 'starttls' });
    await say(plain, 'INJECT\\n');
    const ready = await line(plain);
    const socket = plain.startTls({ expectedServerHostname: 'localhost' });
    const error = await socket.opened.catch(({ message }) => message);
    let text = '';
    try {
      text = await all(socket.readable);
    } catch {}
    return { ready, error, text };
  },
  async upload(to) {
    const socket = connect(to, { allowHalfOpen: true });
    const writer = socket.writable.getWriter();
    for (let i = 0; i < 64; i++) await writer.write(new Uint8Array(256 << 10).fill(i));
    await writer.close();
    return { text: await all(socket.readable) };
  },
  async download(to) {
    const socket = connect(to);
    await say(socket, 'much\\n');
    let bytes = 0;
    for await (const piece of socket.readable) bytes += piece.length;
    return { bytes };
  },
  async refused(to, options) {
    try {
      await connect(to, options).opened;
      return { error: 'none' };
    } catch (error) {
      return { error: String(error) };
    }
  },
  async net(to) {
    const socket = net.connect(to.port, to.host);
    await once(socket, 'connect');
    socket.end('hello\\n');
    let text = '';
    for await (const piece of socket.setEncoding('utf8')) text += piece;
    return { text };
  },
  async netDownload(to) {
    const socket = net.connect(to.port, to.host).end('much\\n');
    let bytes = 0;
    for await (const piece of socket) bytes += piece.length;
    return { bytes };
  },
  async netRefused(to) {
    const [error] = await once(net.connect(to.port, to.host), 'error');
    return { code: error.code };
  },
  async tls(to) {
    const socket = tls.connect({ port: to.port, host: 'localhost', servername: to.servername });
    try {
      await once(socket, 'secureConnect');
    } catch (error) {
      return { code: error.code };
    }
    socket.end('hello\\n');
    let text = '';
    for await (const piece of socket.setEncoding('utf8')) text += piece;
    return { text, authorized: socket.authorized, encrypted: socket.encrypted };
  },
  async tlsUpgrade(to) {
    const plain = net.connect(to.port, 'localhost');
    plain.write('STARTTLS\\n');
    const [ready] = await once(plain, 'data');
    plain.removeAllListeners('data');
    const socket = tls.connect({ socket: plain, servername: 'localhost' });
    socket.end('hello\\n');
    let text = '';
    for await (const piece of socket.setEncoding('utf8')) text += piece;
    return { ready: ready.toString(), text };
  },
  async tlsTwice(to) {
    const socket = tls.connect({ port: to.port, host: 'localhost' });
    await once(socket, 'secureConnect');
    try {
      await socket._handle.secure(socket._handle, 'localhost', () => {});
    } catch (error) {
      return { error: error.message };
    }
    return { error: 'none' };
  },
  async tlsLater(to) {
    const talk = async (socket) => {
      await once(socket, 'secureConnect');
      socket.end('hello\\n');
      let text = '';
      for await (const piece of socket.setEncoding('utf8')) text += piece;
      return text;
    };
    const alone = new tls.TLSSocket();
    const own = alone.connect(to.port, 'localhost');
    const raw = new net.Socket();
    const over = new tls.TLSSocket(raw, { servername: 'localhost' });
    raw.connect(to.port, 'localhost');
    return { texts: await Promise.all([talk(own), talk(over)]), name: own.servername };
  },
  http: (to) =>
    new Promise((resolve, reject) => {
      const answer = async (message) => resolve({ text: await text(message) });
      http.get({ port: to.port, host: 'localhost' }, answer).on('error', reject);
    }),
  lookup: (name) => dns.lookup(name, { all: true }),
  service: () => dns.lookupService('127.0.0.1', 22),
  async left(to) {
    const socket = connect(to);
    await say(socket, 'bye\\n');
    return { left: true };
  },
};
export default { async fetch(request) {
  const { does, to, options } = await request.json();
  return Response.json(await handlers[does](to, options));
} };`);

const withNode = { compatibility_flags: ['nodejs_compat'], compatibility_date: '2026-04-01' };

let server: Server;
let secure: Server;
let keys: string;
const certificate = () => ({
  key: readFileSync(`${keys}/key.pem`),
  cert: readFileSync(`${keys}/cert.pem`),
});
/** The last line that clients had said when they ended their side. */
const ended: string[] = [];

/** Reads nothing for a while, then 16 MB, and speaks TLS behind that. */
function beSlow(socket: Socket) {
  let left = 16 << 20;
  socket.removeAllListeners('data');
  socket.pause();
  socket.write('ready\n');
  setTimeout(() => {
    socket.write('injected\n');
    socket.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left > 0) return;
      socket.removeAllListeners('data');
      socket.pause();
      if (left < 0) socket.unshift(chunk.subarray(left));
      serve(new TLSSocket(socket, { isServer: true, ...certificate() }));
    });
    setTimeout(() => socket.resume(), 50);
  }, 50);
}

/** The kernel holds nothing of what was sent on the connection, at neither end. */
function isTaken(socket: Socket): boolean {
  const hex = (port = 0) => port.toString(16).toUpperCase().padStart(4, '0');
  const ports = [hex(socket.localPort), hex(socket.remotePort)];
  const ends = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, here, there]) => {
      const pair = [here, there].map((address) => address?.split(':')[1]);
      return ports.every((port) => pair.includes(port));
    });
  return ends.length === 2 && ends.every(([, , , , queues]) => queues === '00000000:00000000');
}

let full: Promise<void>;

/** Sends what a Worker's connection takes ahead of it, and speaks TLS behind that. */
function fill(socket: Socket) {
  socket.removeAllListeners('data');
  full = new Promise((resolve) => {
    const look = () => (isTaken(socket) ? resolve() : void setImmediate(look));
    socket.once('data', () => {
      socket.write(Buffer.alloc(256 << 10), look);
      serve(new TLSSocket(socket, { isServer: true, ...certificate() }));
    });
  });
  socket.write('ready\n');
}

/** Answers a line and ends; speaks TLS from the line STARTTLS on. */
function serve(socket: Socket) {
  let text = '';
  let last = '';
  let size = 0;
  const isText = () => size < 1000;
  socket.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (isText()) text += chunk;
    if (!text.endsWith('\n')) return;
    last = text;
    if (text === 'STARTTLS\n') {
      socket.removeAllListeners('data');
      socket.write('ready\n');
      serve(new TLSSocket(socket, { isServer: true, ...certificate() }));
    } else if (text === 'SLOW\n') {
      beSlow(socket);
    } else if (text === 'FULL\n') {
      fill(socket);
    } else if (text === 'WHEN\n') {
      void full.then(() => socket.end('taken\n'));
    } else if (text === 'INJECT\n') {
      socket.removeAllListeners('data');
      socket.write('ready\n');
      socket.once('data', () => socket.write('injected\n')); // where a handshake goes on
    } else if (text === 'much\n') {
      socket.end(Buffer.alloc(8 << 20));
    } else if (text !== 'bye\n') {
      socket.end(`you said ${text}`);
    }
    text = '';
  });
  socket.on('end', () => {
    ended.push(last);
    if (!isText()) socket.end(`${size} bytes`);
  });
  socket.on('error', () => {});
}

const listen = (server: Server) =>
  new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const portOf = (server: Server) => (server.address() as AddressInfo).port;

before(async () => {
  keys = temporaryFolder();
  writeFileSync(`${keys}/hosts`, '127.0.0.1 localhost\n192.0.2.7 db.test\n');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const out = ['-keyout', `${keys}/key.pem`, '-out', `${keys}/cert.pem`];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      ...subject,
      ...out,
    ],
    { stdio: 'ignore' },
  );
  server = createServer({ allowHalfOpen: true }, serve);
  secure = createTlsServer({ allowHalfOpen: true, ...certificate() }, serve);
  await Promise.all([listen(server), listen(secure)]);
});
after(() => {
  server.close();
  secure.close();
  rmSync(keys, { recursive: true });
});

describe('a platform that trusts the test', { skip }, () => {
  let platform: Platform;
  const ask = async (does: string, to: unknown, options?: object) => {
    const answer = await platform.get('talker', '/', {
      method: 'POST',
      body: JSON.stringify({ does, to, options }),
    });
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text);
  };
  before(async () => {
    const trusted = '/etc/ssl/certs/ca-certificates.crt';
    platform = await Platform.start(
      ['--allow-egress', '127.0.0.0/8', '--allow-egress', '::1/128'],
      {
        within: [
          'unshare',
          '--mount',
          'bash',
          '-c',
          `mount --bind ${keys}/cert.pem ${trusted} && mount --bind ${keys}/hosts /etc/hosts && exec "$@"`,
          'bash',
        ],
      },
    );
    await platform.deploy('talker', [talker], withNode);
  });
  after(() => platform.stop());

  test('a Worker talks in the clear', async () => {
    const to = `127.0.0.1:${portOf(server)}`;
    assert.deepEqual(await ask('talk', to), { text: 'you said hello\n', remoteAddress: to });
  });

  test('and through TLS', async () => {
    const to = { hostname: 'localhost', port: portOf(secure) };
    const { text } = await ask('talk', to, { secureTransport: 'on' });
    assert.equal(text, 'you said hello\n');
  });

  test('TLS begins later where the server says so', async () => {
    const told = await ask('upgrade', `127.0.0.1:${portOf(server)}`);
    assert.deepEqual(told, { ready: 'ready\n', text: 'you said hello\n' });
  });

  test('also behind what nobody read in the clear, as much as there is room for', async () => {
    const to = { hostname: 'localhost', port: portOf(server) };
    const told = await ask('upgradeFull', to);
    assert.deepEqual(told, { ready: 'ready\n', taken: 'taken\n', text: 'you said hello\n' });
  });

  test('also where nobody read on in the clear', async () => {
    const to = { hostname: 'localhost', port: portOf(server) };
    const told = await ask('upgradeUnread', to);
    assert.deepEqual(told, { ready: 'ready\n', text: 'you said hello\n' });
  });

  test('and behind much that the peer is slow to take, without what it slips in', async () => {
    const to = { hostname: 'localhost', port: portOf(server) };
    const told = await ask('upgradeBehindMuch', to);
    assert.deepEqual(told, { ready: 'ready\n', text: 'you said hello\n' });
  });

  test('bytes in the clear within the handshake end it', async () => {
    const to = { hostname: 'localhost', port: portOf(server) };
    const told = await ask('upgradeInjected', to);
    assert.match(told.error, /the TLS handshake failed/);
    assert.equal(told.text, '');
  });

  test('a name that the certificate is not for is refused', async () => {
    const to = { hostname: '127.0.0.1', port: portOf(secure) };
    const { error } = await ask('refused', to, { secureTransport: 'on' });
    assert.match(error, /certificate is not valid for "127\.0\.0\.1"/);
  });

  test('16 MB go out, and the side that was ended still hears', async () => {
    assert.deepEqual(await ask('upload', `127.0.0.1:${portOf(server)}`), {
      text: `${16 << 20} bytes`,
    });
  });

  test('8 MB come in', async () => {
    assert.deepEqual(await ask('download', `127.0.0.1:${portOf(server)}`), { bytes: 8 << 20 });
  });

  test('a connection ends with its invocation, behind what was written', async () => {
    await ask('left', `127.0.0.1:${portOf(server)}`);
    while (!ended.includes('bye\n')) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('node:net talks too, by a name', async () => {
    const told = await ask('net', { host: 'localhost', port: portOf(server) });
    assert.deepEqual(told, { text: 'you said hello\n' });
  });

  test('and takes 8 MB', async () => {
    const told = await ask('netDownload', { host: '127.0.0.1', port: portOf(server) });
    assert.deepEqual(told, { bytes: 8 << 20 });
  });

  test('its errors have the codes of Node', async () => {
    const refused = await ask('netRefused', { host: '127.0.0.1', port: 1 });
    assert.deepEqual(refused, { code: 'ECONNREFUSED' });
    const closed = await ask('netRefused', { host: '10.0.0.1', port: 1 });
    assert.deepEqual(closed, { code: 'EACCES' });
  });

  test('node:tls verifies and talks', async () => {
    const port = portOf(secure);
    assert.deepEqual(await ask('tls', { port }), {
      text: 'you said hello\n',
      authorized: true,
      encrypted: true,
    });
    assert.deepEqual(await ask('tls', { port, servername: 'another.example' }), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  test('and takes a socket over', async () => {
    const told = await ask('tlsUpgrade', { port: portOf(server) });
    assert.deepEqual(told, { ready: 'ready\n', text: 'you said hello\n' });
  });

  test('also one that is connected afterwards', async () => {
    const text = 'you said hello\n';
    assert.deepEqual(await ask('tlsLater', { port: portOf(secure) }), {
      texts: [text, text],
      name: 'localhost',
    });
  });

  test('TLS within TLS is refused, and the host goes on', async () => {
    const { error } = await ask('tlsTwice', { port: portOf(secure) });
    assert.match(error, /goes through TLS already/);
    const told = await ask('net', { host: 'localhost', port: portOf(server) });
    assert.deepEqual(told, { text: 'you said hello\n' });
  });

  test('a connection that an Agent keeps serves no later request of the Worker', async () => {
    const origin = createHttpServer((_, response) => response.end('hello'));
    await listen(origin);
    const to = { port: portOf(origin) };
    for (let i = 0; i < 3; i++) assert.deepEqual(await ask('http', to), { text: 'hello' });
    origin.closeAllConnections();
    origin.close();
  });

  test('node:dns finds what the resolver of the machine knows', async () => {
    assert.deepEqual(await ask('lookup', 'db.test'), [{ address: '192.0.2.7', family: 4 }]);
    assert.deepEqual(await ask('service', ''), { hostname: 'localhost', service: 'ssh' });
  });

  test('where nobody listens, that is the error', async () => {
    const { error } = await ask('refused', '127.0.0.1:1');
    assert.match(error, /proxy request failed, cannot connect to the specified address/);
    assert.match(error, /refused/);
  });
});

describe('without permission', () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start();
    await platform.deploy('talker', [talker], withNode);
  });
  after(() => platform.stop());

  for (const [to, why] of [
    ['127.0.0.1:5432', /loopback.*--allow-egress/],
    ['10.0.0.1:5432', /private.*--allow-egress/],
    ['93.184.216.34:25', /port 25, that of mail servers/],
  ] as const) {
    test(`${to} is refused with its reason`, async () => {
      const answer = await platform.get('talker', '/', {
        method: 'POST',
        body: JSON.stringify({ does: 'refused', to }),
      });
      assert.match(JSON.parse(answer.text).error, why);
    });
  }

  test('a certificate that the system does not know is not trusted', async () => {
    await platform.stop();
    platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
    await platform.deploy('talker', [talker], withNode);
    const to = { hostname: 'localhost', port: portOf(secure) };
    const answer = await platform.get('talker', '/', {
      method: 'POST',
      body: JSON.stringify({ does: 'refused', to, options: { secureTransport: 'on' } }),
    });
    assert.match(JSON.parse(answer.text).error, /the certificate is not trusted/);
  });
});
