import { expect, test } from 'vitest';
import { differences, observed } from './expectations.ts';

const outcome = (...statuses: number[]) => ({
  finished: true,
  tests: statuses.map((status, index) => ({ name: `t${index}`, status, message: 'reason' })),
});

test('what was observed is what is expected next time', () => {
  expect(differences(observed(outcome(0, 1, 0)), outcome(0, 1, 0))).toEqual([]);
});

test('a new failure is told with its reason', () => {
  expect(differences({ pass: 2, fail: [] }, outcome(0, 1))).toEqual(['fails now: t1: reason']);
});

test('a test that passes at last is a difference too', () => {
  expect(differences({ pass: 1, fail: ['t1'] }, outcome(0, 0))).toEqual(['passes now: t1']);
});

test('tests that vanish are told', () => {
  expect(differences({ pass: 1, fail: ['t9'] }, outcome(0))).toEqual(['is gone: t9']);
  expect(differences({ pass: 5, fail: [] }, outcome(0))).toEqual([
    '1 subtests pass, 5 are expected to',
  ]);
});

test('a file that does not end any more is told', () => {
  expect(differences({ pass: 1, fail: [] }, { ...outcome(0), finished: false })).toEqual([
    'the file did not end',
  ]);
});

test('a file without expectations is told', () => {
  expect(differences(undefined, outcome(0))).toHaveLength(1);
});
