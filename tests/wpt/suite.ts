// The Web Platform Tests as a suite: a case for each file, held against what is
// expected of it.
import { existsSync, readFileSync } from 'node:fs';
import { Platform } from '../../tools/platform/platform.ts';
import { type Case, caseOfFaults, failed } from '../../tools/test/suite.ts';
import { differences, type Expectations } from './expectations.ts';
import { expectationsOf, type FileOutcome, folders, getFixtures, runFolder } from './run.ts';

function expectations(folder: string): Expectations {
  const file = expectationsOf(folder);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function judged(folder: string, expected: Expectations, outcomes: readonly FileOutcome[]): Case[] {
  const cases = outcomes.map(({ file, outcome, failure }): Case => {
    const name = `${folder}/${file}`;
    const expectation = expected[file];
    if (expectation && 'skip' in expectation) return { name, outcome: 'skipped' };
    return outcome
      ? caseOfFaults(name, differences(expectation, outcome))
      : failed(name, `${failure}`);
  });
  const ran = new Set(outcomes.map(({ file }) => file));
  for (const file of Object.keys(expected)) {
    if (!ran.has(file)) cases.push(failed(`${folder}/${file}`, 'is expected, and is not there'));
  }
  const tests = outcomes.flatMap(({ outcome }) => outcome?.tests ?? []);
  const passing = tests.filter(({ status }) => status === 0).length;
  cases.push({
    name: `${folder}: ${passing} of ${tests.length} subtests pass`,
    outcome: 'measured',
  });
  return cases;
}

export async function runWpt(): Promise<Case[]> {
  const trouble = await getFixtures();
  if (trouble) return [failed('get the tests', trouble)];
  const platform = await Platform.start();
  try {
    const cases: Case[] = [];
    for (const folder of folders) {
      cases.push(...judged(folder, expectations(folder), await runFolder(platform, folder)));
    }
    return cases;
  } finally {
    await platform.stop();
  }
}
