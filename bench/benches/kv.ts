import { closeSync, fdatasyncSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';
import { esModule, Platform } from '../../tools/platform/platform.ts';
import type { Bench } from '../lib/bench.ts';
import { median, quantile } from '../lib/figures.ts';
import { root, serverCore } from '../lib/server.ts';
import { type Judged, printTable } from '../lib/table.ts';
import { Wire } from '../lib/wire.ts';
import { load } from '../lib/wrk.ts';

const columns = [
  { key: 'hotUs', head: 'hot get us p50', digits: 1 },
  { key: 'coldUs', head: 'cold get us p50', digits: 1 },
  { key: 'coldP99Us', head: 'p99', digits: 1 },
  { key: 'putUs', head: 'put us p50', digits: 0 },
  { key: 'syncUs', head: 'fdatasync us p50', digits: 0 },
  { key: 'hotRate', head: 'hot req/s', digits: 0 },
  { key: 'helloRate', head: 'hello req/s', digits: 0 },
] as const;

/** In one request; Workers may make 1,000. */
const calls = { hot: 900, cold: 200, put: 50 } as const;

const source = readFileSync(path.join(root, 'bench/workers/kv/index.js'), 'utf8');

/** What the disk under the data folder takes for a page and its sync. */
function syncTimes(folder: string): number[] {
  const file = path.join(folder, 'bench-sync');
  const fd = openSync(file, 'w');
  const page = Buffer.alloc(4096);
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    const began = performance.now();
    writeSync(fd, page, 0, page.length, i * page.length);
    fdatasyncSync(fd);
    times.push((performance.now() - began) * 1000);
  }
  closeSync(fd);
  unlinkSync(file);
  return times;
}

function judge(values: Record<string, number>): Judged[] {
  const { hotUs = 0, coldUs = 0, putUs = 0, syncUs = 0, hotRate = 0, helloRate = 1 } = values;
  const rate = hotRate / helloRate;
  return [
    { what: `hot get p50 ${hotUs.toFixed(1)} us, bound 20`, held: hotUs < 20 },
    { what: `cold get p50 ${coldUs.toFixed(1)} us, bound 150`, held: coldUs < 150 },
    {
      what: `put p50 ${(putUs / syncUs).toFixed(1)} x of one fdatasync, bound 3`,
      held: putUs <= 3 * syncUs,
    },
    {
      what: `a request with a hot get at ${rate.toFixed(2)} of hello's rate, at least 0.6`,
      held: rate >= 0.6,
    },
  ];
}

/** No peer keeps what it is given on disk: Caravel stands alone here. */
export const kv: Bench = {
  name: 'kv',
  about: 'Workers KV: get from memory, get from caraveld, put; and a hot get in each request',
  async run(options) {
    const platform = await Platform.start(['--shards', '1'], {
      within: ['taskset', '-c', serverCore],
    });
    const times = { hot: [] as number[], cold: [] as number[], put: [] as number[] };
    const rates = { kv: [] as number[], hello: [] as number[] };
    let sync: number[] = [];
    try {
      const where = `/accounts/${platform.account}/storage/kv/namespaces`;
      const { id } = (await platform.ask<{ id: string }>('POST', where, { title: 'bench' })).result;
      await platform.deploy('kv', [esModule(source)], {
        bindings: [{ name: 'KV', type: 'kv_namespace', namespace_id: id }],
      });
      await platform.deploy('hello', [
        esModule(`export default { fetch() { return new Response('a value') } };`),
      ]);
      await platform.ask('PUT', `${where}/${id}/values/hot`, 'a value');
      const port = new URL(platform.http).port;
      const wire = await Wire.open(Number(port));
      let keys = 0;
      const timeOf = async (what: keyof typeof calls) => {
        const query = `/?what=${what}&times=${calls[what]}&keys=${what}${keys++}`;
        const took = await wire.ask('kv.localhost', query, `did ${calls[what]}.`);
        times[what].push((took * 1000) / calls[what]);
      };
      const rateOf = async (name: keyof typeof rates) => {
        const origin = `http://127.0.0.1:${port}`;
        const { requestsPerSecond } = await load({ pid: platform.pid, origin }, options.seconds, {
          host: `${name}.localhost`,
        });
        rates[name].push(requestsPerSecond);
      };
      for (const what of ['hot', 'cold', 'put'] as const) {
        for (let i = 0; i < 5; i++) await timeOf(what);
        times[what].length = 0;
      }
      for (let round = 1; round <= options.rounds; round++) {
        options.note(`round ${round}/${options.rounds}`);
        for (const what of ['hot', 'cold', 'put'] as const)
          for (let i = 0; i < 20; i++) await timeOf(what);
        sync = [...sync, ...syncTimes(platform.data)];
        await rateOf('hello');
        await rateOf('kv');
      }
      wire.close();
    } finally {
      await platform.stop();
    }
    const values = {
      hotUs: median(times.hot),
      coldUs: median(times.cold),
      coldP99Us: quantile(times.cold, 0.99),
      putUs: median(times.put),
      syncUs: median(sync),
      hotRate: median(rates.kv),
      helloRate: median(rates.hello),
    };
    const rows = [{ name: 'caravel', values }];
    const result = { bench: this.name, about: this.about, rows, judged: judge(values) };
    printTable(result, columns);
    return result;
  },
};
