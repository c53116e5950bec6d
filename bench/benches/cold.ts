import type { Bench } from '../lib/bench.ts';
import { median, quantile } from '../lib/figures.ts';
import { caravelLoader, type Loader, type Size, sizes, workerdLoader } from '../lib/loaders.ts';
import { type Judged, printTable, type Row } from '../lib/table.ts';
import { Wire } from '../lib/wire.ts';
import { answerOf } from '../lib/workers.ts';

const counts: Readonly<Record<Size, number>> = { '1k': 60, '100k': 40, '1m': 20 };
const kinds = Object.keys(sizes) as Size[];

const columns = kinds.flatMap((size) => [
  { key: `${size} p50`, head: `${size} p50 ms`, digits: 2, ratio: true },
  { key: `${size} p99`, head: `p99 ms`, digits: 2 },
]);

async function measure(loader: Loader, note: (text: string) => void): Promise<Row> {
  const values: Record<string, number> = {};
  const wire = await Wire.open(loader.port);
  const ask = (size: Size, id: number) => wire.ask(...loader.addressOf(size, id), answerOf(id));
  await loader.publish('1k', 0);
  for (let i = 0; i < 500; i++) await ask('1k', 0); // the client's own code warms up
  for (const size of kinds) {
    const times: number[] = [];
    for (let id = 1; id <= counts[size]; id++) {
      note(`${loader.name}: ${size} ${id}/${counts[size]}`);
      await loader.publish(size, id);
      times.push(await ask(size, id));
    }
    values[`${size} p50`] = median(times);
    values[`${size} p99`] = quantile(times, 0.99);
  }
  wire.close();
  return { name: loader.name, values };
}

export const cold: Bench = {
  name: 'cold',
  about: 'the first request to a Worker that is published and not loaded, by its size',
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
    const ours = rows.find(({ name }) => name === 'caravel')?.values['1k p50'];
    const judged: Judged[] =
      ours === undefined
        ? []
        : [{ what: `1 KB: p50 ${ours.toFixed(2)} ms, at most 3.3`, held: ours <= 3.3 }];
    const result = { bench: this.name, about: this.about, rows, judged };
    printTable(result, columns);
    return result;
  },
};
