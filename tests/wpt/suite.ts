// The Web Platform Tests as a suite: a case for each file, held against what is
// expected of it.
import { existsSync, readFileSync } from 'node:fs';
import { Platform } from '../../tools/platform/platform.ts';
import { type Case, caseOfFaults, failed, type RunSuiteOptions } from '../../tools/test/suite.ts';
import { differences, type Expectations } from './expectations.ts';
import { startOrigin } from './origin.ts';
import { allowOrigin, expectationsOf, type FolderOutcome, runFolder } from './run.ts';
import { folders, getFixtures } from './sources.ts';

function expectations(folder: string): Expectations {
  const file = expectationsOf(folder);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function judged(
  folder: string,
  expected: Expectations,
  { outcomes, excluded, putOff }: FolderOutcome,
): Case[] {
  const cases = outcomes.map(({ file, outcome, failure }): Case => {
    const name = `${folder}/${file}`;
    const expectation = expected[file];
    if (expectation && 'skip' in expectation) return { name, outcome: 'skipped' };
    return outcome
      ? caseOfFaults(name, differences(expectation, outcome))
      : failed(name, `${failure}`);
  });
  for (const file of putOff)
    cases.push({ name: `${folder}/${file} (runs with --all)`, outcome: 'skipped' });
  const ran = new Set([...outcomes.map(({ file }) => file), ...putOff]);
  for (const file of Object.keys(expected)) {
    if (!ran.has(file)) cases.push(failed(`${folder}/${file}`, 'is expected, and is not there'));
  }
  const tests = outcomes.flatMap(({ outcome }) => outcome?.tests ?? []);
  const passing = tests.filter(({ status }) => status === 0).length;
  cases.push({
    name: `${folder}: ${passing} of ${tests.length} subtests pass; ${excluded.length} of ${excluded.length + ran.size} files are left out`,
    outcome: 'measured',
  });
  return cases;
}

function totals(all: readonly FolderOutcome[]): Case[] {
  const tests = all.flatMap(({ outcomes }) =>
    outcomes.flatMap((each) => each.outcome?.tests ?? []),
  );
  const passing = tests.filter(({ status }) => status === 0).length;
  const share = ((100 * passing) / tests.length).toFixed(2);
  const reasons = new Map<string, number>();
  for (const why of all.flatMap(({ excluded }) => excluded))
    reasons.set(why, (reasons.get(why) ?? 0) + 1);
  const ran = all.reduce((sum, { outcomes, putOff }) => sum + outcomes.length + putOff.length, 0);
  const left = all.reduce((sum, { excluded }) => sum + excluded.length, 0);
  return [
    `${passing} of ${tests.length} subtests that apply pass (${share} %)`,
    `${left} of ${ran + left} files are left out (${((100 * left) / (ran + left)).toFixed(1)} %)`,
    ...[...reasons].map(([why, count]) => `${count} files left out: ${why}`),
  ].map((name) => ({ name: `all folders: ${name}`, outcome: 'measured' }));
}

export async function runWpt(options: RunSuiteOptions): Promise<Case[]> {
  const trouble = await getFixtures();
  if (trouble) return [failed('get the tests', trouble)];
  const origin = await startOrigin();
  const platform = await Platform.start(allowOrigin);
  try {
    const cases: Case[] = [];
    const all: FolderOutcome[] = [];
    for (const folder of folders) {
      const ran = await runFolder(platform, origin, folder, options.all);
      all.push(ran);
      cases.push(...judged(folder, expectations(folder), ran));
    }
    return [...cases, ...totals(all)];
  } finally {
    await platform.stop();
    origin.close();
  }
}
