// Every suite of Caravel.
import { globSync } from 'node:fs';
import path from 'node:path';
import { folders, longFolders } from '../../tests/wpt/run.ts';
import { runWpt } from '../../tests/wpt/suite.ts';
import { configuredList } from './build.ts';
import { includeFaultsOfTree } from './checks/includes.ts';
import { packageFaultsOfTree } from './checks/packages.ts';
import { checkBiome, checkCxxFormat, checkTypes } from './checks/text.ts';
import { runFuzzer } from './fuzz.ts';
import { runGtest } from './gtest.ts';
import { runNodeTests } from './node_tests.ts';
import { mainPreset, root } from './paths.ts';
import { caseOfFaults, type Need, type Suite } from './suite.ts';
import { runVitest } from './vitest.ts';

const roomOf = (program: string) => program.replace(/_(test|fuzz)$/, '');

const product: Need = { preset: mainPreset, targets: ['caravel', 'caraveld', 'caravel_snapshot'] };

/** Tests that start the platform as people do, a suite for each file. */
function platformSuites(folder: string, more: Partial<Suite> = {}): Suite[] {
  const suffix = `.${folder}.ts`;
  return globSync(`tests/${folder}/*${suffix}`, { cwd: root })
    .toSorted()
    .map((file) => ({
      name: `${path.basename(file, suffix)}.${folder}`,
      group: folder,
      need: product,
      run: () => runNodeTests(file, 15 * 60_000),
      ...more,
    }));
}

/** Suites that are known without configuring a build. */
export const plainSuites: readonly Suite[] = [
  ...checks,
  ...platformSuites('e2e'),
  { name: 'wpt', group: 'wpt', need: product, run: () => runWpt(folders) },
  { name: 'full.wpt', group: 'wpt', need: product, long: true, run: () => runWpt(longFolders) },
  ...platformSuites('chaos', { long: true, alone: true }),
];

/**
 * Suites of compiled programs, which the build's configuration lists. All run under
 * the sanitizers: what needs V8 is no program, since V8 is in the Node binary.
 */
export async function compiledSuites(): Promise<Suite[]> {
  const programs = await configuredList(mainPreset, 'unit_tests');
  return [
    ...gtestSuites(programs, mainPreset, 'unit'),
    ...gtestSuites(programs, 'asan', 'asan'),
    ...gtestSuites(programs, 'tsan', 'tsan'),
    ...(await fuzzSuites()),
  ];
}
