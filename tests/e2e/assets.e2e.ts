// Static assets, uploaded by wrangler and asked for by clients and Workers.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, zstdDecompressSync } from 'node:zlib';
import { Platform, temporaryFolder } from '../../tools/platform/platform.ts';

let platform: Platform;
const projects = temporaryFolder();

before(async () => {
  platform = await Platform.start(['--shards', '2']);
});
after(async () => {
  await platform.stop();
  rmSync(projects, { recursive: true, force: true });
});

interface Site {
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly assets?: object;
  readonly code?: string;
  readonly date?: string;
}

async function deploy(name: string, site: Site): Promise<string> {
  const project = path.join(projects, name);
  rmSync(project, { recursive: true, force: true });
  for (const [file, content] of Object.entries(site.files)) {
    const at = path.join(project, 'public', file);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, content);
  }
  if (site.code !== undefined) writeFileSync(path.join(project, 'index.js'), site.code);
  const config = {
    name,
    ...(site.code === undefined ? {} : { main: 'index.js' }),
    compatibility_date: site.date ?? '2026-01-01',
    assets: { directory: 'public', ...site.assets },
  };
  writeFileSync(path.join(project, 'wrangler.json'), JSON.stringify(config));
  const ended = await platform.wrangler(project, ['deploy']);
  assert.equal(ended.code, 0, ended.output);
  return ended.output;
}

const ask = (name: string, target: string, headers: Record<string, string> = {}, method = 'GET') =>
  platform.get(name, target, { headers, method });

// "200 text", or "307 -> /location".
async function seen(name: string, target: string, headers: Record<string, string> = {}) {
  const { status, headers: fields, text } = await ask(name, target, headers);
  return fields.location === undefined ? `${status} ${text}` : `${status} -> ${fields.location}`;
}

test('a site without code', async (t) => {
  const large = Buffer.alloc(3_000_000, 'many bytes, ');
  const files = {
    'index.html': '<h1>home</h1>',
    'about.html': 'about',
    'docs/index.html': 'docs',
    'a b.txt': 'blank',
    '404.html': 'nothing here',
    'large.bin': large,
    'empty.txt': '',
    'script.js': 'export const many = 1;\n'.repeat(1000),
    _headers: '/*\n  X-Site: yes\n/docs/*\n  X-Docs: :splat\n',
    _redirects: '/old/* /docs/ 301\n/home / 308\n',
  };
  const output = await deploy('site', { files, assets: { not_found_handling: '404-page' } });
  assert.match(output, /Found 8 new or modified static assets/);

  await t.test('serves pages under one path each', async () => {
    assert.equal(await seen('site', '/'), '200 <h1>home</h1>');
    assert.equal(await seen('site', '/index.html?q'), '307 -> /?q');
    assert.equal(await seen('site', '/about'), '200 about');
    assert.equal(await seen('site', '/docs'), '307 -> /docs/');
    assert.equal(await seen('site', '/a%20b.txt'), '200 blank');
    assert.equal(await seen('site', '/empty.txt'), '200 ');
    assert.equal(await seen('site', '/x/y'), '404 nothing here');
  });

  await t.test('says what HTTP caches need', async () => {
    const { headers } = await ask('site', '/');
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(headers['cache-control'], 'public, max-age=0, must-revalidate');
    const tag = headers.etag as string;
    assert.match(tag, /^"[0-9a-f]{32}"$/);
    const again = await ask('site', '/', { 'if-none-match': tag });
    assert.equal(`${again.status} ${again.text}`, '304 ');
    const head = await ask('site', '/large.bin', {}, 'HEAD');
    assert.equal(head.headers['content-length'], '3000000');
    assert.equal((await ask('site', '/', {}, 'POST')).status, 405);
  });

  await t.test('sends large files whole and in parts', async () => {
    const all = await ask('site', '/large.bin');
    assert.ok(all.body.equals(large));
    const part = await ask('site', '/large.bin', { range: 'bytes=2999990-' });
    assert.equal(part.status, 206);
    assert.equal(part.headers['content-range'], 'bytes 2999990-2999999/3000000');
    assert.ok(part.body.equals(large.subarray(2_999_990)));
  });

  await t.test('sends texts in the coding that the client takes', async () => {
    const script = await ask('site', '/script.js', { 'accept-encoding': 'gzip, br' });
    assert.equal(script.headers['content-encoding'], 'br');
    assert.equal(script.headers.vary, 'Accept-Encoding');
    assert.ok(script.body.length < 2_000, `${script.body.length} bytes`);
    assert.equal(brotliDecompressSync(script.body).toString(), files['script.js']);
    const zstd = await ask('site', '/script.js', { 'accept-encoding': 'zstd' });
    assert.equal(zstdDecompressSync(zstd.body).toString(), files['script.js']);
    assert.equal((await ask('site', '/script.js')).text, files['script.js']);
    const again = await ask('site', '/script.js', {
      'accept-encoding': 'br',
      'if-none-match': script.headers.etag as string,
    });
    assert.equal(again.status, 304);
  });

  await t.test('obeys _headers and _redirects', async () => {
    assert.equal(await seen('site', '/old/page?q=1'), '301 -> /docs/?q=1');
    assert.equal(await seen('site', '/home'), '308 -> /');
    const { headers } = await ask('site', '/docs/');
    assert.equal(headers['x-site'], 'yes');
    assert.equal(headers['x-docs'], '');
  });

  await t.test('uploads only what is new', async () => {
    const more = { ...files, 'new.txt': 'new', 'about.html': 'about us' };
    assert.match(await deploy('site', { files: more }), /Found 2 new or modified static assets/);
    assert.equal(await seen('site', '/about'), '200 about us');
    assert.equal(await seen('site', '/new.txt'), '200 new');
    assert.equal(await seen('site', '/x/y'), '404 ');
    assert.match(await deploy('copy', { files: more }), /No updated asset files/);
    assert.equal(await seen('copy', '/new.txt'), '200 new');
  });
});

