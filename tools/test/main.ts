// ./caravel test [SUITE …] [--all]
import { parseArgs } from 'node:util';
import { Report } from './report.ts';
import { runSuites } from './schedule.ts';
import type { Suite } from './suite.ts';
import { compiledSuites, plainSuites } from './suites.ts';

const usage = `./caravel test [SUITE …] [--all]

Runs the tests: all suites but the long ones, or those named. A name is that of
a suite (net, net.asan, http_parser.fuzz, deploy.e2e) or of a group of suites
(check, unit, asan, tsan, fuzz, e2e, hostile, wpt, node, packages, chaos). --all adds the
long suites and runs each in its long form. ./caravel test --list prints the
names.`;

function fail(message: string): never {
  console.error(`caravel test: ${message}`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        all: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    fail(`${(error as Error).message}\n\n${usage}`);
  }
}

const { values, positionals } = parse();
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const isNamed = ({ name, group }: Suite) =>
  positionals.includes(name) || positionals.includes(group);

/** Configuring takes its time, so names that need none are found without. */
async function knownSuites(): Promise<readonly Suite[]> {
  // Group `unit` has compiled suites beside vitest.
  const found = new Set(plainSuites.filter(isNamed).flatMap(({ name, group }) => [name, group]));
  found.delete('unit');
  if (positionals.length > 0 && positionals.every((name) => found.has(name))) return plainSuites;
  try {
    return [...plainSuites, ...(await compiledSuites())];
  } catch (error) {
    console.log(`FAIL  configure\n\n${(error as Error).message}\n\n0 passed, 1 failed`);
    process.exit(1);
  }
}

const suites = await knownSuites();
if (values.list) {
  for (const { group, name, long } of suites) {
    console.log(`${group.padEnd(8)} ${name}${long ? ' (long)' : ''}`);
  }
  process.exit(0);
}

for (const name of positionals) {
  if (!suites.some((suite) => suite.name === name || suite.group === name)) {
    fail(`no suite or group is called "${name}"; ./caravel test --list prints them`);
  }
}
const chosen =
  positionals.length > 0
    ? suites.filter(isNamed)
    : suites.filter(({ long }) => values.all || !long);

const report = new Report();
await runSuites(chosen, values.all, report);
process.exit(report.finish() ? 0 : 1);
