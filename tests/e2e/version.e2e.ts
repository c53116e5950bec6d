// The version is stated once, in CMakeLists.txt; both programs tell it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { caravel, caravelBinary } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';

const stated = /project\(caravel VERSION (\S+)/.exec(
  readFileSync(inTree('CMakeLists.txt'), 'utf8'),
)?.[1];

for (const word of ['--version', 'version']) {
  test(`\`caravel ${word}\` tells the version of the project`, async () => {
    assert.deepEqual(await caravel([word]), {
      code: 0,
      signal: null,
      output: `caravel ${stated}\n`,
    });
  });
}

test('`caraveld --version` tells the same', async () => {
  const caraveld = caravelBinary.replace('cli/caravel', 'daemon/caraveld');
  assert.equal((await run(caraveld, ['--version'])).output, `caraveld ${stated}\n`);
});

for (const word of ['--help', '-h']) {
  test(`\`caravel ${word}\` lists the commands`, async () => {
    const ended = await caravel([word]);
    assert.equal(ended.code, 0);
    assert.match(ended.output, /\n {2}up .*\n[\s\S]*\n {2}version /);
  });
}
