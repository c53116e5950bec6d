// Node's own tests as a suite: a case for each that can run in a Worker, held
// against what is expected of it. Any difference is a fault, also a test that
// passes at last: then its line goes out of expectations.json.
import { readFileSync } from 'node:fs';
import { Platform } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { type Case, caseOfFaults, failed, passed, skipped } from '../../tools/test/suite.ts';
import { getTests, runFile, type TestFile, testFiles } from './run.ts';
import { runSame, samePrograms } from './same.ts';
import type { Outcome } from './worker.ts';

/** Why a test fails, by its file; those that are not named pass. */
type Expectations = Readonly<Record<string, string>>;

const expectations = (): Expectations =>
  JSON.parse(readFileSync(inTree('tests/node/expectations.json'), 'utf8'));

/** So many files at once. */
const width = 2;

export function judged(file: string, reason: string | undefined, outcome: Outcome): Case {
  if (outcome.broken !== undefined) return failed(file, outcome.broken);
  if (outcome.skipped !== undefined)
    return reason === undefined
      ? skipped(file, outcome.skipped)
      : failed(file, `skips itself; its reason was: ${reason}. Take it out of expectations.json.`);
  if (outcome.failure === undefined && reason === undefined) return passed(file);
  if (outcome.failure === undefined)
    return failed(file, `passes now; its reason was: ${reason}. Take it out of expectations.json.`);
  return reason === undefined ? failed(file, outcome.failure) : passed(`${file} fails: ${reason}`);
}

/** The reason of tests that are older than the library: they say nothing of us. */
const changedSince = 'Node 26 fails it too';

function figures(
  all: readonly TestFile[],
  expected: Expectations,
  outcomes: ReadonlyMap<string, Outcome>,
): Case[] {
  const leftOut = new Map<string, number>();
  const leave = (why: string) => leftOut.set(why, (leftOut.get(why) ?? 0) + 1);
  let pass = 0;
  for (const { file, excluded } of all) {
    const { broken, failure, skipped } = outcomes.get(file) ?? { broken: 'not run' };
    if (excluded !== undefined) leave(excluded);
    else if (skipped !== undefined) leave('the test skips itself here');
    else if (expected[file]?.startsWith(changedSince))
      leave(`${changedSince}: it has changed since the test`);
    else if (broken === undefined && failure === undefined) pass++;
  }
  const left = [...leftOut.values()].reduce((sum, count) => sum + count, 0);
  const can = all.length - left;
  return [
    `${pass} of ${can} that can run in a Worker pass (${((100 * pass) / can).toFixed(1)} %)`,
    `${left} of ${all.length} are left out`,
    ...[...leftOut].map(([why, count]) => `${count} left out: ${why}`),
  ].map((name) => ({ name: `Node's own tests: ${name}`, outcome: 'measured' }));
}

export async function runNodesOwn(): Promise<Case[]> {
  const trouble = await getTests();
  if (trouble) return [failed("get Node's tests", trouble)];
  const expected = expectations();
  const all = testFiles();
  const files = all.filter(({ excluded }) => excluded === undefined);
  const cases = Object.keys(expected)
    .filter((file) => !files.some((each) => each.file === file))
    .map((file) => failed(file, 'is expected to fail, and does not run'));
  const outcomes = new Map<string, Outcome>();
  const platform = await Platform.start();
  try {
    const queue = [...files];
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const outcome = await runFile(platform, next.file);
        outcomes.set(next.file, outcome);
        cases.push(judged(next.file, expected[next.file], outcome));
      }
    };
    const serving = async () => (await platform.status()).hosts.find((host) => host.serving)?.pid;
    const before = await serving();
    await Promise.all(Array.from({ length: width }, work));
    for (const file of samePrograms()) cases.push(await runSame(platform, file));
    const same = (await serving()) === before;
    cases.push(caseOfFaults('the host has lived through it', same ? [] : ['it has ended']));
  } finally {
    await platform.stop();
  }
  return [...cases, ...figures(all, expected, outcomes)];
}
