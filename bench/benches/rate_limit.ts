import { esModule, Platform } from '../../tools/platform/platform.ts';
import type { Bench } from '../lib/bench.ts';
import { median, quantile } from '../lib/figures.ts';
import { serverCore } from '../lib/server.ts';
import { type Judged, printTable } from '../lib/table.ts';
import { Wire } from '../lib/wire.ts';
import { load } from '../lib/wrk.ts';

const columns = [
  { key: 'callUs', head: 'call us p50', digits: 2 },
  { key: 'callP99Us', head: 'p99', digits: 2 },
  { key: 'limitedRate', head: 'limited req/s', digits: 0 },
  { key: 'helloRate', head: 'hello req/s', digits: 0 },
] as const;

/** In one request, with as many keys as a busy Worker has clients. */
const calls = 2000;

const source = `let clients = 0;
export default { async fetch(request, { LIMIT }) {
  const times = Number(new URL(request.url).searchParams.get('times') ?? 1);
  for (let i = 0; i < times; i++) await LIMIT.limit({ key: 'client ' + (clients++ % 10_000) });
  return new Response('did ' + times + '.');
} };`;

function judge(values: Record<string, number>): Judged[] {
  const { callUs = 0, limitedRate = 0, helloRate = 1 } = values;
  const rate = limitedRate / helloRate;
  return [
    { what: `a call p50 ${callUs.toFixed(2)} us, bound 10`, held: callUs < 10 },
    {
      what: `a request with a call at ${rate.toFixed(2)} of hello's rate, at least 0.6`,
      held: rate >= 0.6,
    },
  ];
}

/** Peers count in one process of their own: Caravel stands alone here. */
export const rateLimit: Bench = {
  name: 'rate_limit',
  about: 'rate limits: a call, one after the other, and one in each request',
  async run(options) {
    const platform = await Platform.start(['--shards', '1'], {
      within: ['taskset', '-c', serverCore],
    });
    const times: number[] = [];
    const rates = { limited: [] as number[], hello: [] as number[] };
    try {
      const simple = { limit: 1_000_000_000, period: 60 };
      await platform.deploy('limited', [esModule(source)], {
        bindings: [{ name: 'LIMIT', type: 'ratelimit', namespace_id: '1', simple }],
      });
      await platform.deploy('hello', [
        esModule(`export default { fetch() { return new Response('did 1.') } };`),
      ]);
      const port = new URL(platform.http).port;
      const wire = await Wire.open(Number(port));
      const timeOf = async () => {
        const took = await wire.ask('limited.localhost', `/?times=${calls}`, `did ${calls}.`);
        times.push((took * 1000) / calls);
      };
      const rateOf = async (name: keyof typeof rates) => {
        const origin = `http://127.0.0.1:${port}`;
        const { requestsPerSecond } = await load({ pid: platform.pid, origin }, options.seconds, {
          host: `${name}.localhost`,
        });
        rates[name].push(requestsPerSecond);
      };
      for (let i = 0; i < 10; i++) await timeOf();
      times.length = 0;
      for (let round = 1; round <= options.rounds; round++) {
        options.note(`round ${round}/${options.rounds}`);
        for (let i = 0; i < 30; i++) await timeOf();
        await rateOf('hello');
        await rateOf('limited');
      }
      wire.close();
    } finally {
      await platform.stop();
    }
    const values = {
      callUs: median(times),
      callP99Us: quantile(times, 0.99),
      limitedRate: median(rates.limited),
      helloRate: median(rates.hello),
    };
    const rows = [{ name: 'caravel', values }];
    const result = { bench: this.name, about: this.about, rows, judged: judge(values) };
    printTable(result, columns);
    return result;
  },
};
