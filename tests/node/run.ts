// Runs Node's own tests in Workers of a running platform, each in one of its own.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Platform } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';
import { isOfModule, whyNot } from './applies.ts';
import { scriptOf } from './script.ts';
import { type Outcome, workerOf } from './worker.ts';

const folder = inTree('build/nodejs_source/test');

/** Brings the tests from Debian; undefined, or what went wrong. */
export async function getTests(): Promise<string | undefined> {
  const ended = await run(inTree('tests/nodejs_source.sh'), []);
  return ended.code === 0 ? undefined : ended.output;
}

export interface TestFile {
  readonly file: string;
  /** Why it cannot run in a Worker. */
  readonly excluded?: string;
}

/** All tests of the modules that are built, in order. */
export function testFiles(): TestFile[] {
  return readdirSync(path.join(folder, 'parallel'))
    .filter((file) => /\.m?js$/.test(file) && isOfModule(file))
    .toSorted()
    .map((file) => {
      const excluded = whyNot(scriptOf(folder, file));
      return excluded === undefined ? { file } : { file, excluded };
    });
}

/** For an answer: far beyond what the harness waits, also on a slow machine. */
const limitMs = 180_000;

export async function runFile(platform: Platform, file: string): Promise<Outcome> {
  const name = path
    .basename(file, path.extname(file))
    .toLowerCase()
    .replaceAll('.', '-')
    .slice(0, 60)
    .replace(/-$/, '');
  try {
    await platform.deploy(name, workerOf(folder, file), {
      compatibility_date: '2026-08-04',
      limits: { cpu_ms: 30_000 },
    });
    const answer = await platform.get(name, '/', { limitMs });
    // A limit that ended it is an outcome; anything else is a fault of ours.
    if (/^error code: 110[12]/.test(answer.text)) {
      return { failure: `${answer.status}: ${answer.text}` };
    }
    if (answer.status !== 200) return { broken: `${answer.status}: ${answer.text}` };
    return JSON.parse(answer.text);
  } catch (error) {
    return { broken: `${error}` };
  }
}
