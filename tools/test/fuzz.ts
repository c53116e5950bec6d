// Runs one libFuzzer program for a while, from the seeds in tests/fuzz/corpus.
import { mkdirSync } from 'node:fs';
import { builtProgram } from './gtest.ts';
import { inTree } from './paths.ts';
import { run } from './process.ts';
import { type Case, caseOf } from './suite.ts';

/** What it finds new stays in build/asan/found, and so does an input that crashed. */
export async function runFuzzer(name: string, seconds: number): Promise<Case> {
  const found = inTree('build/asan/found', name);
  mkdirSync(found, { recursive: true });
  const seeds = inTree('tests/fuzz/corpus', name.replace(/_fuzz$/, ''));
  const ended = await run(
    builtProgram('asan', name),
    [
      `-max_total_time=${seconds}`,
      '-rss_limit_mb=2048',
      '-timeout=10',
      '-print_final_stats=1',
      `-artifact_prefix=${found}/`,
      found,
      seeds,
    ],
    { limitMs: (seconds + 120) * 1000 },
  );
  return caseOf(`${name} for ${seconds} s`, ended);
}
