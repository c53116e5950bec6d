// Versions change under load: requests are divided as a deployment says, and while
// wrangler deploys, divides and rolls back, each answer is of one version.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Load, type Sample } from '../../tools/platform/load.ts';
import { Platform, temporaryFolder } from '../../tools/platform/platform.ts';
import { figure } from '../../tools/test/node_tests.ts';

const perSecond = 1000;

let platform: Platform;
const projects = temporaryFolder();
const loads: Load[] = [];

before(async () => {
  platform = await Platform.start();
});
afterEach(async () => {
  await Promise.all(loads.splice(0).map((load) => load.stop()));
});
after(async () => {
  await platform.stop();
  rmSync(projects, { recursive: true, force: true });
});

const url = (where: string) => `http://127.0.0.1:${new URL(platform.http).port}${where}`;

/** A load that ends with its test, also when that fails. */
function beginLoad(...args: ConstructorParameters<typeof Load>): Load {
  const load = new Load(...args);
  loads.push(load);
  return load;
}

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

// A version says its mark in three ways: by its code, a variable and an asset.
function write(name: string, mark: string) {
  const project = path.join(projects, name);
  mkdirSync(path.join(project, 'public'), { recursive: true });
  writeFileSync(path.join(project, 'public/mark.txt'), mark);
  writeFileSync(
    path.join(project, 'index.js'),
    `export default { async fetch(request, env) {
       const asset = await env.ASSETS.fetch('http://assets/mark.txt');
       return new Response(['${mark}', env.MARK, await asset.text()].join());
     } };`,
  );
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name,
      main: 'index.js',
      compatibility_date: '2026-01-01',
      limits: { cpu_ms: 1000 }, // the machine may be busy with other things
      vars: { MARK: mark },
      assets: { directory: 'public', binding: 'ASSETS' },
    }),
  );
}

async function wrangler(name: string, ...args: string[]): Promise<string> {
  const ended = await platform.wrangler(path.join(projects, name), args);
  assert.equal(ended.code, 0, ended.output);
  return ended.output;
}

async function made(name: string, mark: string, ...args: string[]): Promise<string> {
  write(name, mark);
  const id = /Version ID: ([0-9a-f-]{36})/.exec(await wrangler(name, ...args))?.[1];
  assert.ok(id);
  return id;
}

/** So far may a count of `total` draws be from the mean: chance passes it once in 1.7 million. */
const fiveSigma = (total: number, share: number) => 5 * Math.sqrt(total * share * (1 - share));

const markOf = ({ mark = '' }: Sample) => mark.split(',')[0];

test('requests are divided 90 to 10, and those of one key are not', async (t) => {
  const one = await made('split', 'one', 'deploy');
  const two = await made('split', 'two', 'versions', 'upload');
  const divide = (first: number) =>
    wrangler('split', 'versions', 'deploy', `${one}@${first}`, `${two}@${100 - first}`, '--yes');
  await divide(90);

  await t.test('a tenth of 10,000 requests, within five sigma', async () => {
    const load = beginLoad({ url: url('/'), ask: { host: 'split.localhost' }, perSecond });
    await until(() => load.samples.length >= 10_000);
    const samples = await load.stop();
    assert.deepEqual(load.failures, []);
    const second = samples.filter((sample) => markOf(sample) === 'two').length;
    const [expected, bound] = [samples.length / 10, fiveSigma(samples.length, 0.1)];
    figure(
      `${second} of ${samples.length} requests to the version with 10 %, ` +
        `${expected} expected, five sigma are ${bound.toFixed(0)}`,
    );
    assert.ok(Math.abs(second - expected) < bound, `${second} of ${samples.length}`);
  });

  // Each of 1,000 keys five times: the versions that it came to.
  const keys = 1000;
  const versionsOfKeys = async () => {
    const load = beginLoad({
      url: url('/'),
      ask: (number) => ({
        host: 'split.localhost',
        headers: { 'Cloudflare-Workers-Version-Key': `visitor ${number % keys}` },
      }),
      perSecond,
    });
    await until(() => load.samples.length >= 5 * keys);
    const samples = await load.stop();
    assert.deepEqual(load.failures, []);
    const seen = Array.from({ length: keys }, () => new Set<string | undefined>());
    for (const sample of samples) seen[sample.number % keys]?.add(markOf(sample));
    return seen;
  };

  await t.test('each key has one version, and keeps it as the share of that grows', async () => {
    const before = await versionsOfKeys();
    assert.ok(before.every((versions) => versions.size === 1));
    const second = before.filter((versions) => versions.has('two')).length;
    assert.ok(Math.abs(second - keys / 10) < fiveSigma(keys, 0.1), `${second} of ${keys} keys`);
    await divide(70);
    const after = await versionsOfKeys();
    assert.ok(after.every((versions) => versions.size === 1));
    const left = before.filter((versions, key) => versions.has('two') && !after[key]?.has('two'));
    assert.equal(left.length, 0, 'keys that have gone back to the version with less');
  });
});

test('deployments and rollbacks at 1,000 requests a second', async () => {
  const one = await made('moving', 'one', 'deploy');
  const host = 'moving.localhost';
  const mark = ({ status, text }: { status: number; text: string }) =>
    status === 200 ? text : `status ${status}: ${text}`;
  const asked = { ask: { host }, mark, perSecond: perSecond / 2 };
  const both = [
    beginLoad({ url: url('/'), ...asked }),
    beginLoad({ url: url('/mark.txt'), ...asked }),
  ];
  const answered = (count: number) =>
    until(() => both.every(({ samples }) => samples.length >= count));

  /** From when on nothing but these marks may answer. */
  const phases: { readonly from: number; to: number; readonly marks: readonly string[] }[] = [];
  const phase = async (...marks: string[]) => {
    const from = performance.now();
    await answered(Math.max(...both.map(({ samples }) => samples.length)) + 500);
    phases.push({ from, to: performance.now(), marks });
  };

  await answered(200);
  const two = await made('moving', 'two', 'deploy');
  await phase('two');
  await wrangler('moving', 'rollback', one, '--yes');
  await phase('one');
  await wrangler('moving', 'versions', 'deploy', `${one}@50`, `${two}@50`, '--yes');
  await phase('one', 'two');
  await made('moving', 'three', 'deploy');
  await phase('three');
  await wrangler('moving', 'rollback', two, '--yes');
  await phase('two');
  await Promise.all(both.map((load) => load.stop()));

  const whole = ['one', 'two', 'three'];
  const [code, assets] = both as [Load, Load];
  assert.deepEqual([...code.failures, ...assets.failures], []);
  const seen = new Set(code.samples.map((sample) => sample.mark));
  assert.deepEqual([...seen].toSorted(), whole.map((each) => `${each},${each},${each}`).toSorted());
  assert.deepEqual([...new Set(assets.samples.map(markOf))].toSorted(), whole.toSorted());
  for (const { from, to, marks } of phases) {
    const within = [...code.samples, ...assets.samples].filter(
      ({ sentAt, endedAt }) => sentAt >= from && endedAt <= to,
    );
    const odd = within.filter((sample) => !marks.includes(markOf(sample) ?? ''));
    assert.deepEqual(odd, [], `answers once only ${marks} were deployed`);
  }
  figure(
    `${code.samples.length + assets.samples.length} requests during 5 changes: none failed, ` +
      `each of one version`,
  );
});
