// Servers of node:http as Workers, deployed by wrangler: what goes over the wire, both
// ways, as far as a client sees it.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Platform, temporaryFolder } from '../../tools/platform/platform.ts';

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
  const answer = await platform.get('server', '/address', { headers: { 'X-MiXed': 'kept' } });
  const { remoteAddress, remoteFamily, raw } = JSON.parse(answer.text);
  assert.equal(remoteAddress, '127.0.0.1');
  assert.equal(remoteFamily, 'IPv4');
  assert.equal(raw[raw.indexOf('X-MiXed') + 1], 'kept');
});

test('a server is reached from its own isolate', async () => {
  assert.equal((await platform.get('server', '/inside')).text, 'piece 0 piece 1 piece 2 end');
});
