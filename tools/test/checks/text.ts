// Checks of the text of source files: format, lint, types.
import { globSync } from 'node:fs';
import path from 'node:path';
import { npmProgram, projectFiles, root } from '../paths.ts';
import { run } from '../process.ts';
import { type Case, caseOf, caseOfFaults } from '../suite.ts';

export const cxxFiles = () => projectFiles('*.h', '*.cc');

export async function checkCxxFormat(): Promise<Case> {
  const ended = await run('clang-format-19', ['--dry-run', '-Werror', ...cxxFiles()], {
    cwd: root,
  });
  const files = new Set(ended.output.match(/^\S+(?=:\d+:\d+: error: code should be)/gm));
  return files.size > 0
    ? caseOfFaults('clang-format (repair: ./caravel format)', [...files])
    : caseOf('clang-format', ended);
}

export async function checkBiome(): Promise<Case> {
  const [node, biome] = npmProgram('@biomejs/biome/bin/biome') as [string, string];
  const ended = await run(node, [biome, 'ci', '--colors=off', '--max-diagnostics=50'], {
    cwd: root,
  });
  return caseOf('Biome (repair: ./caravel format)', ended);
}

/** Packages that examples/package.json names may not be installed yet. */
const needsPackages = (project: string) => /^examples\/\w+\/tsconfig\.json$/.test(project);

/** Whether the types of a project hold. */
export async function checkTypesOf(project: string): Promise<Case> {
  const [node, tsc] = npmProgram('typescript/bin/tsc') as [string, string];
  const ended = await run(node, [tsc, '--noEmit', '-p', project], { cwd: root });
  return caseOf(`types of ${project}`, ended);
}

/** Each tsconfig.json of the tree is a project that must hold. */
export async function checkTypes(): Promise<Case[]> {
  const projects = globSync('{*,*/*,*/*/*,*/*/*/*}', {
    cwd: root,
    exclude: (name) => ['node_modules', 'build'].includes(path.basename(name)),
  }).filter((file) => path.basename(file) === 'tsconfig.json' && !needsPackages(file));
  return Promise.all(projects.map(checkTypesOf));
}
