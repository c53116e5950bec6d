import { residentSetBytes } from '../../tools/platform/process_tree.ts';
import type { Bench } from '../lib/bench.ts';
import { mebibytes } from '../lib/figures.ts';
import { caravelLoader, type Loader, workerdLoader } from '../lib/loaders.ts';
import { bareNode } from '../lib/server.ts';
import { type Judged, printTable, type Row } from '../lib/table.ts';
import { Wire } from '../lib/wire.ts';
import { answerOf } from '../lib/workers.ts';

const workers = 1000;

const columns = [
  { key: 'oneWorkerMib', head: 'process with one, MiB', digits: 1, ratio: true },
  { key: 'perWorkerMib', head: 'each further, MiB', digits: 2, ratio: true },
] as const;

async function measure(loader: Loader, note: (text: string) => void): Promise<Row> {
  for (let id = 0; id <= workers; id++) {
    note(`${loader.name}: publish ${id}/${workers}`);
    await loader.publish('1k', id);
  }
  const wire = await Wire.open(loader.port);
  const load = (id: number) => wire.ask(...loader.addressOf('1k', id), answerOf(id));
  await load(0);
  const pid = await loader.pid();
  const before = residentSetBytes(pid);
  for (let id = 1; id <= workers; id++) {
    note(`${loader.name}: load ${id}/${workers}`);
    await load(id);
  }
  const after = residentSetBytes(pid);
  wire.close();
  return {
    name: loader.name,
    values: {
      oneWorkerMib: mebibytes(before),
      perWorkerMib: mebibytes(after - before) / workers,
    },
  };
}

export const density: Bench = {
  name: 'density',
  about: `resident memory of the process that holds ${workers} loaded Workers`,
  async run(options) {
    const rows: Row[] = [];
    for (const [name, start] of [
      ['caravel', caravelLoader],
      ['workerd', workerdLoader],
    ] as const) {
      if (options.peers.length > 0 && !options.peers.includes(name)) continue;
      const loader = await start();
      try {
        rows.push(await measure(loader, options.note));
      } finally {
        await loader.stop();
      }
    }
    const node = mebibytes(await bareNode());
    rows.push({ name: 'node, idle', values: { oneWorkerMib: node } });
    const ours = rows.find(({ name }) => name === 'caravel')?.values;
    const judged: Judged[] = [];
    if (ours?.perWorkerMib !== undefined && ours.oneWorkerMib !== undefined) {
      const megabytes = (ours.perWorkerMib * 1024 * 1024) / 1e6;
      const above = ours.oneWorkerMib - node;
      judged.push(
        { what: `${megabytes.toFixed(2)} MB a Worker, at most 1.4`, held: megabytes <= 1.4 },
        {
          what: `with one Worker ${above.toFixed(1)} MiB above Node, at most 16`,
          held: above <= 16,
        },
      );
    }
    const result = { bench: this.name, about: this.about, rows, judged };
    printTable(result, columns);
    return result;
  },
};
