// Each project of examples/, deployed by the unmodified wrangler, answers right.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { deployExample, wranglerIn } from '../../tools/platform/example.ts';
import { Platform } from '../../tools/platform/platform.ts';

let platform: Platform;

before(async () => {
  platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
});
after(() => platform.stop());

const deploy = (example: string, ...args: string[]) => deployExample(platform, example, ...args);

test('hello: a Worker in TypeScript', async () => {
  await deploy('hello');
  const answer = await platform.get('hello');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'text/plain;charset=UTF-8');
  assert.equal(answer.text, 'Hello World!\n');
  assert.equal((await platform.get('hello', '/?name=Ana%20B')).text, 'Hello Ana B!\n');
});

test('node: modules and globals of Node, and its storage in the log', async () => {
  await deploy('node');
  const answer = await platform.get('node-modules', '/a?b');
  assert.equal(answer.text, '1 Olá\n2 L2E');
  // Log events arrive in batches.
  let logs = '';
  while (!/L2E: answered/.test(logs)) logs = (await platform.run('logs', ['node-modules'])).output;
});

test('wasm-c: C, compiled by the project itself, draws', async () => {
  await deploy('wasm-c');
  const { text } = await platform.get('wasm-c', '/?columns=40&rows=9');
  const lines = text.split('\n');
  assert.equal(lines.length, 10);
  assert.ok(lines.slice(0, 9).every((line) => line.length === 40));
  // The set is symmetric to the real axis, and its heart is solid.
  assert.equal(lines[0], lines[8]);
  assert.match(`${lines[4]}`, /##########/);
  assert.equal((await platform.get('wasm-c', '/?columns=100000')).status, 400);
});

test('modules: text, data, JSON and vars arrive as they are', async () => {
  await deploy('modules');
  const get = (where: string) => platform.get('modules', where);
  assert.equal((await get('/')).text, 'Welcome aboard: /log /manifest /signal /limits\n');
  assert.match((await get('/log')).text, /^Day 1: fair wind.*\nDay 2: dolphins\.\n$/);
  assert.deepEqual([...(await get('/signal')).body], [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff]);
  assert.deepEqual(JSON.parse((await get('/manifest')).text), { ship: 'Caravel', masts: 3 });
  assert.deepEqual(JSON.parse((await get('/limits')).text), {
    passengers: 12,
    ports: ['Lisbon', 'Funchal'],
  });
});

test('rewrite: the words of another site, while it streams', async () => {
  // Sends its second part only when the first has come through the worker.
  const { promise: firstArrived, resolve: tellFirstArrived } = Promise.withResolvers<void>();
  const origin = createServer(async (request, response) => {
    response.writeHead(200, {
      'content-type': request.url === '/data' ? 'text/plain' : 'text/html',
      'x-path': `${request.url}`,
    });
    if (request.url === '/data') return response.end('a horse');
    const { port } = origin.address() as AddressInfo;
    const link = `http://127.0.0.1:${port}/act/6`;
    response.write(
      `<title>A horse</title><script>horse = '&';</script><p>My kingdom for a <b>horse</b> &amp; <a href="${link}">half</a> of a hor`,
    );
    await firstArrived;
    response.end('se.</p>');
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = origin.address() as AddressInfo;
    await deploy('rewrite', '--var', `ORIGIN:http://127.0.0.1:${port}`);
    let soFar = '';
    const answer = await platform.get('rewrite', '/play?act=5', {
      onChunk: (chunk) => {
        soFar += chunk;
        if (soFar.includes('<b>camel')) tellFirstArrived();
      },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-path'], '/play?act=5');
    assert.equal(
      answer.text,
      `<title>A camel</title><script>horse = '&';</script><p>My kingdom for a <b>camel</b> &amp; <a href="/act/6">half</a> of a camel.</p>`,
    );
    assert.equal((await platform.get('rewrite', '/data')).text, 'a horse');
  } finally {
    origin.closeAllConnections();
    origin.close();
  }
});

test('site: files alone, with redirects and headers', async () => {
  await deploy('site');
  const home = await platform.get('site');
  assert.match(home.text, /<h1>A site<\/h1>/);
  assert.equal(home.headers['x-content-type-options'], 'nosniff');
  const old = await platform.get('site', '/posts/2024/first');
  assert.equal(`${old.status} ${old.headers.location}`, '301 /blog/first');
  assert.equal(
    (await platform.get('site', '/style.css')).headers['cache-control'],
    'public, max-age=3600',
  );
  const missing = await platform.get('site', '/nowhere');
  assert.equal(missing.status, 404);
  assert.match(missing.text, /Not here/);
});

test('handbook: 2,000 pages beside a Worker', async () => {
  await deploy('handbook');
  assert.match((await platform.get('handbook', '/page/1999')).text, /<h1>Page 1999<\/h1>/);
  assert.match((await platform.get('handbook', '/random')).text, /<h1>Page \d+<\/h1>/);
  assert.equal((await platform.get('handbook', '/page/2000')).text, 'no such page\n');
  // Another edition has one file that was not uploaded before.
  const again = await wranglerIn(platform, 'handbook', ['deploy'], { env: { EDITION: 'second' } });
  assert.match(again, /Found 1 new or modified static asset to upload/);
  assert.match((await platform.get('handbook')).text, /second edition/);
  assert.match((await platform.get('handbook', '/page/7')).text, /<h1>Page 7<\/h1>/);
});

/** A PNG of RGBA, its rows filtered as `filters` says in turn. */
function png(width: number, height: number, at: (x: number, y: number) => readonly number[]) {
  const chunk = (type: string, content: Uint8Array) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(content.length);
    const tail = Buffer.alloc(4);
    const body = Buffer.concat([Buffer.from(type), content]);
    tail.writeUInt32BE(crc32(body));
    return Buffer.concat([head, body, tail]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6], 8);
  const plain = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => at(x, y)).flat(),
  );
  const rows = plain.map((row, y) => {
    const filter = y % 5;
    const left = (i: number) => row[i - 4] ?? 0;
    const up = (i: number) => plain[y - 1]?.[i] ?? 0;
    const corner = (i: number) => plain[y - 1]?.[i - 4] ?? 0;
    const paeth = (i: number) => {
      const guess = left(i) + up(i) - corner(i);
      const near = [left(i), up(i), corner(i)].map((value) => Math.abs(guess - value));
      return [left(i), up(i), corner(i)][near.indexOf(Math.min(...near))] ?? 0;
    };
    const guessed = [() => 0, left, up, (i: number) => (left(i) + up(i)) >> 1, paeth][filter];
    return [filter, ...row.map((value, i) => (value - (guessed?.(i) ?? 0)) & 255)];
  });
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Size and pixels of a PNG whose rows have no filter; its checksums must be right. */
function pixelsOf(file: Buffer) {
  const data: Buffer[] = [];
  let size: [number, number] = [0, 0];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    assert.equal(file.readUInt32BE(at + 8 + length), crc32(body));
    const type = body.toString('latin1', 0, 4);
    if (type === 'IHDR') size = [body.readUInt32BE(4), body.readUInt32BE(8)];
    if (type === 'IDAT') data.push(body.subarray(4));
    at += length + 12;
  }
  const rows = inflateSync(Buffer.concat(data));
  const stride = size[0] * 4 + 1;
  const pixel = (x: number, y: number) => [
    ...rows.subarray(y * stride + 1 + x * 4, y * stride + 5 + x * 4),
  ];
  return { size, pixel };
}

test('image: a picture of another site, made smaller by C', async () => {
  // Four fields; of the last, one half cannot be seen.
  const fields = [
    [200, 0, 0, 255],
    [0, 100, 0, 255],
    [0, 0, 50, 255],
  ];
  const picture = png(64, 32, (x, y) => {
    const field = fields[(x >= 32 ? 1 : 0) + (y >= 16 ? 2 : 0)];
    return field ?? (x % 2 ? [10, 20, 30, 255] : [255, 255, 255, 0]);
  });
  const origin = createServer((request, response) => {
    response.statusCode = request.url === '/fields.png' || request.url === '/text' ? 200 : 404;
    response.end(request.url === '/fields.png' ? picture : 'a text');
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = origin.address() as AddressInfo;
    await deploy('image', '--var', `ORIGIN:http://127.0.0.1:${port}`);
    const answer = await platform.get('image', '/fields.png?width=8');
    assert.equal(answer.headers['content-type'], 'image/png');
    const { size, pixel } = pixelsOf(answer.body);
    assert.deepEqual(size, [8, 4]);
    assert.deepEqual(pixel(0, 0), [200, 0, 0, 255]);
    assert.deepEqual(pixel(4, 1), [0, 100, 0, 255]);
    assert.deepEqual(pixel(3, 3), [0, 0, 50, 255]);
    assert.deepEqual(pixel(7, 3), [10, 20, 30, 127]);
    const grey = pixelsOf((await platform.get('image', '/fields.png?width=8&grey')).body);
    assert.deepEqual(grey.pixel(0, 0), [60, 60, 60, 255]);
    const whole = pixelsOf((await platform.get('image', '/fields.png?width=4096')).body);
    assert.deepEqual(whole.size, [64, 32]);
    assert.deepEqual(whole.pixel(63, 31), [10, 20, 30, 255]);
    assert.equal((await platform.get('image', '/text')).text, 'this is no PNG\n');
    assert.equal((await platform.get('image', '/none.png')).status, 404);
    assert.equal((await platform.get('image', '/fields.png?width=0')).status, 400);
  } finally {
    origin.closeAllConnections();
    origin.close();
  }
});
