// The life of a Worker, told to the platform by wrangler: first deploy, second
// deploy (which takes another way through the API), list, delete; and what its
// visitors see meanwhile.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Load } from '../../tools/platform/load.ts';
import {
  caravelBinary,
  esModule,
  Platform,
  temporaryFolder,
} from '../../tools/platform/platform.ts';
import { root } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';

let platform: Platform;
const project = temporaryFolder();

before(async () => {
  platform = await Platform.start();
});
after(async () => {
  await platform.stop();
  rmSync(project, { recursive: true, force: true });
});

const answering = (text: string) =>
  `export default { fetch() { return new Response(${JSON.stringify(text)}); } };`;

function write(source: string) {
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, 'index.js'), source);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({ name: 'life', main: 'index.js', compatibility_date: '2026-01-01' }),
  );
}

/** A project in a folder of its own, whose Worker answers with its name. */
function writeNamed(name: string, more: Readonly<Record<string, unknown>> = {}) {
  const folder = path.join(project, name);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'index.js'), answering(name));
  writeFileSync(
    path.join(folder, 'wrangler.json'),
    JSON.stringify({ name, main: 'index.js', compatibility_date: '2026-01-01', ...more }),
  );
  return folder;
}

async function wrangler(...args: string[]) {
  const ended = await platform.wrangler(project, args);
  assert.equal(ended.code, 0, ended.output);
  return ended.output;
}

const versionId = (output: string) => /Version ID: ([0-9a-f-]+)/.exec(output)?.[1] ?? '';

test('whoami names the account', async () => {
  write(answering('first'));
  assert.match(await wrangler('whoami'), new RegExp(platform.account));
});

test('the second deploy is another version and takes over', async () => {
  const first = versionId(await wrangler('deploy'));
  assert.equal((await platform.get('life')).text, 'first');
  write(answering('second'));
  const second = versionId(await wrangler('deploy'));
  assert.equal((await platform.get('life')).text, 'second');
  assert.notEqual(first, second);
});

test('status counts each request, once', async () => {
  // One that nobody else has asked: figures can be those of the last regular question.
  const fresh = await Platform.start();
  try {
    const requests = async () => {
      const { hosts } = await fresh.status();
      return hosts.reduce((sum, host) => sum + host.requests, 0);
    };
    await fresh.deploy('counted', [esModule(answering('one'))]);
    for (let asked = 1; asked <= 3; asked++) {
      await fresh.get('counted');
      let told = 0;
      await until(async () => {
        told = await requests();
        return told >= asked;
      });
      assert.equal(told, asked);
    }
  } finally {
    await fresh.stop();
  }
});

test('caravel deploy --env deploys an environment of the configuration', async () => {
  const staged = path.join(project, 'staged');
  mkdirSync(staged);
  writeFileSync(
    path.join(staged, 'index.js'),
    'export default { fetch: (_, env) => new Response(env.WHERE) };',
  );
  writeFileSync(
    path.join(staged, 'wrangler.json'),
    JSON.stringify({
      name: 'staged',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      env: { staging: { vars: { WHERE: 'in staging' } } },
    }),
  );
  const ended = await platform.run('deploy', [staged, '--env', 'staging']);
  assert.equal(ended.code, 0, ended.output);
  assert.equal((await platform.get('staged-staging')).text, 'in staging');
  const none = await platform.run('deploy', [staged, '--env', '']);
  assert.equal(none.code, 0, none.output);
  assert.doesNotMatch(none.output, /Multiple environments/);
});

test('caravel deploy says that the code answers though its triggers are refused', async () => {
  const folder = path.join(project, 'triggered');
  mkdirSync(folder);
  const writeTriggered = (code: string, crons: readonly string[]) => {
    writeFileSync(path.join(folder, 'index.js'), code);
    writeFileSync(
      path.join(folder, 'wrangler.json'),
      JSON.stringify({
        name: 'triggered',
        main: 'index.js',
        compatibility_date: '2026-01-01',
        triggers: { crons },
      }),
    );
  };
  const deployed =
    /triggered is deployed all the same: requests that reach it get its new code\. Not all of its routes, custom domains and cron triggers are set/;
  for (const text of ['one', 'two']) {
    writeTriggered(answering(text), ['61 * * * *']);
    const ended = await platform.run('deploy', [folder]);
    assert.notEqual(ended.code, 0);
    assert.match(ended.output, /minute "61" is none of 0-59/);
    assert.match(ended.output, deployed);
    assert.equal((await platform.get('triggered')).text, text);
  }
  writeTriggered('export default {', []);
  const refused = await platform.run('deploy', [folder]);
  assert.notEqual(refused.code, 0);
  assert.doesNotMatch(refused.output, deployed);
});

