// Servers of node:http as Workers, deployed by wrangler: what goes over the wire, both
// ways, as far as a client sees it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { esModule, Platform, temporaryFolder } from '../../tools/platform/platform.ts';
import { smallDiskRefusal } from '../../tools/platform/small_disk.ts';

const server = `
import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import { httpServerHandler } from 'cloudflare:node';

const server = http.createServer(async (req, res) => {
  const { pathname } = new URL(req.url, 'http://x');
  if (pathname === '/echo') {
    res.writeHead(200, { 'Content-Type': req.headers['content-type'] });
    await pipeline(req, res);
  } else if (pathname === '/upper') {
    const upper = new Transform({
      transform(chunk, _, done) { done(null, String(chunk).toUpperCase()); },
    });
    await pipeline(req, upper, res);
  } else if (pathname === '/slowly') {
    for (let i = 0; i < 3; i++) {
      res.write('piece ' + i + ' ');
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    res.end('end');
  } else if (pathname === '/large') {
    let left = 64;
    const more = () => {
      while (left-- > 0) if (!res.write(Buffer.alloc(65536, 'x'))) return;
      res.end();
    };
    res.on('drain', more);
    more();
  } else if (pathname === '/throws') {
    throw new Error('thrown on purpose');
  } else if (pathname === '/address') {
    const { remoteAddress, remoteFamily } = req.socket;
    res.end(JSON.stringify({ remoteAddress, remoteFamily, raw: req.rawHeaders }));
  } else if (pathname === '/inside') {
    const { port } = server.address();
    http.get({ port, path: '/slowly' }, (inner) => inner.pipe(res));
  } else {
    res.statusCode = 404;
    res.setHeader('Set-Cookie', ['a=1', 'b=2']);
    res.end();
  }
});
server.listen(8080);
export default httpServerHandler({ port: 8080 });
`;

let platform: Platform;
const project = temporaryFolder();

before(async () => {
  platform = await Platform.start();
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, 'index.js'), server);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'server',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      compatibility_flags: ['nodejs_compat'],
      limits: { cpu_ms: 5000 },
    }),
  );
  const ended = await platform.wrangler(project, ['deploy']);
  assert.equal(ended.code, 0, ended.output);
});
after(async () => {
  await platform.stop();
  rmSync(project, { recursive: true, force: true });
});

test('a body comes back as it was sent', async () => {
  const body = Buffer.alloc(3 << 20, 'caravel ');
  const answer = await platform.get('server', '/echo', {
    method: 'POST',
    headers: { 'content-type': 'text/x-own' },
    body,
  });
  assert.equal(answer.headers['content-type'], 'text/x-own');
  assert.ok(answer.body.equals(body), `${answer.body.length} bytes came back`);
});

test('a body goes through a stream of Node', async () => {
  const answer = await platform.get('server', '/upper', { method: 'PUT', body: 'words' });
  assert.equal(answer.text, 'WORDS');
});

test('an answer is streamed', async () => {
  const answer = await platform.get('server', '/slowly');
  assert.equal(answer.text, 'piece 0 piece 1 piece 2 end');
  const { body } = await platform.get('server', '/large');
  assert.equal(body.length, 64 * 65536);
});

test('status and repeated headers arrive', async () => {
  const answer = await platform.get('server', '/nowhere');
  assert.equal(answer.status, 404);
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
  assert.equal(answer.headers['content-length'], '0');
});

test('a server that throws is an error, and the next request is answered', async () => {
  assert.match((await platform.get('server', '/throws')).text, /1101/);
  assert.equal((await platform.get('server', '/upper', { method: 'PUT', body: 'a' })).text, 'A');
});

test('the socket has the address of the client, headers are as they came', async () => {
  const answer = await platform.get('server', '/address', {
    headers: { 'X-MiXed': 'kept', 'CF-Connecting-IP': '6.6.6.6' },
  });
  const { remoteAddress, remoteFamily, raw } = JSON.parse(answer.text);
  assert.equal(remoteAddress, '127.0.0.1');
  assert.equal(remoteFamily, 'IPv4');
  assert.equal(raw[raw.indexOf('X-MiXed') + 1], 'kept');
  assert.equal(raw[raw.indexOf('CF-Connecting-IP') + 1], '127.0.0.1');
  assert.ok(!raw.includes('6.6.6.6'), raw.join());
});

test('a server is reached from its own isolate', async () => {
  assert.equal((await platform.get('server', '/inside')).text, 'piece 0 piece 1 piece 2 end');
});

const client = esModule(`
import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const narrow = new http.Agent({ keepAlive: true, maxTotalSockets: 1 });
const ask = (url, options, body) =>
  new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    const asked = request(url, options ?? {}, async (answer) => {
      try {
        const { statusCode, statusMessage, headers, rawHeaders } = answer;
        const all = { statusCode, statusMessage, headers, rawHeaders };
        resolve({ ...all, text: await text(answer), trailers: answer.trailers });
      } catch (error) { reject(error); }
    });
    asked.on('error', reject);
    for (const piece of body ?? []) asked.write(piece);
    asked.end(options?.whole);
  });
export default {
  async fetch(request) {
    const { url, options, body, times, together } = await request.json();
    try {
      if (together) {
        const answers = together.map((each) => ask(each, { agent: narrow }));
        return Response.json((await Promise.all(answers)).map(({ text }) => text));
      }
      let answer;
      for (let i = 0; i < (times ?? 1); i++)
        answer = await ask(url, times ? { ...options, agent } : options, body);
      return Response.json(answer);
    } catch (error) {
      return Response.json({ code: error.code, message: error.message });
    }
  },
};`);

const together: (() => void)[] = []; // what answers those that have come

