import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Bench } from '../lib/bench.ts';
import { inRounds } from '../lib/rounds.ts';
import { scratch } from '../lib/server.ts';
import { failures, type Judged, printTable } from '../lib/table.ts';
import { load } from '../lib/wrk.ts';

const columns = [
  { key: 'requestsPerSecond', head: 'req/s', digits: 0, ratio: true },
  { key: 'cpuUsPerRequest', head: 'CPU us/req', digits: 2, ratio: true },
  { key: 'p50Ms', head: 'p50 ms', digits: 2 },
  { key: 'p99Ms', head: 'p99 ms', digits: 2 },
  { key: 'residentMib', head: 'MiB', digits: 1 },
  { key: 'failed', head: 'failed', digits: 0 },
] as const;

/** An order of about 1 KB. */
function bodyFile(): string {
  const items = Array.from({ length: 15 }, (_, index) => ({
    sku: `item-${1000 + index}`,
    name: `Ship's biscuit no. ${index}`,
    price: 1.25 + index,
    count: index % 4,
  }));
  mkdirSync(scratch, { recursive: true });
  const file = path.join(scratch, 'order.json');
  writeFileSync(file, JSON.stringify({ customer: 'Henrique', items }));
  return file;
}

export const json: Bench = {
  name: 'json',
  about: 'parse a POST of 1 KB of JSON, answer with JSON of the same size',
  async run(options) {
    const body = bodyFile();
    const rows = await inRounds('json', options, async (server, seconds) => ({
      ...(await load(server, seconds, { bodyFile: body })),
    }));
    const rate = (name: string) => rows.find((row) => row.name === name)?.values.requestsPerSecond;
    const ours = rate('caravel');
    const theirs = rate('deno');
    const judged: Judged[] = failures(rows, ['caravel', 'deno']);
    if (judged.length === 0 && ours !== undefined && theirs !== undefined)
      judged.push({
        what: `${ours.toFixed(0)} a second, ahead of Deno's ${theirs.toFixed(0)}`,
        held: ours > theirs,
      });
    const result = { bench: this.name, about: this.about, rows, judged };
    printTable(result, columns);
    return result;
  },
};
