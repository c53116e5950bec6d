// Each project of examples/, deployed by the unmodified wrangler, answers right.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Platform } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';

let platform: Platform;

before(async () => {
  platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
});
after(() => platform.stop());

async function deploy(example: string, ...args: string[]) {
  const ended = await platform.wrangler(inTree('examples', example), ['deploy', ...args]);
  assert.equal(ended.code, 0, ended.output);
  assert.match(ended.output, /Current Version ID: [0-9a-f-]{32,36}/);
}

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
  while (logs === '') logs = (await platform.run('logs', ['node-modules'])).output;
  assert.match(logs, /L2E: answered/);
});

test('hono: the router finds, and refuses in JSON', async () => {
  await deploy('hono');
  assert.deepEqual(JSON.parse((await platform.get('hono-app', '/books/dune')).text), {
    title: 'Dune',
    year: 1965,
  });
  const missing = await platform.get('hono-app', '/books/emma');
  assert.equal(missing.status, 404);
  assert.deepEqual(JSON.parse(missing.text), { error: 'no such book' });
});

test('hono: a JSON body arrives', async () => {
  const answer = await platform.get('hono-app', '/books', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Os Lusíadas', year: 1572 }),
  });
  assert.equal(answer.status, 201);
  assert.deepEqual(JSON.parse(answer.text), { received: 'Os Lusíadas' });
});

test('hono: basic auth opens for the password in the vars, and for no other', async () => {
  const shelf = (password?: string) =>
    platform.get('hono-app', '/admin/shelf', {
      headers: password ? { authorization: `Basic ${btoa(`admin:${password}`)}` } : {},
    });
  const closed = await shelf();
  assert.equal(closed.status, 401);
  assert.match(`${closed.headers['www-authenticate']}`, /^Basic realm=/);
  assert.equal((await shelf('wrong')).status, 401);
  const open = await shelf('open sesame');
  assert.equal(open.status, 200);
  assert.deepEqual(JSON.parse(open.text), { count: 2 });
});

test('hono: a cookie is set and read back', async () => {
  const first = await platform.get('hono-app', '/visits');
  const cookie = first.headers['set-cookie']?.[0] ?? '';
  assert.equal(cookie, 'visits=1; Path=/; HttpOnly');
  const second = await platform.get('hono-app', '/visits', {
    headers: { cookie: cookie.split(';')[0] ?? '' },
  });
  assert.equal(second.text, 'visit 2\n');
});

test('hono: a streamed answer arrives line by line', async () => {
  const chunks: string[] = [];
  const answer = await platform.get('hono-app', '/countdown', {
    onChunk: (chunk) => chunks.push(chunk.toString()),
  });
  assert.equal(answer.text, '3\n2\n1\nlift-off\n');
  assert.ok(chunks.length > 1, 'the answer came in one piece');
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

test('rewrite: another origin, rewritten while it streams', async () => {
  // Sends its second part only when the first has come through the worker.
  const { promise: firstArrived, resolve: tellFirstArrived } = Promise.withResolvers<void>();
  const origin = createServer(async (request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'x-path': `${request.url}` });
    response.write('My kingdom for a horse, and half of a hor');
    await firstArrived;
    response.end('se.');
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = origin.address() as AddressInfo;
    await deploy('rewrite', '--var', `ORIGIN:http://127.0.0.1:${port}`);
    let soFar = '';
    const answer = await platform.get('rewrite', '/play?act=5', {
      onChunk: (chunk) => {
        soFar += chunk;
        if (soFar.includes('camel')) tellFirstArrived();
      },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-path'], '/play?act=5');
    assert.equal(answer.text, 'My kingdom for a camel, and half of a camel.');
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
});
