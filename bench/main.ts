// ./caravel bench [NAME …] [--json FILE] [--rounds N] [--seconds N] [--peers a,b]
// ./caravel bench --beside DIR [--json FILE] [--rounds N] [--seconds N]
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { assets } from './benches/assets.ts';
import { beside, notBuilt } from './benches/beside.ts';
import { cold } from './benches/cold.ts';
import { density } from './benches/density.ts';
import { deploy } from './benches/deploy.ts';
import { hello } from './benches/hello.ts';
import { json } from './benches/json.ts';
import { kv } from './benches/kv.ts';
import { newcomer } from './benches/newcomer.ts';
import { rateLimit } from './benches/rate_limit.ts';
import { rpc } from './benches/rpc.ts';
import { start } from './benches/start.ts';
import { stream } from './benches/stream.ts';
import { tail } from './benches/tail.ts';
import { web } from './benches/web.ts';
import { websocket } from './benches/websocket.ts';
import type { Bench } from './lib/bench.ts';
import { clientCore, pin } from './lib/server.ts';
import type { Result } from './lib/table.ts';

const benches: readonly Bench[] = [
  hello,
  json,
  stream,
  assets,
  cold,
  density,
  deploy,
  start,
  web,
  websocket,
  rpc,
  kv,
  rateLimit,
  tail,
  newcomer,
];

const usage = `./caravel bench [NAME …] [--json FILE] [--rounds N] [--seconds N] [--peers NAME,NAME]
./caravel bench --beside DIR [--json FILE] [--rounds N] [--seconds N]

Measures Caravel beside its peers and prints a table for each benchmark. The
server runs on the first core, the client on the second. Rounds are interleaved
and the figures are their medians (5 rounds, of 4 seconds where what is measured
has no length of its own); cold and deploy, which time single requests, take
those of all rounds together. density reads resident memory, once, of one peer
after the other. --beside measures hello of this build and of that in another
clone, in turns short enough to see a difference of one percent: give it rounds of
10 seconds.

${benches.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}

Figures mean something only on a machine that does nothing else.`;

function fail(message: string): never {
  console.error(`caravel bench: ${message}`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'string' },
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '4' },
        peers: { type: 'string', default: '' },
        beside: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    fail(`${(error as Error).message}\n\n${usage}`);
  }
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    fail(`--${option} ${text}: give a whole number above 0`);
  return number;
}

const { values, positionals } = parse();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
for (const name of positionals) {
  if (!benches.some((bench) => bench.name === name)) {
    fail(`no benchmark is called "${name}"; there are ${benches.map((b) => b.name).join(', ')}`);
  }
}
if (cpus().length < 2) fail('needs two cores, one for the server and one for the client');

// What asks from within this process is a client, too; servers name their core.
pin(process.pid, clientCore);

const onTerminal = process.stderr.isTTY === true;
const options = {
  rounds: positive('rounds', values.rounds),
  seconds: positive('seconds', values.seconds),
  peers: values.peers.split(',').filter(Boolean),
  note: (text: string) => {
    if (onTerminal) process.stderr.write(`\r\x1b[K${text}`);
  },
};

async function measure(): Promise<Result[]> {
  if (values.beside === undefined) {
    const results: Result[] = [];
    for (const bench of benches) {
      if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
      results.push(await bench.run(options));
      options.note('');
    }
    return results;
  }
  if (positionals.length > 0 || options.peers.length > 0)
    fail('--beside measures hello of two builds: leave names and --peers out');
  if (options.rounds < 2) fail('--beside needs two rounds or more, to tell how sure it is');
  const clone = path.resolve(values.beside);
  const why = notBuilt(clone);
  if (why) fail(`--beside: ${why}`);
  return [await beside(clone, options)];
}

const results = await measure();
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
process.exit(results.every(({ judged }) => judged.every(({ held }) => held)) ? 0 : 1);
