// Runs folders of the Web Platform Tests in Workers of a running platform: each
// file is a Worker of its own, so that none finds what another left behind.
import type { Platform } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { concerns } from './applies.ts';
import type { Origin } from './origin.ts';
import { choose, isLong } from './sources.ts';
import { type Outcome, workerOf } from './worker.ts';

/** Where the expectations of a folder stand. */
export const expectationsOf = (folder: string) =>
  inTree('tests/wpt/expectations', `${folder}.json`);

export interface FileOutcome {
  /** Its path in the folder: "url-constructor.any.js". */
  readonly file: string;
  /** Undefined when `failure` tells why there is none. */
  readonly outcome?: Outcome;
  readonly failure?: string;
}

/** A file's CPU time is limited by its Worker; others may hold the processor. */
const patienceMs = 5 * 60_000;

/** For `Platform.start`: Workers may fetch from the origin of tests of ours. */
export const allowOrigin = ['--allow-egress', '127.0.0.0/8'];

/** Of the answer of a Worker that `workerOf` made: the subtests that say something of Workers. */
export function outcomeOf(file: string, text: string): Outcome {
  const { finished, tests } = JSON.parse(text) as Outcome;
  return { finished, tests: tests.filter(({ name }) => concerns(file, name)) };
}

/** `file` as `locate` takes it; throws when there is no outcome. */
export async function runFile(platform: Platform, origin: Origin, file: string): Promise<Outcome> {
  const words = `wpt/${file}`.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const name = words.join('-').slice(0, 63).replace(/-$/, '');
  await platform.deploy(name, workerOf(file), { limits: { cpu_ms: 60_000 } });
  const where = `/?origin=${encodeURIComponent(origin.url)}`;
  const answer = await platform.get(name, where, { limitMs: patienceMs });
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return outcomeOf(file, answer.text);
}

export interface FolderOutcome {
  readonly outcomes: readonly FileOutcome[];
  /** Why each of the files that were left out was. */
  readonly excluded: readonly string[];
  /** The files that run in the long form only. */
  readonly putOff: readonly string[];
}

/**
 * Every file of `folder` that needs no page and says something of Workers, in order;
 * the long ones only if `all`.
 */
export async function runFolder(
  platform: Platform,
  origin: Origin,
  folder: string,
  all: boolean,
): Promise<FolderOutcome> {
  const { files, excluded } = choose(folder);
  const outcomes: FileOutcome[] = [];
  const putOff: string[] = [];
  for (const file of files) {
    if (isLong(file) && !all) {
      putOff.push(file);
      continue;
    }
    try {
      outcomes.push({ file, outcome: await runFile(platform, origin, `${folder}/${file}`) });
    } catch (error) {
      outcomes.push({ file, failure: `${error}` });
    }
  }
  return { outcomes, excluded, putOff };
}
