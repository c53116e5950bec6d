// Every suite of Caravel.
import { globSync } from 'node:fs';
import path from 'node:path';
import { runWrangler } from '../../tests/e2e/wrangler/suite.ts';
import { runFuzz } from '../../tests/hostile/fuzz/run.ts';
import { runNodesOwn } from '../../tests/node/suite.ts';
import { runAllPackages } from '../../tests/packages/suite.ts';
import { runWpt } from '../../tests/wpt/suite.ts';
import { configuredList } from './build.ts';
import { dependencyFaultsOfTree } from './checks/dependencies.ts';
import { includeFaultsOfTree } from './checks/includes.ts';
import { patchableFaultsOfTree } from './checks/patchable.ts';
import { checkBiome, checkCxxFormat, checkTypes } from './checks/text.ts';
import { unityFaultsOfTree } from './checks/unity.ts';
import { runFuzzer } from './fuzz.ts';
import { runGtest } from './gtest.ts';
import { checkNativeTypes } from './native_types.ts';
import { runNodeTests } from './node_tests.ts';
import { mainPreset, root } from './paths.ts';
import { caseOfFaults, type Need, type Suite } from './suite.ts';
import { runVitest } from './vitest.ts';

const roomOf = (program: string) => program.replace(/_(test|fuzz)$/, '');

const checks: Suite[] = [
  {
    name: 'includes',
    group: 'check',
    run: async () => [caseOfFaults('includes point one way', includeFaultsOfTree())],
  },
  {
    name: 'dependencies',
    group: 'check',
    run: async () => [
      caseOfFaults('packages.txt installs what CMake finds', dependencyFaultsOfTree()),
    ],
  },
  {
    name: 'patchable',
    group: 'check',
    run: async () => [
      caseOfFaults('the platform uses nothing that script can patch', patchableFaultsOfTree()),
    ],
  },
  {
    name: 'unity',
    group: 'check',
    run: async () => [
      caseOfFaults('sources of a room can be compiled as one', unityFaultsOfTree()),
    ],
  },
  { name: 'format', group: 'check', run: async () => [await checkCxxFormat()] },
  { name: 'biome', group: 'check', run: async () => [await checkBiome()] },
  { name: 'types', group: 'check', run: checkTypes },
  { name: 'vitest', group: 'unit', run: runVitest },
];

/**
 * Rooms whose code runs on several threads at once. The thread sanitizer follows
 * these in every run, the others with --all: each preset compiles its rooms anew.
 */
const threaded = new Set(['net', 'storage', 'postgres', 'monitor', 'host_core']);

/**
 * Rooms that parsers are in, which need little else compiled. The address sanitizer follows
 * these in every run, the others with --all: to compile them for it takes longer than all
 * else that a run compiles.
 */
const parsing = new Set(['base', 'net', 'storage', 'registry', 'ops', 'host_core']);

/** Fuzzers of what needs V8, and with it rooms that no suite of every run compiles so. */
const longFuzzers = new Set(['structured_clone', 'url']);

/** Tests inside the Node binary, which has V8. */
const needsV8 = (program: string) => program.endsWith('_js_test');

function gtestSuites(
  programs: readonly string[],
  preset: string,
  group: string,
  isLong: (room: string) => boolean = () => false,
): Suite[] {
  return programs.map((program) => ({
    long: isLong(roomOf(program)),
    name: group === 'unit' ? roomOf(program) : `${roomOf(program)}.${group}`,
    group,
    need: { preset, targets: [program] },
    run: () => runGtest(preset, program),
  }));
}

async function fuzzSuites(): Promise<Suite[]> {
  const programs = await configuredList('asan', 'fuzzers');
  return programs.map((program) => ({
    name: `${roomOf(program)}.fuzz`,
    group: 'fuzz',
    need: { preset: 'asan', targets: [program] },
    long: longFuzzers.has(roomOf(program)),
    run: async ({ all }) => [await runFuzzer(program, all ? 600 : 15)],
  }));
}

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
  { name: 'wrangler.e2e', group: 'e2e', need: product, run: () => runWrangler() },
  {
    // The preset that compiles the sources of a room as one, which no other suite builds.
    name: 'deploy.release',
    group: 'e2e',
    need: { ...product, preset: 'release' },
    long: true,
    run: () => runNodeTests('tests/e2e/deploy.e2e.ts', 15 * 60_000, { CARAVEL_PRESET: 'release' }),
  },
  ...platformSuites('hostile'),
  {
    name: 'api_fuzz',
    group: 'hostile',
    need: product,
    run: ({ all }) => runFuzz(all ? 30 * 60 : 20),
  },
  {
    name: 'native_types',
    group: 'unit',
    need: { preset: mainPreset, targets: ['caravel_host'] },
    run: checkNativeTypes,
  },
  { name: 'wpt', group: 'wpt', need: product, run: runWpt },
  { name: 'nodes_own', group: 'node', need: product, run: runNodesOwn },
  { name: 'packages', group: 'packages', need: product, run: runAllPackages },
  ...platformSuites('chaos', { long: true, alone: true }),
  {
    name: 'kept_writes.chaos',
    group: 'chaos',
    need: product,
    run: ({ all }) =>
      runNodeTests('tests/chaos/kept_writes.ts', 30 * 60_000, { CARAVEL_KILLS: all ? '100' : '5' }),
  },
];

/** Suites of compiled programs, which the build's configuration lists. */
export async function compiledSuites(): Promise<Suite[]> {
  const programs = await configuredList(mainPreset, 'unit_tests');
  const withoutV8 = programs.filter((program) => !needsV8(program));
  return [
    ...gtestSuites(programs, mainPreset, 'unit'),
    ...gtestSuites(programs, 'asan', 'asan', (room) => !parsing.has(room)),
    ...gtestSuites(withoutV8, 'tsan', 'tsan', (room) => !threaded.has(room)),
    ...(await fuzzSuites()),
  ];
}
