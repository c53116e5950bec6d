// Runs folders of the Web Platform Tests in Workers of a running platform: each
// file is a Worker of its own, so that none finds what another left behind.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Platform } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';
import { whyNot } from './applies.ts';
import { type Outcome, workerOf } from './worker.ts';

const fixtures = inTree('build/nodejs_source/wpt');

/** Folders that run. */
export const folders = [
  'url',
  'encoding',
  'streams',
  'WebCryptoAPI',
  'console',
  'dom',
  'FileAPI',
  'hr-time',
  'html',
  'performance-timeline',
  'user-timing',
  'wasm',
  'webidl',
] as const;

/** Where the expectations of a folder stand. */
export const expectationsOf = (folder: string) =>
  inTree('tests/wpt/expectations', `${folder}.json`);

/** Brings the tests from Debian; undefined, or what went wrong. */
export async function getFixtures(): Promise<string | undefined> {
  const ended = await run(inTree('tests/nodejs_source.sh'), []);
  return ended.code === 0 ? undefined : ended.output;
}

export interface FileOutcome {
  /** Its path in the folder: "url-constructor.any.js". */
  readonly file: string;
  /** Undefined when `failure` tells why there is none. */
  readonly outcome?: Outcome;
  readonly failure?: string;
}

/** A file's CPU time is limited by its Worker; others may hold the processor. */
const patienceMs = 5 * 60_000;

/** Derives for longer than all other files take together. */
const isLong = (file: string) => file.endsWith('/pbkdf2.https.any.js');

async function runFile(platform: Platform, folder: string, file: string): Promise<FileOutcome> {
  const words = `wpt/${folder}/${file}`.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const name = words.join('-').slice(0, 63).replace(/-$/, '');
  try {
    await platform.deploy(name, workerOf(fixtures, `${folder}/${file}`), {
      limits: { cpu_ms: 60_000 },
    });
    const answer = await platform.get(name, '/', { limitMs: patienceMs });
    if (answer.status !== 200) return { file, failure: `${answer.status}: ${answer.text}` };
    return { file, outcome: JSON.parse(answer.text) };
  } catch (error) {
    return { file, failure: `${error}` };
  }
}

export interface FolderOutcome {
  readonly outcomes: readonly FileOutcome[];
  /** Why each of the files that were left out was. */
  readonly excluded: readonly string[];
  /** The files that run in the long form only. */
  readonly putOff: readonly string[];
}

/**
 * Every file of `folder` that needs no window and says something of Workers, in order;
 * the long ones only if `all`.
 */
export async function runFolder(
  platform: Platform,
  folder: string,
  all: boolean,
): Promise<FolderOutcome> {
  const outcomes: FileOutcome[] = [];
  const excluded: string[] = [];
  const putOff: string[] = [];
  for (const file of globSync('**/*.any.js', { cwd: `${fixtures}/${folder}` }).toSorted()) {
    const text = readFileSync(path.join(fixtures, folder, file), 'utf8');
    const why = whyNot(`${folder}/${file}`, text);
    if (why !== undefined) excluded.push(why);
    else if (isLong(file) && !all) putOff.push(file);
    else outcomes.push(await runFile(platform, folder, file));
  }
  return { outcomes, excluded, putOff };
}
