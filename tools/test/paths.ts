// Where things lie in the source tree.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

export const inTree = (...parts: string[]) => path.join(root, ...parts);

/** The preset that people run; sanitizers and fuzzers have their own. */
export const mainPreset = process.env.CARAVEL_PRESET ?? 'dev';

/** A program of an npm package, run on the pinned Node: `[node, script]`. */
export const npmProgram = (...parts: string[]) => [
  process.execPath,
  inTree('node_modules', ...parts),
];

/** Files of the project that match, also those not yet committed. */
export function projectFiles(...patterns: string[]) {
  const list = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate', ...patterns],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 },
  );
  return list.split('\0').filter(Boolean);
}
