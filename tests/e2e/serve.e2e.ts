// `caravel serve`: what of a project it serves, and how.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { caravel, Platform } from '../../tools/platform/platform.ts';
import { configured, Serving, servedUrl } from '../../tools/platform/serving.ts';
import { inTree } from '../../tools/test/paths.ts';

const serving = new Serving();
const { folder } = serving;
after(() => serving.stop());

test('serves a project of TypeScript', async () => {
  const { url } = await serving.serve(inTree('examples/hello'));
  assert.equal((await ask(`${url}/?name=serve`)).text, 'Hello serve!\n');
});

test('serves the project of the current folder where none is named', async () => {
  const { until } = serving.followIn(inTree('examples/hello'));
  assert.equal((await ask(`${await until(servedUrl)}/?name=serve`)).text, 'Hello serve!\n');
});

test('serves a project of wrangler.toml with modules and vars', async () => {
  const { url } = await serving.serve(inTree('examples/modules'));
  assert.equal((await ask(`${url}/manifest`)).text, '{"ship":"Caravel","masts":3}');
  assert.equal((await ask(`${url}/signal`)).body.length, 7);
  assert.match((await ask(url)).text, /^Welcome aboard/);
});

test('serves assets beside code, built by the project and bound to it', async () => {
  const { url } = await serving.serve(inTree('examples/handbook'));
  assert.match((await ask(`${url}/page/1999`)).text, /<h1>Page 1999<\/h1>/);
  assert.match((await ask(`${url}/random`)).text, /<h1>Page \d+<\/h1>/);
  assert.equal((await ask(`${url}/page/2000`)).text, 'no such page\n');
});

test('serves a project with KV, which is empty at first and stays while it is edited', async () => {
  const project = path.join(folder, 'kv');
  mkdirSync(project);
  const write = (name: string) =>
    writeFileSync(
      path.join(project, 'index.js'),
      `export default { async fetch(request, env) {
        const { pathname } = new URL(request.url);
        if (request.method === 'PUT') await env.ONE.put(pathname, request.body);
        const has = [await env.ONE.get(pathname), await env.OTHER.get(pathname)];
        return new Response('${name} ' + has.map((value) => value && value.length));
      } };`,
    );
  write('first');
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'kv',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      kv_namespaces: [{ binding: 'ONE' }, { binding: 'OTHER', id: 'a'.repeat(32) }],
    }),
  );
  const { url } = await serving.serve(project);
  assert.equal((await ask(`${url}/a`)).text, 'first ,');
  assert.equal((await ask(`${url}/a`, { method: 'PUT', body: 'text' })).text, 'first 4,');
  // A large value lies in a file of its own.
  const large = await ask(`${url}/b`, { method: 'PUT', body: 'x'.repeat(100_000) });
  assert.equal(large.text, 'first 100000,');
  write('second');
  let answer = '';
  while (!answer.startsWith('second')) answer = (await ask(`${url}/a`)).text;
  assert.equal(answer, 'second 4,');
});

test('serves a project that calls itself by a service binding', async () => {
  const project = path.join(folder, 'self');
  mkdirSync(project);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'self',
      main: 'index.js',
      compatibility_date: '2026-07-01',
      services: [{ binding: 'OWN', service: 'self', entrypoint: 'Own', props: { n: 2 } }],
    }),
  );
  writeFileSync(
    path.join(project, 'index.js'),
    `import { WorkerEntrypoint } from 'cloudflare:workers';
     export class Own extends WorkerEntrypoint {
       times(x) { return x * this.ctx.props.n; }
     }
     export default { fetch: async (request, env) => new Response(await env.OWN.times(21)) };`,
  );
  const { url } = await serving.serve(project);
  assert.equal((await ask(url)).text, '42');
});