test('caravel deploy names no address of a Worker that answers by its routes alone', async () => {
  const folder = writeNamed('routed', { routes: ['routed.test/*'] });
  assert.equal((await platform.run('zone', ['add', 'routed.test'])).code, 0);
  const ended = await platform.run('deploy', [folder]);
  assert.equal(ended.code, 0, ended.output);
  assert.match(ended.output, /routed has no address of its own: .*caravel status shows the routes/);
  assert.doesNotMatch(ended.output, /routed answers at/);
});

test('caravel deploy keeps what Node has compiled of wrangler', async () => {
  const folder = writeNamed('compiled');
  const kept = path.join(root, 'build/compiled');
  const ended = await platform.run('deploy', [folder]);
  assert.equal(ended.code, 0, ended.output);
  const entries = readdirSync(kept, { recursive: true, withFileTypes: true });
  assert.ok(entries.some((entry) => entry.isFile()));
});

test('NO_COLOR holds for wrangler on a terminal too', async () => {
  const command = `${caravelBinary} wrangler --data ${platform.data} whoami`;
  const onTerminal = (env: Record<string, string | undefined>) =>
    run('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { CARAVEL_ROOT: root, FORCE_COLOR: undefined, CI: undefined, TERM: 'xterm', ...env },
    });
  const [plain, coloured] = [
    await onTerminal({ NO_COLOR: '1' }),
    await onTerminal({ NO_COLOR: '' }),
  ];
  assert.match(plain.output, new RegExp(platform.account));
  assert.ok(!plain.output.includes('\u001b'), plain.output);
  assert.ok(coloured.output.includes('\u001b['), coloured.output);
});

test('deployments list tells both', async () => {
  const listed = await wrangler('deployments', 'list');
  assert.equal(listed.match(/\(100%\)/g)?.length, 2, listed);
  assert.match(listed, /Author: +Caravel$/m); // as whoami calls the account
});

test('the name answers under the subdomain too', async () => {
  const { result } = await platform.ask<{ subdomain: string }>(
    'GET',
    `/accounts/${platform.account}/workers/subdomain`,
  );
  const answer = await platform.get('life', '/', { host: `life.${result.subdomain}.localhost` });
  assert.equal(answer.text, 'second');
});

test('a redeploy under load fails no request, and each answer is wholly old or new', async () => {
  const body = (mark: string) => mark.repeat(2000);
  await platform.deploy('busy', [esModule(answering(body('a')))]);
  const { port } = new URL(platform.http);
  const load = new Load({
    url: `http://127.0.0.1:${port}/`,
    ask: { host: 'busy.localhost' },
    perSecond: 1000,
  });
  const answered = (count: number) => until(() => load.samples.length >= count);
  await answered(200);
  for (const mark of ['b', 'c', 'd']) {
    await platform.deploy('busy', [esModule(answering(body(mark)))]);
    await answered(load.samples.length + 200);
  }
  const samples = await load.stop();
  assert.deepEqual(load.failures, []);
  const texts = new Set(samples.map(({ mark }) => mark));
  assert.deepEqual([...texts].toSorted(), ['a', 'b', 'c', 'd'].map(body));
  assert.equal((await platform.get('busy')).text, body('d'));
});

test('what was deployed answers after the platform has been down', async () => {
  const { data } = platform;
  const ended = await platform.run('down');
  assert.equal(ended.code, 0, ended.output);
  platform = await Platform.start([], { data });
  assert.equal((await platform.get('life')).text, 'second');
});

test('a deleted Worker answers no more', async () => {
  await wrangler('delete', '--force');
  assert.equal((await platform.get('life')).status, 404);
});

async function until(condition: () => boolean | Promise<boolean>) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('an environment that the configuration has not is refused before anything is live', async () => {
  const folder = path.join(project, 'several', 'one');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'index.js'), answering('one'));
  writeFileSync(
    path.join(folder, 'wrangler.json'),
    JSON.stringify({
      name: 'one',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      env: { staging: {} },
    }),
  );
  const refused = await platform.run('deploy', [folder, '--env', 'stagin']);
  assert.notEqual(refused.code, 0);
  assert.match(refused.output, /env: there is no environment "stagin"/);
  assert.match(refused.output, /those of the configuration are: staging/);
  const list = await platform.ask<{ id: string }[]>(
    'GET',
    `/accounts/${platform.account}/workers/scripts`,
  );
  assert.deepEqual(
    list.result.map(({ id }) => id).filter((id) => id.startsWith('one')),
    [],
  );
  const above = await platform.run('deploy', [path.dirname(folder)]);
  assert.notEqual(above.code, 0);
  assert.match(above.output, /no project: it has several in folders of their own/);
  assert.ok(above.output.includes(`name one of them: ${folder}`), above.output);
});
