// Bodies that an origin encodes: passed on byte for byte, decoded when the Worker
// reads them, and never larger in memory than what is read.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { esModule, Platform } from '../../tools/platform/platform.ts';

const worker = esModule(`export default { async fetch(request, env) {
  const { pathname } = new URL(request.url);
  const [, way, file] = pathname.split('/');
  const answer = await fetch(env.ORIGIN + file);
  switch (way) {
    case 'pass': return answer;
    case 'digest': {
      const digest = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer());
      return new Response([...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join(''));
    }
    case 'upper': return new Response((await answer.text()).toUpperCase(), answer);
    case 'plain': return new Response(answer.body);
    case 'count': {
      let size = 0;
      for await (const chunk of answer.body) size += chunk.length;
      return new Response(String(size));
    }
    case 'error': return new Response(await answer.text().catch(String));
  }
} };`);

const large = Buffer.from(randomBytes(3 << 20).toString('hex')); // does not fit one piece
const files: Record<string, { coding: string; body: Buffer }> = {
  gzip: { coding: 'gzip', body: gzipSync(large) },
  br: { coding: 'br', body: brotliCompressSync('a short text') },
  corrupt: { coding: 'gzip', body: Buffer.from('no gzip at all') },
  bomb: { coding: 'gzip', body: gzipSync(Buffer.alloc(300 << 20), { level: 1 }) },
};
const sha256 = createHash('sha256').update(large).digest('hex');

let origin: Server;
let platform: Platform;
let asked: IncomingHttpHeaders;

before(async () => {
  origin = createServer((request, response) => {
    asked = request.headers;
    const { coding, body } = files[(request.url ?? '').slice(1)] as {
      coding: string;
      body: Buffer;
    };
    response.setHeader('content-encoding', coding).setHeader('content-length', body.length);
    response.end(body);
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const { port } = origin.address() as AddressInfo;
  platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
  await platform.deploy('coding', [worker], {
    bindings: [{ type: 'plain_text', name: 'ORIGIN', text: `http://127.0.0.1:${port}/` }],
    limits: { cpu_ms: 60_000 },
  });
});
after(async () => {
  origin.closeAllConnections();
  origin.close();
  await platform.stop();
});

test('an answer that is passed on keeps its bytes, its coding and its length', async () => {
  const answer = await platform.get('coding', '/pass/gzip', {
    headers: { 'accept-encoding': 'gzip' },
  });
  assert.equal(asked['accept-encoding'], 'br, gzip');
  assert.equal(answer.headers['content-encoding'], 'gzip');
  assert.equal(answer.headers['content-length'], String(files.gzip?.body.length));
  assert.ok(files.gzip?.body.equals(answer.body));
  assert.ok(gunzipSync(answer.body).equals(large));
});

test('for a client that accepts no coding it is decoded', async () => {
  const answer = await platform.get('coding', '/pass/gzip');
  assert.equal(answer.headers['content-encoding'], undefined);
  assert.equal(createHash('sha256').update(answer.body).digest('hex'), sha256);
});

test('one that is read is decoded', async () => {
  assert.equal((await platform.get('coding', '/digest/gzip')).text, sha256);
});

test('one that is made anew under the same headers is plain, and says so', async () => {
  const answer = await platform.get('coding', '/upper/br');
  assert.equal(answer.headers['content-encoding'], undefined);
  assert.equal(answer.text, 'A SHORT TEXT');
});

test('a body under other headers is decoded on its way', async () => {
  const answer = await platform.get('coding', '/plain/gzip');
  assert.equal(answer.headers['content-encoding'], undefined);
  assert.equal(createHash('sha256').update(answer.body).digest('hex'), sha256);
});

test('corrupt data is an error that says why', async () => {
  const answer = await platform.get('coding', '/error/corrupt');
  assert.equal(answer.text, 'TypeError: The gzip data is corrupt: incorrect header check');
});

test('a body that grows beyond the memory limit can be read piece by piece', async () => {
  const answer = await platform.get('coding', '/count/bomb');
  assert.equal(answer.text, String(300 << 20));
});

test('read whole it ends that request, and the Worker goes on', async () => {
  const { status } = await platform.get('coding', '/digest/bomb');
  assert.ok(status === 500 || status === 503, `${status}`);
  assert.equal((await platform.get('coding', '/upper/br')).text, 'A SHORT TEXT');
});
