import { existsSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../tools/platform/free_port.ts';
import type { BenchOptions } from '../lib/bench.ts';
import { median } from '../lib/figures.ts';
import { inTurns } from '../lib/in_turns.ts';
import { caravelBinary } from '../lib/peers.ts';
import { root, Server } from '../lib/server.ts';
import { printTable, type Result } from '../lib/table.ts';

const binaryOf = (clone: string) => path.join(clone, path.relative(root, caravelBinary));

async function start(name: string, clone: string): Promise<Server> {
  const port = await freePort();
  const project = path.join(clone, 'bench/workers/hello');
  return Server.start(
    name,
    port,
    [binaryOf(clone), 'serve', project, '--port', `${port}`, '--shards', '1'],
    { CARAVEL_ROOT: clone },
  );
}

/** The mean, and how far the true one may be from it: two standard errors. */
function meanOf(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, within: 2 * Math.sqrt(squares / (values.length - 1) / values.length) };
}

/**
 * What a request costs in this build and in that of another clone, finely enough to see
 * one percent. Held when this one is not dearer beyond doubt.
 */
export async function beside(clone: string, options: BenchOptions): Promise<Result> {
  const about = `hello in this build and in that of ${clone}, in turns of 50 ms`;
  const names = ['caravel', 'the other'];
  const servers: Server[] = [];
  const costs: (readonly [number, number])[] = [];
  let failed = 0;
  try {
    const ours = await start('caravel', root);
    servers.push(ours);
    const other = await start('other', clone);
    servers.push(other);
    await inTurns([ours, other], 4); // compilers warm up
    for (let round = 1; round <= options.rounds; round++) {
      options.note(`round ${round}/${options.rounds}`);
      // Which begins has a little less of the load.
      const first = round % 2 === 1;
      const turns = await inTurns(first ? [ours, other] : [other, ours], options.seconds);
      const [one, two] = turns.cpuUsPerRequest;
      costs.push(first ? [one, two] : [two, one]);
      failed += turns.failed;
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
  const { mean, within } = meanOf(costs.map(([ours, other]) => ours / other));
  const result: Result = {
    bench: 'beside',
    about,
    rows: names.map((name, index) => ({
      name,
      values: { cpuUsPerRequest: median(costs.map((pair) => pair[index] ?? Number.NaN)) },
    })),
    judged: [
      {
        what: `a request costs ${mean.toFixed(4)} of what it costs there, to ${within.toFixed(4)}`,
        held: mean - within <= 1,
      },
      { what: `${failed} requests failed`, held: failed === 0 },
    ],
  };
  printTable(result, [{ key: 'cpuUsPerRequest', head: 'CPU us/req', digits: 2, ratio: true }]);
  return result;
}

/** Why `beside(clone)` cannot be run, or undefined. */
export function notBuilt(clone: string): string | undefined {
  if (existsSync(binaryOf(clone))) return undefined;
  return `${clone} has no ${path.relative(root, caravelBinary)}: give a clone that is built`;
}
