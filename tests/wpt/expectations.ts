// What is expected of each file of the Web Platform Tests, and what differs. Any
// difference is a fault, also a test that passes at last: then the expectations
// are renewed (tests/wpt/renew.ts), and the gain is in the history.
import type { Outcome } from './worker.ts';

/** Of one file: how many subtests pass, and the names of all that do not. */
export type Expectation =
  | { readonly pass: number; readonly fail: readonly string[]; readonly finished?: false }
  | { readonly skip: string };

export type Expectations = Readonly<Record<string, Expectation>>;

export function observed({ finished, tests }: Outcome): Expectation {
  const fail = tests.filter(({ status }) => status !== 0).map(({ name }) => name);
  return {
    pass: tests.length - fail.length,
    fail: fail.toSorted(),
    ...(finished ? {} : { finished }),
  };
}

/** One line for each difference; empty when all is as expected. */
export function differences(expected: Expectation | undefined, outcome: Outcome): string[] {
  if (!expected || 'skip' in expected) return ['nothing is expected of this file yet'];
  const now = observed(outcome);
  if ('skip' in now) return [];
  const known = new Set(expected.fail);
  const failing = new Set(now.fail);
  const messages = new Map(outcome.tests.map(({ name, message }) => [name, message]));
  const lines = [
    ...now.fail
      .filter((name) => !known.has(name))
      .map((n) => `fails now: ${n}: ${messages.get(n)}`),
    ...expected.fail
      .filter((name) => !failing.has(name))
      .map((n) => `${messages.has(n) ? 'passes now' : 'is gone'}: ${n}`),
  ];
  if (lines.length === 0 && now.pass !== expected.pass) {
    lines.push(`${now.pass} subtests pass, ${expected.pass} are expected to`);
  }
  if ((expected.finished ?? true) !== outcome.finished) {
    lines.push(outcome.finished ? 'the file ends now' : 'the file did not end');
  }
  return lines;
}
