// Runs the fuzzing Worker (worker.js) on a real host, a fresh one for each seed.
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { esModule, Platform } from '../../../tools/platform/platform.ts';
import { inTree } from '../../../tools/test/paths.ts';
import { type Case, caseOfFaults } from '../../../tools/test/suite.ts';
import { Neighbourhood } from '../platform/run.ts';

const worker = readFileSync(inTree('tests/hostile/fuzz/worker.js'), 'utf8');

/** Calls of one Worker. */
const steps = 2000;
/** Of CPU time; it is meant to be exceeded now and then. */
const cpuMs = 2000;
/** For an answer: far beyond what its limit leaves a Worker, also on a slow machine. */
const patienceMs = 120_000;

/** What the platform's log says of its hosts, newest last. */
function hostsInLog(platform: Platform): string {
  const lines = readFileSync(`${platform.data}/logs/caraveld.log`, 'utf8').split('\n');
  return lines
    .filter((line) => /^\S+ (warning|error) /.test(line) || / host (ended|is replaced) /.test(line))
    .slice(-6)
    .join('\n');
}

/** What is wrong with what came of `seed`; undefined: nothing. */
async function runSeed(platform: Platform, neighbourhood: Neighbourhood, seed: number) {
  const name = `fuzz-${seed}`;
  await platform.deploy(name, [esModule(worker)], {
    compatibility_date: '2026-08-04',
    limits: { cpu_ms: cpuMs },
  });
  let fault: string | undefined;
  try {
    // Any answer will do, and so will none that is cut off: the neighbour judges.
    await platform.get(name, `/${seed}/${steps}`, { limitMs: patienceMs });
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') fault = 'no answer: it hangs';
  }
  try {
    await neighbourhood.check();
  } catch (error) {
    fault = `${(error as Error).message}`;
  }
  await platform.ask('DELETE', `/accounts/${platform.account}/workers/scripts/${name}`);
  return fault && `${fault}\n${hostsInLog(platform)}`;
}

/** Seeds from `first` on, for `seconds`, or that one alone. */
export async function runFuzz(seconds: number, first = randomInt(2 ** 31)): Promise<Case[]> {
  const platform = await Platform.start(['--shards', '1']);
  const faults: string[] = [];
  const until = performance.now() + seconds * 1000;
  let seed = first;
  try {
    const neighbourhood = new Neighbourhood(platform);
    await neighbourhood.deploy();
    do {
      const fault = await runSeed(platform, neighbourhood, seed);
      if (fault !== undefined) faults.push(`seed ${seed}: ${fault}`);
      seed++;
    } while (performance.now() < until && faults.length < 20);
  } finally {
    await platform.stop();
  }
  const again = 'again: node tests/hostile/fuzz/main.ts --seed SEED';
  return [
    caseOfFaults('hostile values wherever a Worker can call', [
      ...faults,
      ...(faults.length > 0 ? [again] : []),
    ]),
    { name: `fuzzed with the seeds ${first} to ${seed - 1}`, outcome: 'measured' },
  ];
}
