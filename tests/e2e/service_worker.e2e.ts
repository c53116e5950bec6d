// Projects in the syntax of service workers, and those whose modules wrangler does not
// bundle.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Platform, temporaryFolder } from '../../tools/platform/platform.ts';

let platform: Platform;
const projects = temporaryFolder();

before(async () => {
  platform = await Platform.start();
});
after(async () => {
  await platform.stop();
  rmSync(projects, { recursive: true, force: true });
});

async function deploy(name: string, files: Record<string, string | Uint8Array>, more: object = {}) {
  const project = path.join(projects, name);
  mkdirSync(project, { recursive: true });
  for (const [file, content] of Object.entries(files))
    writeFileSync(path.join(project, file), content);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({ name, main: 'index.js', compatibility_date: '2026-01-01', ...more }),
  );
  return platform.wrangler(project, ['deploy']);
}

// A module that exports f(), which gives 42.
const wasm = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0],
  ...[7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11],
);

test('a service worker finds its vars, secrets and modules as globals', async () => {
  const ended = await deploy(
    'script',
    {
      'index.js': `import text from './note.txt';
        import wasm from './sum.wasm';
        import data from './data.bin';
        addEventListener('fetch', (event) => event.respondWith(answer(event)));
        async function answer(event) {
          event.waitUntil(Promise.resolve());
          const { exports } = await WebAssembly.instantiate(wasm);
          const { pathname } = new URL(event.request.url);
          return new Response([pathname, GREETING, LIST[1], text.trim(), exports.f(),
            new Uint8Array(data)[0], typeof SECRET].join());
        }`,
      'note.txt': 'noted\n',
      'sum.wasm': wasm,
      'data.bin': Uint8Array.of(7),
    },
    { vars: { GREETING: 'hello', LIST: [1, 2] } },
  );
  assert.equal(ended.code, 0, ended.output);
  assert.equal((await platform.get('script', '/a')).text, '/a,hello,2,noted,42,7,undefined');

  const project = path.join(projects, 'script');
  const put = await platform.wrangler(project, ['secret', 'put', 'SECRET'], {}, 'hidden');
  assert.equal(put.code, 0, put.output);
  assert.equal((await platform.get('script', '/a')).text, '/a,hello,2,noted,42,7,string');
});

test('a listener that throws ends in error 1101', async () => {
  const ended = await deploy('throws', {
    'index.js': `addEventListener('fetch', () => { throw new Error('no'); });`,
  });
  assert.equal(ended.code, 0, ended.output);
  const answer = await platform.get('throws', '/');
  assert.equal(answer.status, 500);
  assert.match(answer.text, /1101/);
});

test('a script that listens to nothing is refused', async () => {
  const ended = await deploy('silent', { 'index.js': `console.log('here');` });
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /registers no event handler/);
});

test('with no_bundle the modules are uploaded as they are, CommonJS among them', async () => {
  const ended = await deploy(
    'modules',
    {
      'index.js': `import { up } from './up.js';
        import price from './price.cjs';
        export default { fetch: () => new Response(up(price(3))) };`,
      'up.js': 'export const up = (text) => text.toUpperCase();',
      'price.cjs': `const { unit } = require('./unit.cjs');
        module.exports = (count) => count + ' ' + unit;`,
      'unit.cjs': "exports.unit = require('node:path').basename('/a/pieces');",
    },
    {
      no_bundle: true,
      compatibility_flags: ['nodejs_compat'],
      rules: [
        { type: 'ESModule', globs: ['**/*.js'] },
        { type: 'CommonJS', globs: ['**/*.cjs'] },
      ],
    },
  );
  assert.equal(ended.code, 0, ended.output);
  assert.equal((await platform.get('modules', '/')).text, '3 PIECES');
});
