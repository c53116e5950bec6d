// The commands of README.md, run as they stand there. Only the ports are others, and the
// state and what is made go to folders of this test.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { caravelBinary, temporaryFolder } from '../../tools/platform/platform.ts';
import { inTree, root } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';

const data = temporaryFolder();
const projects = temporaryFolder();
const env = { CARAVEL_ROOT: root, CARAVEL_DATA: data, CI: 'true', WRANGLER_SEND_METRICS: 'false' };

after(async () => {
  await run(inTree('caravel'), ['down'], { env });
  rmSync(data, { recursive: true, force: true });
  rmSync(projects, { recursive: true, force: true });
});

const text = readFileSync(inTree('README.md'), 'utf8');

/** The blocks that a shell runs, in order. */
const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);

/** What the README says that the Worker answers. */
const [, answer = ''] = /```text\n(.*?\n)```/.exec(text) ?? [];

/** The block for this test's platform, at free ports. */
async function here(block: string): Promise<string> {
  if (!block.startsWith('curl')) {
    return block
      .replace('./caravel up', './caravel up --port 0 --api-port 0')
      .replaceAll(/(init|deploy) my-app/g, `$1 '${projects}/my-app'`);
  }
  const status = await run(caravelBinary, ['status', '--json'], { env });
  const { port } = new URL(JSON.parse(status.output).http);
  return block.replace(/^curl (.*):8787$/m, `curl --silent $1:${port}`);
}

for (const block of blocks) {
  test(`README: ${block.trim().split('\n').join('; ')}`, async () => {
    const ended = await run('bash', ['-euo', 'pipefail', '-c', await here(block)], {
      cwd: root,
      env,
    });
    assert.equal(ended.code, 0, ended.output);
    if (block.startsWith('curl')) assert.equal(ended.output, answer);
  });
}

test('README has commands to run', () => {
  assert.ok(blocks.length >= 4);
  assert.match(answer, /\S/);
  assert.deepEqual(
    [...text.matchAll(/^\.\/caravel (\w+).* my-app$/gm)].map(([, command]) => command),
    ['init', 'deploy', 'logs'],
  );
});
