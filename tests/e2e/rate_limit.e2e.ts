// Rate limits: bound by wrangler, in either form of its configuration.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
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

const source = `export default {
  async fetch(request, { LIMIT }) {
    const key = new URL(request.url).pathname;
    const { success } = await LIMIT.limit({ key });
    return new Response(success ? 'ok' : 'too many', { status: success ? 200 : 429 });
  },
};`;

const limit = (namespace_id: string, limit: number, period: number) => ({
  name: 'LIMIT',
  namespace_id,
  simple: { limit, period },
});

async function deploy(name: string, more: object) {
  const project = path.join(projects, name);
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, 'index.js'), source);
  const configuration = { name, main: 'index.js', compatibility_date: '2026-01-01', ...more };
  writeFileSync(path.join(project, 'wrangler.json'), JSON.stringify(configuration));
  return platform.wrangler(project, ['deploy']);
}

// The statuses of so many requests, all on their way at once.
async function statuses(worker: string, where: string, count: number) {
  const answers = await Promise.all(
    Array.from({ length: count }, () => platform.get(worker, where)),
  );
  return answers.map(({ status }) => status).toSorted((a, b) => a - b);
}

test('as many requests pass as the limit says, on all shards together', async () => {
  const ended = await deploy('api', { ratelimits: [limit('1001', 5, 60)] });
  assert.equal(ended.code, 0, ended.output);
  assert.match(ended.output, /env\.LIMIT \(5 requests\/60s\)/);
  assert.deepEqual(await statuses('api', '/a', 8), [200, 200, 200, 200, 200, 429, 429, 429]);
  assert.deepEqual(await statuses('api', '/b', 2), [200, 200]);
});

test('Workers of an account that name one namespace count together', async () => {
  const unsafe = { bindings: [{ type: 'ratelimit', ...limit('1001', 5, 60) }] };
  const ended = await deploy('other', { unsafe });
  assert.equal(ended.code, 0, ended.output);
  assert.deepEqual(await statuses('other', '/a', 1), [429]);
  assert.deepEqual(await statuses('other', '/b', 4), [200, 200, 200, 429]);
});

test('the counts stay when a version follows another', async () => {
  const ended = await deploy('api', { ratelimits: [limit('1001', 6, 60)] });
  assert.equal(ended.code, 0, ended.output);
  assert.deepEqual(await statuses('api', '/a', 2), [200, 429]);
});

test('what cannot be counted is refused by name', async () => {
  const project = path.join(projects, 'wrong');
  mkdirSync(project, { recursive: true });
  const unsafe = { bindings: [{ type: 'ratelimit', ...limit('1001', 5, 30) }] };
  const ended = await deploy('wrong', { unsafe });
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /simple\.period is neither 10 nor 60/);
});