test('serves a project that imports and requires modules of Node', async () => {
  const project = path.join(folder, 'node');
  mkdirSync(project);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({ name: 'node', main: 'index.js', compatibility_date: '2026-08-04' }),
  );
  writeFileSync(
    path.join(project, 'old.cjs'),
    "const { join } = require('path'); module.exports = () => join('/a', '../b');",
  );
  writeFileSync(
    path.join(project, 'index.js'),
    `import { EventEmitter } from 'events';
    import where from './old.cjs';
    export default {
      fetch() {
        const told = [];
        new EventEmitter().on('x', (v) => told.push(v)).emit('x', where());
        return new Response(Buffer.from(told.join()).toString('hex'));
      },
    };`,
  );
  assert.equal((await ask((await serving.serve(project)).url)).text, '2f62');
});

test('takes an environment of the configuration, and secrets of .dev.vars', async () => {
  const project = path.join(folder, 'staged');
  mkdirSync(project);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'staged',
      main: 'index.js',
      vars: { WHERE: 'top', KEY: 'none' },
      env: { staging: { vars: { WHERE: 'staging' } } },
    }),
  );
  writeFileSync(
    path.join(project, 'index.js'),
    "export default { fetch: (_, { WHERE, KEY }) => new Response([WHERE, KEY].join(' ')) };",
  );
  writeFileSync(path.join(project, '.dev.vars'), 'KEY="common key"\n');
  assert.equal((await ask((await serving.serve(project)).url)).text, 'top common key');
  writeFileSync(path.join(project, '.dev.vars.staging'), 'KEY=staging key\n');
  const { url } = await serving.serve(project, '--env', 'staging');
  assert.equal((await ask(url)).text, 'staging staging key');
});

test('runs a scheduled handler for a request of its path', async () => {
  const project = serving.write('scheduled', {
    'index.js': `let told = 'nothing';
      export default {
        fetch: () => new Response(told),
        scheduled({ cron, scheduledTime }) {
          if (cron === 'fail') throw new RangeError('no wind');
          told = cron + ' ' + scheduledTime;
        },
      };`,
    'wrangler.json': configured('scheduled', { triggers: { crons: ['*/5 * * * *'] } }),
  });
  const { until } = serving.follow(project, '--shards', '1');
  await until(/cron "\*\/5 \* \* \* \*": `serve` goes by no clock/);
  const url = await until(servedUrl);
  const run = (query: string) => ask(`${url}/cdn-cgi/handler/scheduled${query}`);
  const well = await run('?cron=*/5+*+*+*+*&time=1745856238000');
  assert.deepEqual([well.status, well.text], [200, 'ok']);
  assert.equal((await ask(url)).text, '*/5 * * * * 1745856238000');
  assert.equal((await run('')).text, 'ok');
  assert.match((await ask(url)).text, /^\* \* \* \* \* \d{13}$/);
  const failed = await run('?cron=fail');
  assert.equal(failed.status, 500);
  assert.match(failed.text, /RangeError: no wind/);
  const wrong = await run('?time=soon');
  assert.deepEqual([wrong.status, wrong.text.split('\n')[0]], [500, 'time "soon": is no time']);
});

test('a port that is taken has a remedy that serve takes', async () => {
  const project = serving.write('ported', { 'index.js': 'export default {};' });
  const platform = await Platform.start();
  const port = new URL(platform.http).port;
  const { code, output } = await caravel(['serve', project, '--port', port]);
  await platform.stop();
  assert.notEqual(code, 0);
  assert.match(
    output,
    /in use by .*\n\s+choose another port \(--port N; 0 takes a free one\), or stop/,
  );
  assert.doesNotMatch(output, /--api-port/);
});

test('names files from the folder of the project where a request fails', async () => {
  const project = path.join(folder, 'thrower');
  mkdirSync(path.join(project, 'src'), { recursive: true });
  const config = { name: 'thrower', main: 'src/index.ts', compatibility_date: '2026-01-01' };
  writeFileSync(path.join(project, 'wrangler.json'), JSON.stringify(config));
  writeFileSync(
    path.join(project, 'src/index.ts'),
    "export default {\n  fetch(): Response {\n    throw new Error('boom');\n  },\n};\n",
  );
  const { url, child } = await serving.serve(project);
  const { stdout } = child;
  assert.ok(stdout);
  const lines = createInterface({ input: stdout });
  assert.equal((await ask(url)).status, 500);
  for await (const line of lines) {
    if (!/^\s+at /.test(line)) continue;
    assert.match(line, /\(src\/index\.ts:3:11\)$/);
    return;
  }
  assert.fail('serve ended');
});

