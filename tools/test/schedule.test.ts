import { expect, test } from 'vitest';
import { runSuites } from './schedule.ts';
import { type Case, passed, skipped } from './suite.ts';

/** What is told of a suite that gives `cases`. */
async function told(cases: readonly Case[]): Promise<readonly Case[]> {
  let heard: readonly Case[] = [];
  await runSuites([{ name: 'a', group: 'unit', run: async () => [...cases] }], false, {
    progress() {},
    ended(_, ended) {
      heard = ended;
    },
  });
  return heard;
}

const failures = async (cases: readonly Case[]) =>
  (await told(cases)).flatMap(({ outcome, detail }) => (outcome === 'failed' ? [detail] : []));

test('a suite that has no case fails', async () => {
  expect(await failures([])).toEqual(['it ran no test']);
});

test('a suite that only measures fails', async () => {
  expect(await failures([{ name: '3 ms', outcome: 'measured' }])).toEqual(['it ran no test']);
});

test('a suite whose cases are all skipped fails unless each says why', async () => {
  expect(await failures([skipped('b', 'no IPv6'), skipped('c')])).toHaveLength(1);
  expect(await failures([skipped('b', 'no IPv6')])).toEqual([]);
});

test('a case that passes is enough', async () => {
  expect(await failures([passed('b'), skipped('c')])).toEqual([]);
});

test('a suite that throws fails', async () => {
  const heard: Case[] = [];
  const run = () => Promise.reject(new Error('no database'));
  await runSuites([{ name: 'a', group: 'unit', run }], false, {
    progress() {},
    ended: (_, cases) => heard.push(...cases),
  });
  expect(heard.map(({ outcome }) => outcome)).toEqual(['failed']);
});
