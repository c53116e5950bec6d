// Versions of a Worker side by side, and secrets, which belong to versions: told to the
// platform by wrangler, seen by who asks the Worker.
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

function write(name: string, source: string, more: object = {}) {
  const project = path.join(projects, name);
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, 'index.js'), source);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({ name, main: 'index.js', compatibility_date: '2026-01-01', ...more }),
  );
}

async function wrangler(name: string, args: readonly string[], input?: string) {
  const ended = await platform.wrangler(path.join(projects, name), args, {}, input);
  assert.equal(ended.code, 0, ended.output);
  return ended.output;
}

const answering = (text: string) =>
  `export default { fetch() { return new Response(${JSON.stringify(text)}); } };`;
const idIn = (output: string) => {
  const id = /Version ID: ([0-9a-f-]+)/.exec(output)?.[1];
  assert.ok(id, output);
  return id;
};

test('a deployment of several versions', async (t) => {
  write('split', answering('first'));
  const first = idIn(await wrangler('split', ['deploy']));
  write('split', answering('second'));
  const second = idIn(await wrangler('split', ['versions', 'upload']));
  const divide = (one: number, two: number) =>
    wrangler('split', ['versions', 'deploy', `${first}@${one}`, `${second}@${two}`, '--yes']);
  const ask = async (headers: Record<string, string> = {}) =>
    (await platform.get('split', '/', { headers })).text;
  const override = (id: string) => ask({ 'Cloudflare-Workers-Version-Overrides': `split="${id}"` });

  await t.test('sends nothing to one with 0 percent, unless a request names it', async () => {
    assert.equal(await override(second), 'first', 'it is not deployed yet');
    await divide(100, 0);
    for (let i = 0; i < 20; i++) assert.equal(await ask(), 'first');
    assert.equal(await override(second), 'second');
    assert.equal(await override(first), 'first');
    assert.equal(await override(second.toUpperCase()), 'first');
  });

  await t.test('sends requests of one key to one version', async () => {
    await divide(50, 50);
    const seen = new Set<string>();
    for (let key = 0; key < 40; key++) {
      const headers = { 'Cloudflare-Workers-Version-Key': `user ${key}` };
      const text = await ask(headers);
      for (let i = 0; i < 4; i++) assert.equal(await ask(headers), text);
      seen.add(text);
    }
    assert.deepEqual([...seen].sort(), ['first', 'second']);
  });

  await t.test('is undone by a rollback', async () => {
    await wrangler('split', ['rollback', first, '--yes']);
    for (let i = 0; i < 20; i++) assert.equal(await ask(), 'first');
  });
});

test('a version tells its id, tag and time', async () => {
  write('told', 'export default { fetch: (_, env) => Response.json(env.VERSION) };', {
    version_metadata: { binding: 'VERSION' },
  });
  const id = idIn(await wrangler('told', ['deploy', '--tag', 'the tag']));
  const told = JSON.parse((await platform.get('told')).text);
  assert.equal(told.id, id);
  assert.equal(told.tag, 'the tag');
  assert.ok(Math.abs(Date.parse(told.timestamp) - Date.now()) < 600_000, told.timestamp);
});

test('secrets', async (t) => {
  const ask = async () => (await platform.get('secrets')).text;
  write('secrets', 'export default { fetch: (_, env) => new Response(`${env.ONE} ${env.TWO}`) };');

  await t.test('can be set before there is a Worker, and stay', async () => {
    await wrangler('secrets', ['secret', 'put', 'ONE'], 'one');
    await wrangler('secrets', ['deploy']);
    assert.equal(await ask(), 'one undefined');
  });

  await t.test('are live when the command ends', async () => {
    await wrangler('secrets', ['secret', 'put', 'TWO'], 'two');
    assert.equal(await ask(), 'one two');
    await wrangler('secrets', ['secret', 'delete', 'ONE']);
    assert.equal(await ask(), 'undefined two');
    await wrangler('secrets', ['secret', 'bulk'], '{"ONE":"uno","TWO":"due"}');
    assert.equal(await ask(), 'uno due');
  });

  await t.test('of a version wait for its deployment', async () => {
    const made = await wrangler('secrets', ['versions', 'secret', 'put', 'TWO'], 'later');
    assert.equal(await ask(), 'uno due');
    const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(made)?.[0];
    assert.ok(id, made);
    await wrangler('secrets', ['versions', 'deploy', `${id}@100`, '--yes']);
    assert.equal(await ask(), 'uno later');
  });
});
