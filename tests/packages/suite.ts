// Packages from npm as a suite, a case for each folder here: deploys the Worker of a package as a user would, by the unmodified wrangler, and
// has the folder's check.ts look at its answers.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { installPackages } from '../../tools/platform/packages.ts';
import { Platform } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { type Case, caseOfFaults, failed, passed } from '../../tools/test/suite.ts';
import { type PackageTest, Worker } from './worker.ts';

const folder = inTree('tests/packages');

/** So many at once: wrangler has one core busy. */
const width = 2;

/** Folders with a Worker. */
export const packageNames = (): string[] =>
  globSync('*/wrangler.jsonc', { cwd: folder, exclude: ['node_modules'] })
    .map((file) => path.dirname(file))
    .toSorted();

/** A check that waits for what never comes fails, with the Worker's log. */
async function withinLimit(check: Promise<void>) {
  const limit = new AbortController();
  const late = setTimeout(60_000, undefined, { signal: limit.signal }).then(() => {
    throw new Error('the check has waited for a minute');
  });
  try {
    await Promise.race([check, late]);
  } finally {
    limit.abort();
    late.catch(() => {});
  }
}

async function runOne(platform: Platform, name: string): Promise<Case> {
  const test: PackageTest = await import(path.join(folder, name, 'check.ts'));
  const service = (await test.start?.()) ?? { vars: {}, stop: async () => {} };
  try {
    const vars = Object.entries(service.vars).flatMap(([key, value]) => [
      '--var',
      `${key}:${value}`,
    ]);
    // A build of its own runs on the pinned Node, too.
    const env = { PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` };
    const deployed = await platform.wrangler(path.join(folder, name), ['deploy', ...vars], env);
    if (deployed.code !== 0) return failed(name, deployed.output);
    await withinLimit(test.default(new Worker(platform, name), service));
    return passed(name);
  } catch (error) {
    await setTimeout(1500); // log events arrive in batches
    const logs = await platform.run('logs', [name]);
    const said = error instanceof Error ? `${error.stack}` : `${error}`;
    return failed(name, `${said}\nLog of the Worker:\n${logs.output}`);
  } finally {
    await service.stop();
  }
}

/** Runs `names` on a platform of their own. */
export async function runPackages(names: readonly string[]): Promise<Case[]> {
  const trouble = await installPackages(folder);
  if (trouble) return [failed('npm ci in tests/packages', trouble)];
  const platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
  const cases: Case[] = [];
  try {
    const queue = [...names];
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        cases.push(await runOne(platform, next));
      }
    };
    await Promise.all(Array.from({ length: width }, work));
  } finally {
    await platform.stop();
  }
  const good = cases.filter(({ outcome }) => outcome === 'passed').length;
  return [
    ...cases,
    {
      name: `${good} of ${names.length} packages do in a Worker what they promise`,
      outcome: 'measured',
    },
  ];
}

/** The list in docs/compatibility.md, between its markers. */
function listedNames(): string[] {
  const text = readFileSync(inTree('docs/compatibility.md'), 'utf8');
  const [, list = ''] = text.split(/<!-- \/?packages -->/);
  return [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string);
}

function listFaults(names: readonly string[]): string[] {
  const listed = listedNames();
  return [
    ...names.filter((name) => !listed.includes(name)).map((name) => `${name} is missing`),
    ...listed.filter((name) => !names.includes(name)).map((name) => `${name} is not tested`),
  ];
}

export async function runAllPackages(): Promise<Case[]> {
  const names = packageNames();
  const list = caseOfFaults('docs/compatibility.md lists the packages', listFaults(names));
  return [...(await runPackages(names)), list];
}
