// Where the tests stand: the Web Platform Tests that Debian's source package of nodejs
// carries, and ours (tests/wpt/ours), of the same form, for what that package lacks.
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inTree } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';
import { whyNot } from './applies.ts';

/** Folders that run, ours last. */
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
  'webmessaging',
  'ours/fetch',
  'ours/formdata',
  'ours/language',
  'ours/messaging',
] as const;

/** Brings the tests from Debian; undefined, or what went wrong. */
export async function getFixtures(): Promise<string | undefined> {
  const ended = await run(inTree('tests/nodejs_source.sh'), []);
  return ended.code === 0 ? undefined : ended.output;
}

/** `file` is a path in a folder's terms: "url/url-constructor.any.js", "ours/fetch/x.any.js". */
export const locate = (file: string) =>
  file.startsWith('ours/') ? inTree('tests/wpt', file) : inTree('build/nodejs_source/wpt', file);

export const exists = (file: string) => existsSync(locate(file));
export const read = (file: string) => readFileSync(locate(file), 'utf8');

export interface Chosen {
  /** Files that say something of Workers, by their path in the folder, in order. */
  readonly files: readonly string[];
  /** Why each of the others was left out. */
  readonly excluded: readonly string[];
}

/** All that `folder` has in JavaScript: what needs HTML around it is not looked at. */
export function choose(folder: string): Chosen {
  const files: string[] = [];
  const excluded: string[] = [];
  for (const file of globSync('**/*.{any,window,worker}.js', { cwd: locate(folder) }).toSorted()) {
    const why = whyNot(`${folder}/${file}`, read(path.posix.join(folder, file)));
    if (why === undefined) files.push(file);
    else excluded.push(why);
  }
  return { files, excluded };
}

/** Derives for longer than all other files take together. */
export const isLong = (file: string) => file.endsWith('/pbkdf2.https.any.js');
