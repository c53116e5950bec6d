import { esModule, Platform } from '../../tools/platform/platform.ts';
import type { Bench } from '../lib/bench.ts';
import { median, quantile } from '../lib/figures.ts';
import { serverCore } from '../lib/server.ts';
import { printTable } from '../lib/table.ts';
import { Wire } from '../lib/wire.ts';

const deploymentsARound = 10;

const columns = [
  { key: 'apiP50Ms', head: 'API p50 ms', digits: 1 },
  { key: 'apiP99Ms', head: 'p99 ms', digits: 1 },
  { key: 'newP50Ms', head: 'to the new answer p50 ms', digits: 1 },
  { key: 'newP99Ms', head: 'p99 ms', digits: 1 },
  { key: 'newWorstMs', head: 'worst ms', digits: 1 },
] as const;

/** Peers have no API to deploy to while they serve: Caravel stands alone here. */
export const deploy: Bench = {
  name: 'deploy',
  about: `the API's answer to a deploy, and from then to the first answer of the new version`,
  async run(options) {
    const platform = await Platform.start([], { within: ['taskset', '-c', serverCore] });
    const deployments = deploymentsARound * options.rounds;
    const api: number[] = [];
    const seen: number[] = [];
    try {
      const wire = await Wire.open(Number(new URL(platform.http).port));
      for (let version = 0; version <= deployments; version++) {
        options.note(`deployment ${version}/${deployments}`);
        const answer = `version ${version}.`;
        const source = `export default { fetch() { return new Response('${answer}') } };`;
        const asked = performance.now();
        await platform.deploy('bench', [esModule(source)]);
        const answered = performance.now();
        // "." ends every answer, so the wire waits for any of them.
        for (;;) {
          await wire.ask('bench.localhost', '/', '.');
          if (wire.received.endsWith(answer)) break;
          if (performance.now() - answered > 10_000) throw new Error(`${answer} never came`);
        }
        if (version === 0) continue; // the first has the account's set-up in it
        api.push(answered - asked);
        seen.push(performance.now() - answered);
      }
      wire.close();
    } finally {
      await platform.stop();
    }
    const worst = Math.max(...seen);
    const values = {
      apiP50Ms: median(api),
      apiP99Ms: quantile(api, 0.99),
      newP50Ms: median(seen),
      newP99Ms: quantile(seen, 0.99),
      newWorstMs: worst,
    };
    const judged = [
      {
        what: `the new version answers at most ${worst.toFixed(1)} ms after the API, bound 100`,
        held: worst <= 100,
      },
    ];
    const rows = [{ name: 'caravel', values }];
    const result = { bench: this.name, about: this.about, rows, judged };
    printTable(result, columns);
    return result;
  },
};