test('assets beside a Worker', async (t) => {
  const code = `export default { async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/asked') return env.ASSETS.fetch(new URL('/page', request.url));
    if (pathname === '/passed') return env.ASSETS.fetch(request);
    if (pathname === '/post') return env.ASSETS.fetch('https://a/page', { method: 'POST' });
    if (pathname === '/followed') {
      const answer = await env.ASSETS.fetch('https://a/page.html');
      return new Response([answer.url, answer.redirected, await answer.text()].join(' '));
    }
    return new Response('worker ' + request.method + ' ' + await request.text() + pathname);
  } };`;
  const files = { 'page.html': 'page', 'api/x': 'asset', 'index.html': 'home' };
  await deploy('both', { files, code, assets: { binding: 'ASSETS' } });

  await t.test('answer first, and the Worker where there is none', async () => {
    assert.equal(await seen('both', '/page'), '200 page');
    assert.equal(await seen('both', '/api/x'), '200 asset');
    assert.equal(await seen('both', '/api/y'), '200 worker GET /api/y');
    const posted = await platform.get('both', '/y', { method: 'POST', body: 'body ' });
    assert.equal(posted.text, 'worker POST body /y');
  });

  await t.test('are had by the binding', async () => {
    assert.equal(await seen('both', '/asked'), '200 page');
    assert.equal(await seen('both', '/passed'), '404 ');
    assert.equal((await ask('both', '/post')).status, 405);
    assert.equal(await seen('both', '/followed'), '200 https://a/page true page');
  });

  await t.test('come second where that is said', async () => {
    const assets = { binding: 'ASSETS', run_worker_first: ['/api/*'] };
    await deploy('both', { files, code, assets });
    assert.equal(await seen('both', '/api/x'), '200 worker GET /api/x');
    assert.equal(await seen('both', '/page'), '200 page');
    await deploy('both', { files, code, assets: { ...assets, run_worker_first: true } });
    assert.equal(await seen('both', '/page'), '200 worker GET /page');
    assert.equal(await seen('both', '/asked'), '200 page');
  });

  await t.test('answer navigation in a single-page application', async () => {
    const assets = { binding: 'ASSETS', not_found_handling: 'single-page-application' };
    await deploy('both', { files, code, assets });
    assert.equal(await seen('both', '/deep'), '200 worker GET /deep');
    assert.equal(await seen('both', '/deep', { 'sec-fetch-mode': 'navigate' }), '200 home');
  });
});

test('assets of another Worker, by a service binding', async () => {
  await deploy('shelf', { files: { 'book.html': 'a book' } });
  const code = `export default { async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/rpc') return new Response(await env.SHELF.read().catch((error) => error.message));
    return env.SHELF.fetch(request);
  } };`;
  const project = path.join(projects, 'reader');
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, 'index.js'), code);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'reader',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      services: [{ binding: 'SHELF', service: 'shelf' }],
    }),
  );
  const ended = await platform.wrangler(project, ['deploy']);
  assert.equal(ended.code, 0, ended.output);
  for (let i = 0; i < 20; i++) assert.equal(await seen('reader', '/book'), '200 a book');
  assert.equal(await seen('reader', '/none'), '404 ');
  assert.match(await seen('reader', '/rpc'), /has assets and no code/);
});

test('assets are public under a base path', async () => {
  const files = {
    'index.html': 'home',
    'guide.html': 'guide',
    _headers: '/docs/guide\n  X-Guide: yes\n',
    _redirects: '/docs/old /docs/guide 301\n/old /docs/guide 301\n',
  };
  const code = `export default { fetch: (request) => new Response('worker ' + new URL(request.url).pathname) };`;
  await deploy('based', { files, code, assets: { base_path: 'docs' } });
  assert.equal(await seen('based', '/docs'), '307 -> /docs/');
  assert.equal(await seen('based', '/docs/'), '200 home');
  assert.equal(await seen('based', '/docs/guide.html?q'), '307 -> /docs/guide?q');
  assert.equal((await ask('based', '/docs/guide')).headers['x-guide'], 'yes');
  assert.equal(await seen('based', '/docs/old'), '301 -> /docs/guide');
  assert.equal(await seen('based', '/old'), '200 worker /old');
  assert.equal(await seen('based', '/guide'), '200 worker /guide');
});

test('a request whose rules take too long ends in an error that the log has', async () => {
  const rules = Array.from({ length: 100 }, (_, i) => `/*:a:b:c:d!${i} / 302`).join('\n');
  await deploy('slow', { files: { 'index.html': 'home', _redirects: rules } });
  assert.equal(await seen('slow', '/'), '200 home');
  const answer = await ask('slow', `/${'a'.repeat(4000)}`);
  assert.equal(answer.status, 503);
  const [, reference] = /^error code: 1102\nreference: ([0-9a-f]{16})\n$/.exec(answer.text) ?? [];
  assert.ok(reference, answer.text);
  let output = '';
  while (!output.includes('take too long for this URL'))
    ({ output } = await platform.run('logs', ['slow', '--id', reference]));
  assert.match(output, /exceededCpu/);
});
