// Programs of tests/node/same: each gives lines of text about what modules of Node
// answer, and a Worker must give those that Node gives. For what Node's own tests reach
// through its internals or with servers.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { esModule, type Platform } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { type Case, caseOfFaults, failed } from '../../tools/test/suite.ts';

const folder = inTree('tests/node/same');
/** What the programs share. */
const library = 'lib/cases.js';
const fixtures = inTree('build/nodejs_source/test/fixtures');

/** Keys and certificates of Node's fixtures, by file. */
type Given = Readonly<Record<string, string>>;
/** What a program exports. */
type Program = (given: Given) => Promise<string[]> | string[];

export const samePrograms = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .toSorted();

function keyFiles(): Given {
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

/** The lines that the program gives in a Worker. */
async function linesHere(platform: Platform, file: string, given: Given): Promise<string[]> {
  const name = `same-${path.basename(file, '.js')}`;
  await platform.deploy(
    name,
    [
      esModule(worker),
      esModule(readFileSync(path.join(folder, file), 'utf8'), 'program.js'),
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
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return JSON.parse(answer.text);
}

async function linesOfNode(file: string, given: Given): Promise<string[]> {
  const { default: run }: { default: Program } = await import(path.join(folder, file));
  return run(given);
}

/** Runs the program in a Worker and in Node, and tells each line that differs. */
export async function runSame(platform: Platform, file: string): Promise<Case> {
  const name = `${file} answers as in Node`;
  try {
    const given = keyFiles();
    const ours = await linesHere(platform, file, given);
    const nodes = await linesOfNode(file, given);
    const faults: string[] = [];
    if (nodes.length === 0) faults.push('it gives no line');
    for (let i = 0; i < Math.max(ours.length, nodes.length); i++)
      if (ours[i] !== nodes[i]) faults.push(`Node: ${nodes[i]}\nhere: ${ours[i]}`);
    return caseOfFaults(name, faults);
  } catch (error) {
    return failed(name, `${error}`);
  }
}
