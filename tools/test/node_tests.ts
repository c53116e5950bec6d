// A file of tests for Node's own runner (node:test) as a suite.
import { inTree, root } from './paths.ts';
import { describeEnd, run } from './process.ts';
import { type Case, failed, passed, skipped } from './suite.ts';

/** What tests/ print to have a figure shown beside their outcome. */
export const figure = (text: string) => console.log(JSON.stringify({ figure: text }));

interface Line {
  readonly name: string;
  readonly error?: string;
  /** With the reason, where the test gives one. */
  readonly skipped: boolean | string;
}

/** `env` is set beside the environment of this process. */
export async function runNodeTests(
  file: string,
  limitMs: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Case[]> {
  const reporter = `--test-reporter=${inTree('tools/test/node_reporter.ts')}`;
  const args = ['--test', '--test-isolation=none', reporter, file];
  const ended = await run(process.execPath, args, { cwd: root, limitMs, env });
  const cases = ended.output.split('\n').flatMap(caseOfLine);
  if (ended.code !== 0 && !cases.some(({ outcome }) => outcome === 'failed')) {
    cases.push(failed(file, `${ended.output.trimEnd()}\n${describeEnd(ended)}`));
  }
  return cases;
}

function caseOfLine(text: string): Case[] {
  if (text.startsWith('{"figure":')) {
    return [{ name: JSON.parse(text).figure, outcome: 'measured' }];
  }
  if (!text.startsWith('{"name":')) return [];
  const { name, error, skipped: why }: Line = JSON.parse(text);
  if (error !== undefined) return [failed(name, error)];
  if (why === false) return [passed(name)];
  return [skipped(name, why === true ? undefined : why)];
}
