import type { Bench } from '../lib/bench.ts';
import { inRounds } from '../lib/rounds.ts';
import { failures, type Judged, printTable, type Row } from '../lib/table.ts';
import { load } from '../lib/wrk.ts';

const columns = [
  { key: 'cpuUsPerRequest', head: 'CPU us/req', digits: 2, ratio: true },
  { key: 'requestsPerSecond', head: 'req/s', digits: 0, ratio: true },
  { key: 'p50Ms', head: 'p50 ms', digits: 2 },
  { key: 'p99Ms', head: 'p99 ms', digits: 2, ratio: true },
  { key: 'residentMib', head: 'MiB', digits: 1 },
  { key: 'failed', head: 'failed', digits: 0 },
] as const;

const rivals: readonly string[] = ['deno', 'bun'];

const figure = (rows: readonly Row[], name: string, key: string) =>
  rows.find((row) => row.name === name)?.values[key];

/** Held when Caravel's figure is no more than the least of the named peers'. */
function noMoreThan(
  rows: readonly Row[],
  key: string,
  what: string,
  names: readonly string[],
): Judged[] {
  const ours = figure(rows, 'caravel', key);
  const theirs = names.flatMap((name) => figure(rows, name, key) ?? []);
  if (ours === undefined || theirs.length === 0) return [];
  const bound = Math.min(...theirs);
  return [
    {
      what: `${what} ${ours.toFixed(2)}, at most ${bound.toFixed(2)} (the better of ${names.join(' and ')})`,
      held: ours <= bound,
    },
  ];
}

export const hello: Bench = {
  name: 'hello',
  about: 'a fixed answer, 64 connections, one core each for server and client',
  async run(options) {
    const rows = await inRounds('hello', options, async (server, seconds) => ({
      ...(await load(server, seconds)),
    }));
    const spoiled = failures(rows, ['caravel', ...rivals]);
    const judged =
      spoiled.length > 0
        ? spoiled
        : [
            ...noMoreThan(rows, 'cpuUsPerRequest', 'CPU us a request', rivals),
            ...noMoreThan(rows, 'p99Ms', 'p99 ms', rivals),
          ];
    const result = { bench: this.name, about: this.about, rows, judged };
    printTable(result, columns);
    return result;
  },
};
