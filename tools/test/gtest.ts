// A GoogleTest program as a suite: each of its tests is a case.
import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildFolder } from './build.ts';
import { inTree } from './paths.ts';
import { describeEnd, run } from './process.ts';
import { type Case, failed, passed, skipped } from './suite.ts';

interface GtestReport {
  testsuites: {
    name: string;
    testsuite: {
      name: string;
      result: 'COMPLETED' | 'SKIPPED' | 'SUPPRESSED';
      failures?: { failure: string }[];
    }[];
  }[];
}

/** Where CMake put a program that is known by its target's name. */
export function builtProgram(preset: string, name: string) {
  const found = globSync(`{src,tests}/**/${name}`, { cwd: buildFolder(preset) });
  if (found.length !== 1) throw new Error(`build/${preset} holds ${found.length} files ${name}`);
  return path.join(buildFolder(preset), found[0] as string);
}

/** What a test gave GTEST_SKIP() to say: it is printed and not in the report. */
function reasonIn(output: string, name: string): string | undefined {
  const [, rest = ''] = output.split(`[ RUN      ] ${name}\n`);
  const [said = ''] = rest.split('[  SKIPPED ]');
  return /: Skipped\n(.+)/.exec(said)?.[1];
}

function casesOf(report: GtestReport, output: string): Case[] {
  return report.testsuites.flatMap((suite) =>
    suite.testsuite.map((test): Case => {
      const name = `${suite.name}.${test.name}`;
      if (test.failures?.length) {
        return failed(name, test.failures.map(({ failure }) => failure).join('\n'));
      }
      return test.result === 'COMPLETED' ? passed(name) : skipped(name, reasonIn(output, name));
    }),
  );
}

/**
 * Runs the program `name` of `preset`. A program that ends before its report is
 * written (a crash, a sanitizer's finding) is one failed case with its output.
 */
export async function runGtest(preset: string, name: string): Promise<Case[]> {
  const folder = inTree('build/test');
  mkdirSync(folder, { recursive: true });
  const report = path.join(folder, `${preset}-${name}.json`);
  rmSync(report, { force: true });
  const ended = await run(builtProgram(preset, name), [`--gtest_output=json:${report}`], {
    env: {
      ASAN_OPTIONS: 'detect_stack_use_after_return=1:strict_string_checks=1',
      UBSAN_OPTIONS: 'print_stacktrace=1',
      TSAN_OPTIONS: 'second_deadlock_stack=1',
    },
  });
  let cases: Case[];
  try {
    cases = casesOf(JSON.parse(readFileSync(report, 'utf8')), ended.output);
  } catch {
    return [failed(name, `${ended.output.trimEnd()}\n${describeEnd(ended)}`)];
  }
  const explained = cases.some(({ outcome }) => outcome === 'failed');
  if (ended.code !== 0 && !explained) {
    cases.push(failed(`${name} (after its tests)`, `${ended.output}\n${describeEnd(ended)}`));
  }
  return cases;
}
