import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Bench } from '../lib/bench.ts';
import { median } from '../lib/figures.ts';
import { peersFor } from '../lib/peers.ts';
import { serverCore } from '../lib/server.ts';
import { type Judged, printTable, type Row } from '../lib/table.ts';

const columns = [{ key: 'readyMs', head: 'first answer ms', digits: 0, ratio: true }] as const;

/** These do not run any JS when they start. */
const notComparable = ['nginx', 'epoll'];

/** Milliseconds that Node takes to start and end, as hosts are started. */
async function bareNodeMs(): Promise<number> {
  const started = performance.now();
  const args = ['-c', serverCore, process.execPath, '--no-node-snapshot', '-e', '0'];
  await promisify(execFile)('taskset', args);
  return performance.now() - started;
}

export const start: Bench = {
  name: 'start',
  about: 'from the start of the command to its first answer (caravel serve, and its peers)',
  async run(options) {
    const peers = peersFor('hello', options.peers).filter(
      ({ name }) => !notComparable.includes(name),
    );
    const times = new Map<string, number[]>(peers.map(({ name }) => [name, []]));
    const bare: number[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      for (const peer of peers) {
        options.note(`round ${round}/${options.rounds}: ${peer.name}`);
        const server = await peer.start('hello');
        times.get(peer.name)?.push(server.readyMs);
        await server.stop();
      }
      bare.push(await bareNodeMs());
    }
    const rows: Row[] = [...times].map(([name, all]) => ({
      name,
      values: { readyMs: median(all) },
    }));
    rows.push({ name: 'node -e 0', values: { readyMs: median(bare) } });
    const ours = rows.find(({ name }) => name === 'caravel')?.values.readyMs;
    const bound = Math.max(200, 2 * median(bare));
    const judged: Judged[] =
      ours === undefined
        ? []
        : [
            {
              what: `first answer after ${ours.toFixed(0)} ms, at most ${bound.toFixed(0)}`,
              held: ours <= bound,
            },
          ];
    const result = { bench: this.name, about: this.about, rows, judged };
    printTable(result, columns);
    return result;
  },
};
