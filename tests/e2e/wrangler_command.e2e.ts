// `caravel wrangler`: whose token it takes, how it ends, and which addresses it tells.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { caravelBinary, Platform, temporaryFolder } from '../../tools/platform/platform.ts';
import { root } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';

let platform: Platform;
const folder = temporaryFolder();

before(async () => {
  platform = await Platform.start();
  writeFileSync(
    path.join(folder, 'index.js'),
    'export default { fetch: () => new Response("up") };',
  );
  writeFileSync(
    path.join(folder, 'wrangler.json'),
    JSON.stringify({ name: 'run', main: 'index.js', compatibility_date: '2026-01-01' }),
  );
});
after(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

const unset = {
  CLOUDFLARE_API_BASE_URL: undefined,
  CLOUDFLARE_API_TOKEN: undefined,
  CLOUDFLARE_ACCOUNT_ID: undefined,
};

const wrangler = (words: readonly string[], env: Record<string, string | undefined> = {}) =>
  run(caravelBinary, ['wrangler', '--data', platform.data, ...words], {
    cwd: folder,
    env: { ...unset, CARAVEL_ROOT: root, ...env },
    limitMs: 120_000,
  });

test('a token of Caravel that the caller has set is the one that wrangler gets', async () => {
  const made = await platform.run('token', ['create', 'ro', '--preset', 'read', '--json']);
  const token = JSON.parse(made.output).value;
  const refused = await wrangler(['deploy'], { CLOUDFLARE_API_TOKEN: token });
  assert.notEqual(refused.code, 0);
  assert.match(refused.output, /token "ro" lacks the scope "workers:write"/);
  const foreign = [
    { CLOUDFLARE_API_TOKEN: 'v1.0-of-another-platform' },
    { CLOUDFLARE_API_KEY: 'of-another-platform', CLOUDFLARE_EMAIL: 'a@b.test' },
    { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:1/client/v4' },
  ];
  for (const env of foreign) {
    const deployed = await wrangler(['deploy'], env);
    assert.equal(deployed.code, 0, deployed.output);
  }
  assert.equal((await platform.get('run')).text, 'up');
});

test('with such a token the account is the one that the caller has set', async () => {
  const acme = await platform.run('account', ['create', 'acme', '--json']);
  const { id } = JSON.parse(acme.output);
  const made = await platform.run('token', ['create', 'ci', '--account', 'acme', '--json']);
  const env = { CLOUDFLARE_API_TOKEN: JSON.parse(made.output).value, CLOUDFLARE_ACCOUNT_ID: id };
  const deployed = await wrangler(['deploy', '--name', 'theirs'], env);
  assert.equal(deployed.code, 0, deployed.output);
  assert.match(deployed.output, /theirs answers at http:\/\/theirs\.acme\.localhost/);
});

test('the address of a version that is uploaded answers as it is printed', async () => {
  const uploaded = await wrangler(['versions', 'upload', '--preview-alias', 'next']);
  assert.equal(uploaded.code, 0, uploaded.output);
  const urls = [...uploaded.output.matchAll(/^The version answers at (\S+)$/gm)].map(
    ([, url]) => url as string,
  );
  assert.equal(urls.length, 2, uploaded.output);
  for (const url of urls) {
    const { protocol, port, hostname } = new URL(url);
    assert.equal(`${protocol}//127.0.0.1:${port}`, platform.http);
    assert.equal((await platform.get(hostname.replace('.localhost', ''))).text, 'up');
  }
});

test('what ends it ends all that it has started', async () => {
  const tail = spawn(
    caravelBinary,
    ['wrangler', '--data', platform.data, 'tail', 'run', '--format', 'json'],
    {
      cwd: folder,
      env: { ...process.env, ...unset, CARAVEL_ROOT: root },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let told = '';
  tail.stdout.on('data', (piece) => {
    told += piece;
  });
  while (!told.includes('"outcome"')) {
    assert.equal(tail.exitCode, null, told);
    await platform.get('run');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // Once nobody has its output any more.
  const closed = once(tail, 'close');
  tail.kill('SIGTERM');
  await closed;
});
