// node tests/wpt/renew.ts [FOLDER …]: runs the Web Platform Tests and writes what
// came out as what is expected. Files that cannot be deployed are skipped from then
// on, with the reason; take the line out to have one tried again.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Platform } from '../../tools/platform/platform.ts';
import { type Expectation, type Expectations, observed } from './expectations.ts';
import { startOrigin } from './origin.ts';
import { allowOrigin, expectationsOf, runFolder } from './run.ts';
import { folders, getFixtures } from './sources.ts';

const named = process.argv.slice(2);
const trouble = await getFixtures();
if (trouble) throw new Error(trouble);

const origin = await startOrigin();
const platform = await Platform.start(allowOrigin);
try {
  for (const folder of named.length > 0 ? named : folders) {
    const target = expectationsOf(folder);
    const before: Expectations = existsSync(target) ? JSON.parse(readFileSync(target, 'utf8')) : {};
    const after: Record<string, Expectation> = {};
    for (const { file, outcome, failure } of (await runFolder(platform, origin, folder, true))
      .outcomes) {
      const known = before[file];
      if (known && 'skip' in known) after[file] = known;
      else if (outcome) after[file] = observed(outcome);
      else after[file] = { skip: `${failure}` };
    }
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, `${JSON.stringify(after, undefined, 1)}\n`);
    const counts = Object.values(after).flatMap((e) => ('skip' in e ? [] : [e]));
    const pass = counts.reduce((sum, e) => sum + e.pass, 0);
    const fail = counts.reduce((sum, e) => sum + e.fail.length, 0);
    console.log(`${folder}: ${pass} of ${pass + fail} subtests pass`);
  }
} finally {
  await platform.stop();
  origin.close();
}