/** What an origin saw of a request, told by its answer. */
const origin: RequestListener = async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  const { headers, method, url } = request;
  if (url === '/moved') {
    response.writeHead(302, { location: '/elsewhere' }).end();
  } else if (url === '/together') {
    together.push(() => response.end('both'));
    if (together.length === 2) for (const answer of together.splice(0)) answer();
  } else if (url === '/alone') {
    response.end('alone');
  } else if (url === '/cut') {
    response.writeHead(200, { 'content-length': 10 });
    response.write('half', () => response.destroy());
  } else {
    const connection = request.socket.remotePort;
    response.writeHead(200, 'Well', { 'X-CaSe': 'kept', trailer: 'x-sum' });
    response.write(JSON.stringify({ method, url, headers, body, connection }));
    response.addTrailers({ 'x-sum': 'whole' });
    response.end();
  }
};

describe('a client', { skip: await smallDiskRefusal() }, () => {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  execFileSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${folder}/key.pem -out ${folder}/cert.pem`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  );
  const file = (name: string) => readFileSync(path.join(folder, name));
  const plain = createServer(origin);
  const secure = createSecureServer({ key: file('key.pem'), cert: file('cert.pem') }, origin);
  let platform: Platform;
  let port: number;
  let connections = 0;
  plain.on('connection', () => connections++);

  const ask = async (asked: object) => {
    const body = JSON.stringify(asked);
    const answer = await platform.get('client', '/', { method: 'POST', body });
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text);
  };
  before(async () => {
    for (const server of [plain, secure])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (plain.address() as AddressInfo).port;
    const trusted = '/etc/ssl/certs/ca-certificates.crt';
    const trust = `mount --bind ${folder}/cert.pem ${trusted} && exec "$@"`;
    platform = await Platform.start(['--shards', '1', '--allow-egress', '127.0.0.0/8'], {
      within: ['unshare', '--mount', 'bash', '-c', trust, 'bash'],
    });
    await platform.deploy('client', [client], {
      compatibility_date: '2026-08-04',
      limits: { cpu_ms: 2000 },
    });
  });
  after(async () => {
    await platform.stop();
    plain.close();
    secure.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('asks with a body in pieces, and hears the answer as it was sent', async () => {
    const answer = await ask({
      url: `http://127.0.0.1:${port}/path?query`,
      options: { method: 'PUT', headers: { 'X-Own': 'yes' } },
      body: ['one ', 'two'],
    });
    assert.equal(`${answer.statusCode} ${answer.statusMessage}`, '200 Well');
    assert.ok(answer.rawHeaders.includes('X-CaSe'), answer.rawHeaders.join());
    assert.deepEqual(answer.trailers, { 'x-sum': 'whole' });
    const seen = JSON.parse(answer.text);
    assert.deepEqual([seen.method, seen.url, seen.body], ['PUT', '/path?query', 'one two']);
    assert.equal(seen.headers['x-own'], 'yes');
    assert.equal(seen.headers['transfer-encoding'], 'chunked');
  });

  test('follows no redirect', async () => {
    const { statusCode, headers } = await ask({ url: `http://localhost:${port}/moved` });
    assert.deepEqual([statusCode, headers.location], [302, '/elsewhere']);
  });

  test('keeps its connection within a request', async () => {
    const before = connections;
    const ports = [];
    for (let i = 0; i < 3; i++) {
      const answer = await ask({ url: `http://127.0.0.1:${port}/`, times: i + 1 });
      ports.push(JSON.parse(answer.text).connection);
    }
    assert.equal(new Set(ports).size, 3, `${ports}`);
    assert.equal(connections - before, 3);
  });

  test('shares an Agent with one of another request, and waits for none of its connections', async () => {
    const asked = { url: `http://127.0.0.1:${port}/together`, times: 1 };
    const answers = await Promise.all([ask(asked), ask(asked)]);
    assert.deepEqual(
      answers.map(({ text }) => text),
      ['both', 'both'],
    );
  });

  test('counts its sockets for each request, and makes none for what waits in another', async () => {
    const both = `http://127.0.0.1:${port}/together`;
    const waits = `http://localhost:${port}/alone`;
    const answers = await Promise.all([
      ask({ together: [both] }),
      ask({ together: [both, waits] }),
    ]);
    assert.deepEqual(answers, [['both'], ['both', 'alone']]);
  });

  test('says the length of a body that it has whole', async () => {
    const told = async (options: object, body?: string[]) => {
      const { text } = await ask({ url: `http://127.0.0.1:${port}/`, options, body });
      const { 'content-length': length, 'transfer-encoding': coding } = JSON.parse(text).headers;
      return length ?? coding ?? null;
    };
    assert.equal(await told({ method: 'POST' }), '0');
    assert.equal(await told({ method: 'GET' }), null);
    assert.equal(await told({ method: 'PUT' }, ['in ', 'pieces']), 'chunked');
    assert.equal(await told({ method: 'PUT', headers: { 'Content-Length': 4 } }, ['body']), '4');
    assert.equal(await told({ method: 'PUT', whole: 'body' }), '4');
  });

  test('fails with the codes of Node', async () => {
    assert.equal((await ask({ url: 'http://127.0.0.1:1/' })).code, 'ECONNREFUSED');
    assert.equal((await ask({ url: 'http://nowhere.invalid/' })).code, 'ENOTFOUND');
    assert.equal((await ask({ url: `http://127.0.0.1:${port}/cut` })).code, 'ECONNRESET');
  });

  test('speaks TLS, and verifies', async () => {
    const { port } = secure.address() as AddressInfo;
    const answer = await ask({ url: `https://localhost:${port}/secret` });
    assert.equal(JSON.parse(answer.text).url, '/secret');
    const wrong = await ask({ url: `https://127.0.0.1:${port}/` });
    assert.equal(wrong.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
  });
});
