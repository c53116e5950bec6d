// ./caravel format: brings all source files into the project's format.
import { cxxFiles } from './test/checks/text.ts';
import { npmProgram, root } from './test/paths.ts';
import { run } from './test/process.ts';

const [node, biome] = npmProgram('@biomejs/biome/bin/biome') as [string, string];
const steps: [string, string[]][] = [
  ['clang-format-19', ['-i', ...cxxFiles()]],
  [node, [biome, 'check', '--write', '--colors=off']],
];

let failures = 0;
for (const [command, args] of steps) {
  const ended = await run(command, args, { cwd: root });
  process.stdout.write(ended.output);
  if (ended.code !== 0) failures++;
}
process.exit(failures > 0 ? 1 : 0);
