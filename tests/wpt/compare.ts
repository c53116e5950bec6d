// node tests/wpt/compare.ts [--write] [FOLDER …]: runs the same files in Caravel, workerd,
// Deno and Node and prints how many subtests pass in each, folder by folder. A file's
// subtests are as many as the runtime has that tells the most; a runtime in which a file
// does not run passes none of them. What Caravel fails and another passes goes to
// build/wpt/behind.json, name by name. With --write the rows go into the table of
// docs/compatibility.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Platform } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { type Origin, startOrigin } from './origin.ts';
import { peers } from './peers.ts';
import { allowOrigin, outcomeOf, runFile } from './run.ts';
import { choose, folders, getFixtures, isLong } from './sources.ts';
import { type Outcome, workerOf } from './worker.ts';

const scratch = inTree('build/wpt');
const page = inTree('docs/compatibility.md');
const marks = ['<!-- wpt -->\n', '<!-- /wpt -->'] as const;

/** Subtests of a folder that pass, by runtime in the table's order; `all` that there are. */
interface Row {
  readonly folder: string;
  readonly passes: readonly number[];
  readonly all: number;
}

/** By file, the subtests that Caravel fails, each with the runtimes that pass it. */
type Behind = Record<string, Record<string, readonly string[]>>;

const names = ['Caravel', ...peers.map(({ name }) => name)];

const passesOf = (outcome: Outcome | undefined) =>
  new Set((outcome?.tests ?? []).filter(({ status }) => status === 0).map(({ name }) => name));

async function outcomesOf(
  platform: Platform,
  origin: Origin,
  file: string,
): Promise<(Outcome | undefined)[]> {
  const failed = (error: unknown) => {
    console.error(`${file}: ${error}`);
    return undefined;
  };
  const modules = workerOf(file);
  return Promise.all([
    runFile(platform, origin, file).catch(failed),
    ...peers.map((peer) =>
      peer
        .ask(modules, `${scratch}/${peer.name}`, origin.url)
        .then((text) => outcomeOf(file, text))
        .catch(failed),
    ),
  ]);
}

async function compare(
  platform: Platform,
  origin: Origin,
  folder: string,
  behind: Behind,
): Promise<Row> {
  const passes = names.map(() => 0);
  let all = 0;
  for (const file of choose(folder).files.filter((each) => !isLong(each))) {
    const outcomes = await outcomesOf(platform, origin, `${folder}/${file}`);
    all += Math.max(...outcomes.map((outcome) => outcome?.tests.length ?? 0));
    for (const [index, outcome] of outcomes.entries())
      passes[index] =
        (passes[index] ?? 0) + (outcome?.tests ?? []).filter(({ status }) => status === 0).length;
    const [ours = new Set(), ...theirs] = outcomes.map(passesOf);
    const found: Record<string, string[]> = {};
    for (const [index, passing] of theirs.entries())
      for (const name of passing)
        if (!ours.has(name)) found[name] = [...(found[name] ?? []), names[index + 1] ?? ''];
    if (Object.keys(found).length > 0) behind[`${folder}/${file}`] = found;
  }
  return { folder, passes, all };
}

/** Fewer than workerd, or more than a hundredth fewer than the best of the others. */
function isBehind({ passes: [ours = 0, workerd = 0, ...others] }: Row): boolean {
  return ours < workerd || ours < 0.99 * Math.max(...others);
}

function table(rows: readonly Row[]): string {
  const total: Row = {
    folder: 'all',
    passes: names.map((_, index) => rows.reduce((sum, row) => sum + (row.passes[index] ?? 0), 0)),
    all: rows.reduce((sum, row) => sum + row.all, 0),
  };
  const lines = [...rows, total].map((row) => {
    const [ours, ...theirs] = row.passes;
    return `| \`${row.folder}\` | ${row.all} | ${ours}${isBehind(row) ? ' (behind)' : ''} | ${theirs.join(' | ')} |`;
  });
  return [
    `| folder | subtests | ${names.join(' | ')} |`,
    `|---|${'---:|'.repeat(names.length + 1)}`,
    ...lines,
    '',
  ].join('\n');
}

/** The rows of a table that `table` made. */
function rowsOf(text: string): Row[] {
  return [...text.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)]
    .filter(([, folder]) => folder !== 'all')
    .map(([, folder = '', cells = '']) => {
      const [all = 0, ...passes] = cells.split('|').map((cell) => Number.parseInt(cell, 10));
      return { folder, passes, all };
    });
}

/** Folders that did not run keep the rows that they have. */
function write(rows: readonly Row[]) {
  const [before = '', rest = ''] = readFileSync(page, 'utf8').split(marks[0]);
  const end = rest.indexOf(marks[1]);
  const known = new Map([...rowsOf(rest.slice(0, end)), ...rows].map((row) => [row.folder, row]));
  const ordered = folders.flatMap((folder) => known.get(folder) ?? []);
  writeFileSync(page, `${before}${marks[0]}${table(ordered)}${rest.slice(end)}`);
}

const args = process.argv.slice(2);
const named = args.filter((arg) => arg !== '--write');
const trouble =
  peers
    .filter(({ missing }) => missing !== undefined)
    .map(({ name, missing }) => `${name} is not installed: ${missing} installs it`)
    .join('\n') || (await getFixtures());
if (trouble) throw new Error(trouble);

const origin = await startOrigin();
const platform = await Platform.start(allowOrigin);
try {
  const behind: Behind = {};
  const rows: Row[] = [];
  for (const folder of named.length > 0 ? named : folders) {
    const row = await compare(platform, origin, folder, behind);
    console.error(`${folder}: ${names.map((name, i) => `${name} ${row.passes[i]}`).join(', ')}`);
    if (row.all > 0) rows.push(row);
  }
  mkdirSync(scratch, { recursive: true });
  writeFileSync(`${scratch}/behind.json`, `${JSON.stringify(behind, undefined, 1)}\n`);
  console.log(table(rows));
  if (args.includes('--write')) write(rows);
} finally {
  await platform.stop();
  origin.close();
}
