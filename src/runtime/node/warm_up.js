// A Worker that the build runs (runtime/warm_up.h): what it calls of Node's library and
// of the platform's lazy modules is in their code caches, and need not be compiled when a
// Worker calls it first. So it does what Workers commonly do, each a little; what it
// leaves out works, and costs some microseconds once.

import { httpServerHandler } from 'cloudflare:node';
import assert from 'node:assert';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { Buffer } from 'node:buffer';
import crypto from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import dns from 'node:dns';
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import querystring from 'node:querystring';
import stream from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';
import timers from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import url from 'node:url';
import util from 'node:util';
import zlib from 'node:zlib';

const storage = new AsyncLocalStorage();

const server = http.createServer(async (request, response) => {
  await storage.run({ url: request.url }, async () => {
    request.setEncoding('utf8');
    let body = '';
    for await (const chunk of request) body += chunk;
    response.statusCode = 200;
    response.setHeader('Content-Type', 'text/plain');
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.getHeader('content-type');
    response.removeHeader('set-cookie');
    response.on('finish', () => {});
    if (request.url === '/stream') {
      response.writeHead(201, { 'X-Streamed': 'yes' });
      response.write('some ');
      response.write(Buffer.from('more '));
    } else if (request.url === '/broken') {
      response.socket.destroy();
      return;
    }
    response.end(`${request.method} ${storage.getStore().url} ${body}`);
  });
});
server.listen(8080);

function ask(options, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(options, (response) => {
      let received = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        received += chunk;
      });
      response.on('end', () => resolve(`${response.statusCode} ${received}`));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.setTimeout(5000);
    if (body !== undefined) request.write(body);
    request.end();
  });
}

async function useHttp() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  const at = { host: 'localhost', port: 8080, agent };
  await ask({ ...at, path: '/', headers: { Accept: '*/*' } });
  await ask({ ...at, path: '/stream', method: 'POST' }, 'body');
  await ask({ ...at, path: '/', method: 'PUT', headers: { 'Content-Length': 4 } }, 'body');
  await ask('http://localhost:8080/text');
  await assert.rejects(ask({ ...at, path: '/broken' }));
  await new Promise((resolve) => {
    http.get(new URL('http://localhost:8080/stream'), (response) => {
      response.resume().on('close', resolve);
    });
  });
  agent.destroy();
  new https.Agent({ keepAlive: true });
}

async function useNet() {
  const echo = net.createServer((socket) => socket.pipe(socket)).listen(0);
  const socket = net.connect(echo.address().port, 'localhost');
  socket.setNoDelay(true);
  socket.end('some bytes');
  assert.equal(await text(socket), 'some bytes');
  echo.close();
  net.isIP('127.0.0.1');
  net.isIP('::1');
  tls.createSecureContext();
  await dns.promises.lookup('localhost');
}

async function useStreams() {
  const upper = new stream.Transform({
    transform(chunk, _encoding, done) {
      done(null, chunk.toString().toUpperCase());
    },
  });
  const written = [];
  const sink = new stream.Writable({
    write(chunk, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  await pipeline(stream.Readable.from(['one', 'two']), upper, sink);
  stream.pipeline(stream.Readable.from(['a']), new stream.PassThrough(), () => {});
  await stream.Readable.from([1, 2, 3])
    .map((n) => n + 1)
    .toArray();
  const web = stream.Readable.toWeb(stream.Readable.from([Buffer.from('web')]));
  await text(stream.Readable.fromWeb(web));
  const duplex = new stream.Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  duplex.on('error', () => {});
  duplex.cork();
  duplex.write('x');
  duplex.uncork();
  duplex.destroy(new Error('over'));
}

async function useText() {
  const bytes = Buffer.concat([Buffer.from('héllo'), Buffer.alloc(4, 1), Buffer.from([1, 2])]);
  for (const encoding of ['utf8', 'hex', 'base64', 'base64url', 'latin1'])
    Buffer.from(bytes.toString(encoding), encoding);
  bytes.writeUInt32BE(7, 0);
  bytes.readUInt32BE(0);
  bytes.writeDoubleLE(1.5, 2);
  bytes.readInt16LE(1);
  bytes.subarray(1, 3).equals(bytes.slice(1, 3));
  bytes.indexOf('l');
  Buffer.byteLength('text');
  new StringDecoder('utf8').end(bytes);
  util.format('%s %d %j %o', 'a', 1, { b: 2 }, [3]);
  util.inspect({ map: new Map([[1, { deep: [new Date(0), /x/] }]]), set: new Set('a'), bytes });
  util.inspect(new Error('shown'));
  util.inspect(class A {});
  util.isDeepStrictEqual({ a: [1] }, { a: [1] });
  util.inherits(function Old() {}, EventEmitter);
  util.deprecate(() => {}, 'old', 'DEP_WARM_UP');
  await util.promisify((done) => done(null, 1))();
  util.callbackify(async () => 1)(() => {});
  util.types.isDate(new Date());
  util.debuglog('warm_up')('unseen');
  assert.deepStrictEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] });
  assert.throws(() => assert.strictEqual(1, 2));
  path.join('/a', '..', 'b.txt');
  path.relative('/a/b', path.resolve('/a', 'c'));
  path.basename(path.normalize('/a//b.txt'), path.extname('b.txt'));
  path.parse('/a/b.txt');
  querystring.stringify(querystring.parse('a=1&b=%20&b=2'));
  url.format(url.parse('http://user@example.com:80/path?query#hash', true));
  url.fileURLToPath(url.pathToFileURL('/bundle/x.js'));
  url.resolve('http://example.com/a', '../b');
  url.urlToHttpOptions(new URL('http://example.com/a'));
  os.platform();
  os.EOL.length;
}

