// What a suite of tests is. The list of them is in suites.ts.
import { describeEnd, type Ended } from './process.ts';

/** One test with its outcome; or a figure that one has measured, which is no test. */
export interface Case {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'measured';
  /** Everything a person needs to see when it failed; why it was skipped. */
  readonly detail?: string;
}

/** What must be built first: targets of a preset. */
export interface Need {
  readonly preset: string;
  readonly targets: readonly string[];
}

export interface Suite {
  /** `./caravel test NAME` runs it. */
  readonly name: string;
  /** `./caravel test GROUP` runs all suites of the group. */
  readonly group: string;
  readonly need?: Need;
  /** Runs only when named, or with --all. */
  readonly long?: boolean;
  /** Nothing runs beside it. */
  readonly alone?: boolean;
  readonly run: (options: RunSuiteOptions) => Promise<Case[]>;
}

export interface RunSuiteOptions {
  /** The long form: `./caravel test --all`. */
  readonly all: boolean;
}

export const passed = (name: string): Case => ({ name, outcome: 'passed' });

export const failed = (name: string, detail: string): Case => ({
  name,
  outcome: 'failed',
  detail,
});

export const skipped = (name: string, why?: string): Case =>
  why ? { name, outcome: 'skipped', detail: why } : { name, outcome: 'skipped' };

/**
 * The failure of a suite that tested nothing: it has no case, or skipped some without a
 * reason and ran none. Undefined for any other.
 */
export function emptiness(suite: string, cases: readonly Case[]): Case | undefined {
  const tests = cases.filter(({ outcome }) => outcome !== 'measured');
  if (tests.length === 0) return failed(suite, 'it ran no test');
  const silent = tests.some(({ outcome, detail }) => outcome === 'skipped' && !detail);
  return silent && tests.every(({ outcome }) => outcome === 'skipped')
    ? failed(suite, 'it ran no test: all were skipped, not each with a reason')
    : undefined;
}

/** A test that is one run of a program: its exit code decides. */
export const caseOf = (name: string, ended: Ended): Case =>
  ended.code === 0
    ? passed(name)
    : failed(name, `${ended.output.trimEnd()}\n${describeEnd(ended)}`);

/** One test for a list of faults: empty is good. */
export const caseOfFaults = (name: string, faults: readonly string[]): Case =>
  faults.length === 0 ? passed(name) : failed(name, faults.join('\n'));