test('has what was put into KV the last time, and rate limits', async () => {
  const project = path.join(folder, 'state');
  mkdirSync(project, { recursive: true });
  writeFileSync(
    path.join(project, 'index.js'),
    `export default { async fetch(request, { KV, LIMIT }) {
      const url = new URL(request.url);
      if (url.pathname === '/limit') return Response.json(await LIMIT.limit({ key: 'k' }));
      if (url.pathname === '/put') await KV.put('k', url.search);
      return new Response(await KV.get('k'));
    } };`,
  );
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'state',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      kv_namespaces: [{ binding: 'KV', id: 'abc' }],
      ratelimits: [{ name: 'LIMIT', namespace_id: '1', simple: { limit: 1, period: 60 } }],
    }),
  );
  const first = await serving.serve(project, '--shards', '1');
  assert.equal((await ask(`${first.url}/get`)).text, '');
  assert.equal((await ask(`${first.url}/put?v`)).text, '?v');
  assert.deepEqual(
    [(await ask(`${first.url}/limit`)).text, (await ask(`${first.url}/limit`)).text],
    ['{"success":true}', '{"success":false}'],
  );
  const second = await caravel(['serve', project, '--port', '0']);
  assert.notEqual(second.code, 0);
  assert.match(second.output, /another `serve` of this project/);
  const ended = new Promise((resolve) => first.child.once('exit', resolve));
  first.child.kill('SIGTERM');
  await ended;
  const again = await serving.serve(project, '--shards', '1');
  assert.equal((await ask(`${again.url}/get`)).text, '?v');
  assert.equal(readFileSync(path.join(project, '.caravel/.gitignore'), 'utf8'), '*\n');
});

test('has the assets of the project, and anew when they change', async () => {
  const project = path.join(folder, 'site');
  mkdirSync(path.join(project, 'public'), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(path.join(project, name), text);
  write('public/index.html', '<p>one</p>');
  write('public/_headers', '/*\n  X-From: rules\n');
  write('public/_redirects', '/old /new 301\n');
  write(
    'index.js',
    'export default { fetch: (_, env) => env.ASSETS.fetch("http://a/index.html") }',
  );
  const assets = { directory: './public', binding: 'ASSETS', html_handling: 'none' };
  const configuration = { name: 'site', main: 'index.js', compatibility_date: '2026-01-01' };
  write('wrangler.json', JSON.stringify({ ...configuration, assets }));
  const { url } = await serving.serve(project, '--shards', '1');
  const page = await ask(`${url}/index.html`);
  assert.deepEqual([page.status, page.text], [200, '<p>one</p>']);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(page.headers['x-from'], 'rules');
  assert.equal((await ask(`${url}/code`)).text, '<p>one</p>');
  const moved = await ask(`${url}/old`);
  assert.deepEqual([moved.status, moved.headers.location], [301, '/new']);
  mkdirSync(path.join(project, 'public/sub'));
  write('public/sub/a.txt', 'new');
  while ((await ask(`${url}/sub/a.txt`)).text !== 'new');
  write('public/index.html', '<p>two</p>');
  while ((await ask(`${url}/index.html`)).text !== '<p>two</p>');
  rmSync(path.join(project, 'public/sub/a.txt'));
  while ((await ask(`${url}/sub/a.txt`)).text === 'new');
});

test('has files as modules and JSX as the configuration says', async () => {
  const project = path.join(folder, 'ruled');
  mkdirSync(path.join(project, 'public'), { recursive: true });
  writeFileSync(path.join(project, 'page.md'), '# Page');
  writeFileSync(path.join(project, 'public/kept.txt'), 'kept');
  writeFileSync(path.join(project, 'public/draft.txt'), 'draft');
  writeFileSync(path.join(project, 'public/.assetsignore'), 'draft*\n');
  writeFileSync(
    path.join(project, 'index.jsx'),
    `import page from './page.md';
     const h = (name, _, ...children) => name + ':' + children.join();
     export default { fetch: () => new Response(page + <b>bold</b>) };`,
  );
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'ruled',
      main: 'index.jsx',
      compatibility_date: '2026-01-01',
      rules: [{ type: 'Text', globs: ['**/*.md'], fallthrough: true }],
      jsx_factory: 'h',
      assets: { directory: 'public' },
    }),
  );
  const { url } = await serving.serve(project);
  assert.equal((await ask(url)).text, '# Pageb:bold');
  assert.equal((await ask(`${url}/kept.txt`)).text, 'kept');
  assert.equal((await ask(`${url}/draft.txt`)).text, '# Pageb:bold', 'no asset');
});