async function useEvents() {
  const emitter = new EventEmitter();
  emitter.on('event', () => {});
  emitter.prependListener('event', () => {});
  emitter.once('event', () => {});
  const happened = once(emitter, 'event');
  emitter.emit('event', 1);
  await happened;
  emitter.removeAllListeners();
  emitter.setMaxListeners(20);
  emitter.off('event', () => {});
  assert.throws(() => emitter.emit('error', new Error('unheard')));
  await storage.run(1, () => sleep(0));
  storage.enterWith(2);
  new AsyncResource('warm-up').runInAsyncScope(() => AsyncLocalStorage.bind(() => {})());
  diagnostics.channel('warm-up').publish({});
  diagnostics.subscribe('warm-up', () => {});
  await new Promise((resolve) => process.nextTick(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  timers.clearTimeout(timers.setTimeout(() => {}, 1000).unref());
  process.hrtime.bigint();
  process.stdout.write('');
  process.emitWarning('warm-up', { code: 'WARM_UP' });
  performance.now();
}

async function useCrypto() {
  crypto.createHash('sha256').update('a').digest('hex');
  crypto.hash('sha1', 'a');
  crypto.createHmac('sha256', 'key').update('a').digest('base64');
  crypto.randomBytes(8);
  crypto.randomUUID();
  crypto.randomInt(10);
  crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('a'));
  const key = crypto.randomBytes(32);
  const iv = crypto.randomBytes(12);
  const cipher = crypto.createCipheriv('aes-256-gcm', key, iv);
  const sealed = Buffer.concat([cipher.update('text'), cipher.final()]);
  const decipher = crypto.createDecipheriv('aes-256-gcm', key, iv);
  decipher.setAuthTag(cipher.getAuthTag());
  Buffer.concat([decipher.update(sealed), decipher.final()]);
  crypto.pbkdf2Sync('password', 'salt', 1, 16, 'sha256');
  crypto.scryptSync('password', 'salt', 16, { N: 2 });
  crypto.hkdfSync('sha256', 'key', 'salt', 'info', 16);
  const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signature = crypto.sign('sha256', Buffer.from('a'), privateKey);
  crypto.verify('sha256', Buffer.from('a'), publicKey, signature);
  crypto.createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }));
  crypto.createSecretKey(key).export();
  await globalThis.crypto.subtle.digest('SHA-256', key);
}

async function useFiles() {
  fs.mkdirSync('/tmp/folder', { recursive: true });
  fs.writeFileSync('/tmp/folder/a', 'text');
  await writeFile('/tmp/folder/b', await readFile('/tmp/folder/a', 'utf8'));
  fs.readdirSync('/tmp/folder');
  fs.statSync('/tmp/folder/a').isFile();
  fs.existsSync('/nowhere');
  await pipeline(fs.createReadStream('/tmp/folder/a'), fs.createWriteStream('/tmp/folder/c'));
  fs.rmSync('/tmp/folder', { recursive: true });
  zlib.gunzipSync(zlib.gzipSync('text'));
  zlib.brotliDecompressSync(zlib.brotliCompressSync('text'));
  await pipeline(stream.Readable.from(['text']), zlib.createDeflate(), zlib.createInflate(), text);
}

async function useWeb() {
  const pieces = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array([1]));
      controller.close();
    },
  });
  const [left, right] = pieces.tee();
  await new Response(left).arrayBuffer();
  for await (const piece of right.pipeThrough(new TransformStream())) assert.ok(piece);
  const identity = new TransformStream();
  const writer = identity.writable.getWriter();
  const [read] = await Promise.all([identity.readable.getReader().read(), writer.write('a')]);
  assert.equal(read.value, 'a');
  const zipped = new Blob(['text']).stream().pipeThrough(new CompressionStream('gzip'));
  await new Response(zipped.pipeThrough(new DecompressionStream('gzip'))).text();
  const lines = new Blob(['text']).stream().pipeThrough(new TextDecoderStream());
  for await (const line of lines.pipeThrough(new TextEncoderStream())) assert.ok(line);
  const form = new FormData();
  form.append('field', 'value');
  form.append('file', new File(['content'], 'a.txt', { type: 'text/plain' }));
  await new Response(form).formData();
  await new Response(new URLSearchParams({ a: '1' })).formData();
  new URL('http://example.com/?a=1').searchParams.append('b', '2');
  new URLPattern({ pathname: '/:id' }).exec('http://example.com/1');
  structuredClone({ a: [new Date(0), new Map()] });
  new EventTarget().dispatchEvent(new CustomEvent('event'));
  performance.mark('warm-up');
  const answer = new Response('<p class="a">text</p>', {
    headers: { 'Content-Type': 'text/html' },
  });
  const rewriter = new HTMLRewriter().on('p', { element: (p) => p.setAttribute('id', 'b') });
  await rewriter.transform(answer).text();
  const [one, other] = Object.values(new WebSocketPair());
  one.accept();
  other.accept();
  one.send('text');
  other.close(1000);
  console.log('%s', { deep: { object: [new Map([[1, 2]])] } }, new Error('shown'));
}

const handler = httpServerHandler({ port: 8080 });

export default {
  async fetch(request, env, context) {
    if (request.url.endsWith('/server')) return handler.fetch(request, env, context);
    for (const use of [
      useHttp,
      useNet,
      useStreams,
      useText,
      useEvents,
      useCrypto,
      useFiles,
      useWeb,
    ])
      try {
        await use();
      } catch (error) {
        return new Response(`${use.name}: ${error.stack}`, { status: 500 });
      }
    return new Response('done');
  },
};
