// node tests/node/renew.ts: runs Node's own tests and writes which fail, each with a
// reason. One that stands in expectations.json already stays; a new one gets what
// the failure says, or that Node, in the version whose library we run, fails it too.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Platform } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';
import { getTests, runFile, testFiles } from './run.ts';

const target = inTree('tests/node/expectations.json');
/** So many files at once. */
const width = 4;
const folder = inTree('build/nodejs_source/test/parallel');

/** Node itself, on the test as it stands. */
async function failsInNode(file: string): Promise<boolean> {
  const ended = await run(process.execPath, [path.join(folder, file)], {
    // Its globals are not looked at: Node has more of them than it had.
    env: { NODE_TEST_KNOWN_GLOBALS: '0' },
    limitMs: 60_000,
  });
  return ended.code !== 0;
}

const trouble = await getTests();
if (trouble) throw new Error(trouble);
const before: Record<string, string> = JSON.parse(readFileSync(target, 'utf8'));
const found = new Map<string, string>();
const platform = await Platform.start();
try {
  const queue = testFiles().filter(({ excluded }) => excluded === undefined);
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { file } = next;
      const { broken, failure } = await runFile(platform, file);
      if (broken !== undefined) throw new Error(`${file}: ${broken}`);
      if (failure === undefined) continue;
      found.set(
        file,
        before[file] ??
          ((await failsInNode(file))
            ? 'Node 26 fails it too: it has changed since the test'
            : failure.split('\n').slice(0, 2).join(' ').trim()),
      );
    }
  };
  await Promise.all(Array.from({ length: width }, work));
} finally {
  await platform.stop();
}
const after = Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(target, `${JSON.stringify(after, undefined, 2)}\n`);
console.log(`${Object.keys(after).length} tests fail`);
