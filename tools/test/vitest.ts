// The tests of our TypeScript, by vitest.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { inTree, npmProgram, root } from './paths.ts';
import { describeEnd, run } from './process.ts';
import { type Case, failed, passed } from './suite.ts';

interface VitestReport {
  testResults: {
    name: string;
    message: string;
    status: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

export async function runVitest(): Promise<Case[]> {
  const report = inTree('build/test/vitest.json');
  mkdirSync(path.dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const [node, vitest] = npmProgram('vitest/vitest.mjs') as [string, string];
  const ended = await run(node, [vitest, 'run', '--reporter=json', `--outputFile=${report}`], {
    cwd: root,
  });
  let parsed: VitestReport;
  try {
    parsed = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return [failed('vitest', `${ended.output}\n${describeEnd(ended)}`)];
  }
  const cases = casesOf(parsed);
  // It may fail outside of any test: then the report is whole, and says nothing.
  if (ended.code !== 0 && !cases.some(({ outcome }) => outcome === 'failed')) {
    return [...cases, failed('vitest', `${ended.output}\n${describeEnd(ended)}`)];
  }
  return cases;
}

function casesOf({ testResults }: VitestReport): Case[] {
  return testResults.flatMap((file): Case[] => {
    const where = path.relative(root, file.name);
    if (file.assertionResults.length === 0) {
      return file.status === 'passed' ? [] : [failed(where, file.message)];
    }
    return file.assertionResults.map(({ fullName, status, failureMessages }): Case => {
      const name = `${where}: ${fullName}`;
      if (status === 'passed') return passed(name);
      if (status === 'failed') return failed(name, failureMessages.join('\n'));
      return { name, outcome: 'skipped' };
    });
  });
}
