// Programs of tests/node/same: each gives lines of text about what modules of Node
// answer, and a Worker must give those that Node gives. For what Node's own tests reach
// through its internals or with servers.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { esModule, type Platform } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { type Case, caseOfFaults } from '../../tools/test/suite.ts';

const folder = inTree('tests/node/same');
/** What the programs share. */
const library = 'lib/cases.js';
const fixtures = inTree('build/nodejs_source/test/fixtures');

/** What a program exports; it is given keys and certificates of Node's fixtures. */
type Program = (fixtures: Readonly<Record<string, string>>) => Promise<string[]> | string[];

export const samePrograms = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .toSorted();

function keyFiles(): Record<string, string> {
  const names = ['keys', 'x509-escaping'].flatMap((each) =>
    readdirSync(path.join(fixtures, each))
      .filter((file) => /\.(pem|spkac)$/.test(file))
      .map((file) => `${each}/${file}`),
  );
  return Object.fromEntries(
    names.toSorted().map((name) => [name, readFileSync(path.join(fixtures, name), 'utf8')]),
  );
}

const worker = `import run from './program.js';
import fixtures from './fixtures.js';
export default {
  async fetch() {
    return Response.json(await run(fixtures));
  },
};`;

/** Runs the program in a Worker and in Node, and tells each line that differs. */
export async function runSame(platform: Platform, file: string): Promise<Case> {
  const given = keyFiles();
  const name = `same-${path.basename(file, '.js')}`;
  const at = path.join(folder, file);
  await platform.deploy(
    name,
    [
      esModule(worker),
      esModule(readFileSync(at, 'utf8'), 'program.js'),
      esModule(readFileSync(path.join(folder, library), 'utf8'), library),
      esModule(`export default ${JSON.stringify(given)};`, 'fixtures.js'),
    ],
    {
      compatibility_date: '2026-08-04',
      compatibility_flags: ['nodejs_compat'],
      limits: { cpu_ms: 30_000 },
    },
  );
  const answer = await platform.get(name);
  const faults: string[] = [];
  if (answer.status !== 200) faults.push(`${answer.status}: ${answer.text}`);
  else {
    const ours: string[] = JSON.parse(answer.text);
    const { default: run }: { default: Program } = await import(at);
    const nodes = await run(given);
    const most = Math.max(ours.length, nodes.length);
    for (let i = 0; i < most; i++)
      if (ours[i] !== nodes[i]) faults.push(`Node: ${nodes[i]}\nhere: ${ours[i]}`);
  }
  return caseOfFaults(`${file} answers as in Node`, faults);
}
