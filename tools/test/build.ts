// Configures and builds a preset, a part of it at a time.
import { existsSync, readFileSync } from 'node:fs';
import { inTree, root } from './paths.ts';
import { run } from './process.ts';
import type { Case, Need } from './suite.ts';
import { caseOf, failed } from './suite.ts';

export const buildFolder = (preset: string) => inTree('build', preset);

/** Also when a CMakeLists.txt has changed since; ninja sees that. */
async function configure(preset: string) {
  const ended = existsSync(`${buildFolder(preset)}/build.ninja`)
    ? await run('ninja', ['-C', buildFolder(preset), 'build.ninja'])
    : await run('cmake', ['--preset', preset], { cwd: root });
  return ended.code === 0 ? undefined : caseOf(`configure ${preset}`, ended);
}

/**
 * Builds `need`. Undefined when it stands; else the failure, with what the
 * compiler said. `onProgress` gets texts such as "dev 12/340".
 */
export async function build(
  need: Need,
  onProgress: (text: string) => void,
): Promise<Case | undefined> {
  const { preset, targets } = need;
  onProgress(`configure ${preset}`);
  const refused = await configure(preset);
  if (refused) return refused;
  const said: string[] = [];
  const ended = await run('ninja', ['-C', buildFolder(preset), ...targets], {
    env: { NINJA_STATUS: '%f/%t ' },
    limitMs: 45 * 60_000,
    onLine: (line) => {
      const step = /^(\d+\/\d+) /.exec(line);
      if (step) onProgress(`build ${preset} ${step[1]}`);
      else said.push(line);
    },
  });
  return ended.code === 0 ? undefined : failed(`build ${preset}`, said.join('\n'));
}

/** A list that configuring writes, one name a line: `unit_tests`, `fuzzers`. */
export async function configuredList(preset: string, list: string): Promise<string[]> {
  const refused = await configure(preset);
  if (refused) throw new Error(refused.detail);
  return readFileSync(`${buildFolder(preset)}/${list}.txt`, 'utf8')
    .split('\n')
    .filter(Boolean);
}
