import type { Bench } from '../lib/bench.ts';
import { median, quantile } from '../lib/figures.ts';
import { caravelLoader, type Loader, type Size, sizes, workerdLoader } from '../lib/loaders.ts';
import { type Judged, printTable, type Row } from '../lib/table.ts';
import { Wire } from '../lib/wire.ts';
import { answerOf } from '../lib/workers.ts';

/** Workers that are loaded in one round. */
const counts: Readonly<Record<Size, number>> = { '1k': 12, '100k': 8, '1m': 4 };
const kinds = Object.keys(sizes) as Size[];

const columns = kinds.flatMap((size) => [
  { key: `${size} p50`, head: `${size} p50 ms`, digits: 2, ratio: true },
  { key: `${size} p99`, head: `p99 ms`, digits: 2 },
]);

/** A loader with the times that it took, by size. */
class Subject {
  readonly #loader: Loader;
  readonly #wire: Wire;
  readonly #times: Readonly<Record<Size, number[]>> = { '1k': [], '100k': [], '1m': [] };

  private constructor(loader: Loader, wire: Wire) {
    this.#loader = loader;
    this.#wire = wire;
  }

  static async start(start: () => Promise<Loader>): Promise<Subject> {
    const loader = await start();
    const subject = new Subject(loader, await Wire.open(loader.port));
    await loader.publish('1k', 0);
    for (let i = 0; i < 500; i++) await subject.#ask('1k', 0); // the client's own code warms up
    return subject;
  }

  #ask(size: Size, id: number): Promise<number> {
    return this.#wire.ask(...this.#loader.addressOf(size, id), answerOf(id));
  }

  async round(note: (text: string) => void) {
    for (const size of kinds) {
      const times = this.#times[size];
      for (let i = 0; i < counts[size]; i++) {
        const id = times.length + 1;
        note(`${this.#loader.name}: ${size} ${id}`);
        await this.#loader.publish(size, id);
        times.push(await this.#ask(size, id));
      }
    }
  }

  row(): Row {
    const values: Record<string, number> = {};
    for (const size of kinds) {
      values[`${size} p50`] = median(this.#times[size]);
      values[`${size} p99`] = quantile(this.#times[size], 0.99);
    }
    return { name: this.#loader.name, values };
  }

  async stop() {
    this.#wire.close();
    await this.#loader.stop();
  }
}

export const cold: Bench = {
  name: 'cold',
  about: 'the first request to a Worker that is published and not loaded, by its size',
  async run(options) {
    const subjects: Subject[] = [];
    try {
      for (const [name, start] of [
        ['caravel', caravelLoader],
        ['workerd', workerdLoader],
      ] as const) {
        if (options.peers.length > 0 && !options.peers.includes(name)) continue;
        subjects.push(await Subject.start(start));
      }
      for (let round = 1; round <= options.rounds; round++)
        for (const subject of subjects)
          await subject.round((text) => options.note(`round ${round}/${options.rounds}: ${text}`));
    } finally {
      await Promise.all(subjects.map((subject) => subject.stop()));
    }
    const rows = subjects.map((subject) => subject.row());
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
