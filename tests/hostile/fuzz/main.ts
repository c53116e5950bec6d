// node tests/hostile/fuzz/main.ts [--minutes N] [--seed N]: the fuzzer by itself, for
// as long as is wanted, or with one seed again.
import { parseArgs } from 'node:util';
import { runFuzz } from './run.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' } },
});
const seconds = values.minutes === undefined ? 0 : Number(values.minutes) * 60;
const seed = values.seed === undefined ? undefined : Number(values.seed);
const cases = await runFuzz(seconds, seed);
for (const { name, outcome, detail } of cases) console.log(`${outcome}: ${name}\n${detail ?? ''}`);
process.exit(cases.some(({ outcome }) => outcome === 'failed') ? 1 : 0);
