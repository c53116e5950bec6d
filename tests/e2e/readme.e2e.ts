// The commands of README.md, run as they stand there. Only the ports are others,
// and the state goes to a folder of this test.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { freePort } from '../../tools/platform/free_port.ts';
import { temporaryFolder } from '../../tools/platform/platform.ts';
import { inTree, root } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';

const data = temporaryFolder();
const ports = { http: 0, api: 0 };
const env = { CARAVEL_DATA: data, CI: 'true', WRANGLER_SEND_METRICS: 'false' };

before(async () => {
  [ports.http, ports.api] = await Promise.all([freePort(), freePort()]);
});
after(async () => {
  await run(inTree('caravel'), ['down'], { env });
  rmSync(data, { recursive: true, force: true });
});

/** The blocks that a shell runs, in order. */
const blocks = [...readFileSync(inTree('README.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(
  ([, block = '']) => block,
);

const here = (block: string) =>
  block
    .replace('./caravel up', `./caravel up --port ${ports.http} --api-port ${ports.api}`)
    .replace(/^curl (.*):8787$/m, `curl --silent $1:${ports.http}`);

for (const block of blocks) {
  test(`README: ${block.trim().split('\n').join('; ')}`, async () => {
    const ended = await run('bash', ['-euo', 'pipefail', '-c', here(block)], { cwd: root, env });
    assert.equal(ended.code, 0, ended.output);
    if (block.startsWith('curl')) assert.equal(ended.output, 'Hello World!\n');
  });
}

test('README has commands to run', () => {
  assert.ok(blocks.length >= 4);
});