test('serves a service worker, whose bindings are globals', async () => {
  const project = path.join(folder, 'script');
  mkdirSync(project, { recursive: true });
  writeFileSync(
    path.join(project, 'worker.js'),
    `addEventListener('fetch', (event) => event.respondWith(answer(event.request)));
    const answer = async (request) => new Response(NAME + ' ' + (await KV.get('k')));`,
  );
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'script',
      main: 'worker.js',
      compatibility_date: '2022-03-21',
      vars: { NAME: 'a var' },
      kv_namespaces: [{ binding: 'KV' }],
    }),
  );
  const { url } = await serving.serve(project, '--shards', '1');
  assert.equal((await ask(url)).text, 'a var null');
});

test('serves assets alone', async () => {
  const project = path.join(folder, 'alone');
  mkdirSync(path.join(project, 'dist'), { recursive: true });
  writeFileSync(path.join(project, 'dist/index.html'), 'home');
  const assets = { directory: 'dist', not_found_handling: 'single-page-application' };
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({ name: 'alone', compatibility_date: '2026-01-01', assets }),
  );
  const { url } = await serving.serve(project, '--shards', '1');
  assert.equal((await ask(url)).text, 'home');
  const accept = { headers: { 'sec-fetch-mode': 'navigate' } };
  assert.equal((await ask(`${url}/some/page`, accept)).text, 'home');
});

test('says once of each edit of assets alone that it answers', async () => {
  const project = serving.write('edited', { 'page.html': 'one' });
  const assets = { directory: '.' };
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({ name: 'edited', compatibility_date: '2026-01-01', assets }),
  );
  const { until, printed } = serving.follow(project, '--shards', '1');
  const url = servedUrl.exec(await until(/answers at \S+/))?.[0];
  for (const [index, text] of ['two', 'three', 'four'].entries()) {
    writeFileSync(path.join(project, 'page.html'), text);
    // The page alone says too little: it is read when it is first asked for, so that the
    // version before may answer with the edit, and two quick edits come to one version.
    await until(new RegExp(`(answers as edited[\\s\\S]*){${index + 1}}`));
    while ((await ask(`${url}/page`)).text !== text);
  }
  assert.equal(printed().match(/answers as edited/g)?.length, 3, printed());
});

test('ends on SIGTERM with everything that it started', async () => {
  const { url, child } = await serving.serve(inTree('examples/hello'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  await assert.rejects(ask(url));
});

test('a folder without a project is refused with its name', async () => {
  const empty = serving.write('empty', {});
  const ended = await caravel(['serve', empty, '--port', '0']);
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /wrangler/);
  assert.ok(ended.output.includes(empty), ended.output);
});

test('an environment that the configuration does not have ends it', async () => {
  const project = serving.write('no-such-env', {
    'index.js': 'export default {};',
    'wrangler.json': configured('no-such-env'),
  });
  const { code, output } = await caravel(['serve', project, '--port', '0', '--env', 'prod']);
  assert.notEqual(code, 0);
  assert.match(output, /prod/);
});

test('what was logged last is printed though it is stopped at once', async () => {
  const project = serving.write('last-words', {
    'index.js':
      'export default { fetch: () => { for (let i = 0; i < 400; i++) console.log("line", i); return new Response(); } };',
    'wrangler.json': configured('last-words'),
  });
  const { until, printed, interrupt } = serving.followIn(project);
  const url = await until(servedUrl);
  while ((await ask(url)).status !== 200);
  assert.equal(await interrupt(), 0);
  assert.match(printed(), /line 399/);
});
