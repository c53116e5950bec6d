// How the surface that a Worker finds here (survey.js) differs from that of workerd, at
// the newest compatibility date that workerd knows, with and without Node's modules.
import { readFileSync, writeFileSync } from 'node:fs';
import { esModule, type Platform } from '../../tools/platform/platform.ts';
import { askWorkerd, newestDate } from '../../tools/platform/workerd.ts';
import { inTree } from '../../tools/test/paths.ts';

/** By name, what kind of thing it is. */
type Surface = Readonly<Record<string, string>>;

/** Differences that are expected, by the reason for them. */
export type Expected = Readonly<Record<string, readonly string[]>>;

const file = inTree('tests/surface/expectations.json');

export const expectedDifferences = (): Expected => JSON.parse(readFileSync(file, 'utf8'));
export const writeExpected = (expected: Expected) =>
  writeFileSync(file, `${JSON.stringify(expected, undefined, 1)}\n`);

const modes = [
  { name: 'plain', flags: ['no_nodejs_compat', 'no_nodejs_compat_v2'] },
  { name: 'with nodejs_compat', flags: ['nodejs_compat_v2'] },
] as const;

function differences(theirs: Surface, ours: Surface): Set<string> {
  const found = new Set<string>();
  for (const name of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
    if (ours[name] === theirs[name]) continue;
    if (ours[name] === undefined) found.add(`missing: ${name}`);
    else if (theirs[name] === undefined) found.add(`more: ${name}`);
    else found.add(`${name}: ${ours[name]}; in Workers ${theirs[name]}`);
  }
  // A class that is all there or all missing is one difference, and so is what it passes on.
  const all = [...found];
  return new Set(
    all.filter((each) => {
      const [, kind = '', owner = '', rest = ''] =
        each.match(/^((?:missing|more): )?([\w.]+?)((?:\.prototype|\.|\[| extends).*)?$/s) ?? [];
      if (rest !== '' && kind !== '' && found.has(kind + owner)) return false;
      const parent = ours[`${owner} extends`];
      return parent === undefined || !found.has(kind + parent + rest);
    }),
  );
}

/** What differs, each once; where only in one of the modes, that is said. */
export async function surfaceDifferences(platform: Platform): Promise<string[]> {
  const modules = [esModule(readFileSync(inTree('tests/surface/survey.js'), 'utf8'))];
  const date = newestDate();
  const folder = inTree('build/surface');
  const found: Set<string>[] = [];
  for (const [index, { flags }] of modes.entries()) {
    const name = `surface-${index}`;
    await platform.deploy(name, modules, {
      compatibility_date: date,
      compatibility_flags: flags,
      limits: { cpu_ms: 10_000 },
    });
    const { status, text } = await platform.get(name);
    if (status !== 200) throw new Error(`${status}: ${text}`);
    const theirs = await askWorkerd(modules, folder, { date, flags });
    found.push(differences(JSON.parse(theirs), JSON.parse(text)));
  }
  const all = new Set(found.flatMap((each) => [...each]));
  const said = [...all].map((each) => {
    const index = found.findIndex((mode) => mode.has(each));
    return found.every((mode) => mode.has(each)) ? each : `${each} (${modes[index]?.name})`;
  });
  return said.toSorted();
}
