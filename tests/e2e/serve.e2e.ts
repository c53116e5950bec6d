// `caravel serve`: one project, no control plane.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { caravel, caravelBinary, temporaryFolder } from '../../tools/platform/platform.ts';
import { inTree, root } from '../../tools/test/paths.ts';

const started: ChildProcess[] = [];
const folder = temporaryFolder();
after(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts it on a free port; resolves with its address as it prints it. */
async function serve(
  project: string,
  ...flags: readonly string[]
): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(caravelBinary, ['serve', project, '--port', '0', ...flags], {
    env: { ...process.env, CARAVEL_ROOT: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed += chunk;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    printed += `${line}\n`;
    const url = /http:\/\/[\w.[\]:-]+:\d+/.exec(line)?.[0];
    if (url) return { url, child };
  }
  throw new Error(`caravel serve ended without an address:\n${printed}`);
}

test('serves a project of TypeScript', async () => {
  const { url } = await serve(inTree('examples/hello'));
  assert.equal((await ask(`${url}/?name=serve`)).text, 'Hello serve!\n');
});

test('serves a project of wrangler.toml with modules and vars', async () => {
  const { url } = await serve(inTree('examples/modules'));
  assert.equal((await ask(`${url}/manifest`)).text, '{"ship":"Caravel","masts":3}');
  assert.equal((await ask(`${url}/signal`)).body.length, 7);
  assert.match((await ask(url)).text, /^Welcome aboard/);
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
  assert.equal((await ask((await serve(project)).url)).text, 'top common key');
  writeFileSync(path.join(project, '.dev.vars.staging'), 'KEY=staging key\n');
  const { url } = await serve(project, '--env', 'staging');
  assert.equal((await ask(url)).text, 'staging staging key');
});

test('ends on SIGTERM with everything that it started', async () => {
  const { url, child } = await serve(inTree('examples/hello'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  await assert.rejects(ask(url));
});

test('a folder without a project is refused with its name', async () => {
  const ended = await caravel(['serve', folder, '--port', '0']);
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /wrangler/);
  assert.ok(ended.output.includes(folder), ended.output);
});

test('a syntax error is shown with its line', async () => {
  const project = path.join(folder, 'broken');
  mkdirSync(project);
  writeFileSync(path.join(project, 'wrangler.json'), '{"name":"broken","main":"index.ts"}');
  writeFileSync(path.join(project, 'index.ts'), 'export default {\n  fetch( {}\n};\n');
  const ended = await caravel(['serve', project, '--port', '0']);
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /index\.ts:\d/);
});
