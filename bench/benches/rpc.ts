import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../tools/platform/free_port.ts';
import { esModule, Platform } from '../../tools/platform/platform.ts';
import { workerdBinary } from '../../tools/platform/runtimes.ts';
import type { Bench } from '../lib/bench.ts';
import { median, quantile } from '../lib/figures.ts';
import { root, Server, scratch, serverCore } from '../lib/server.ts';
import { type Judged, printTable } from '../lib/table.ts';
import { Wire } from '../lib/wire.ts';

const columns = [
  { key: 'rpc p50', head: 'RPC us p50', digits: 2, ratio: true },
  { key: 'rpc p99', head: 'p99', digits: 2 },
  { key: 'fetch p50', head: 'fetch us p50', digits: 2, ratio: true },
  { key: 'fetch p99', head: 'p99', digits: 2 },
] as const;

const kinds = ['rpc', 'fetch'] as const;
/** In one request; Workers may make 1,000. */
const calls = 900;
/** The figure of docs/rpc.md, of a call of RPC with small arguments on one shard. */
const goalUs = 20;

const sourceOf = (name: string) =>
  readFileSync(path.join(root, 'bench/workers/rpc', `${name}.js`), 'utf8');

interface Subject {
  readonly name: string;
  readonly wire: Wire;
  readonly times: Record<(typeof kinds)[number], number[]>;
  stop(): Promise<void>;
}

async function caravel(): Promise<Subject> {
  const platform = await Platform.start(['--shards', '1'], {
    within: ['taskset', '-c', serverCore],
  });
  await platform.deploy('callee', [esModule(sourceOf('callee'))]);
  const bindings = [{ name: 'CALLEE', type: 'service', service: 'callee' }];
  await platform.deploy('caller', [esModule(sourceOf('caller'))], { bindings });
  return {
    name: 'caravel',
    wire: await Wire.open(Number(new URL(platform.http).port)),
    times: { rpc: [], fetch: [] },
    stop: () => platform.stop(),
  };
}

async function workerd(): Promise<Subject> {
  const port = await freePort();
  const folder = path.join(scratch, 'workerd-rpc');
  mkdirSync(folder, { recursive: true });
  for (const name of ['caller', 'callee'])
    writeFileSync(path.join(folder, `${name}.js`), sourceOf(name));
  const config = path.join(folder, 'config.capnp');
  const worker = (name: string, more = '') =>
    `(name = "${name}", worker = (modules = [(name = "index.js", esModule = embed "${name}.js")],
      compatibilityDate = "2026-01-01"${more}))`;
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
     const config :Workerd.Config = (
       services = [${worker('callee')},
         ${worker('caller', ', bindings = [(name = "CALLEE", service = "callee")]')}],
       sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "caller")]);`,
  );
  const server = await Server.start('workerd-rpc', port, [workerdBinary, 'serve', config]);
  return {
    name: 'workerd',
    wire: await Wire.open(port),
    times: { rpc: [], fetch: [] },
    stop: () => server.stop(),
  };
}

/** Microseconds of one call, within a request that makes many. */
async function timeOf(subject: Subject, kind: string): Promise<number> {
  const took = await subject.wire.ask('caller.localhost', `/${kind}?${calls}`, `sum ${calls}.`);
  return (took * 1000) / calls;
}

export const rpc: Bench = {
  name: 'rpc',
  about: 'calls between two Workers on one shard: RPC with two numbers, and fetch()',
  async run(options) {
    const subjects: Subject[] = [];
    try {
      for (const [name, start] of [
        ['caravel', caravel],
        ['workerd', workerd],
      ] as const)
        if (options.peers.length === 0 || options.peers.includes(name))
          subjects.push(await start());
      for (const subject of subjects)
        for (const kind of kinds) for (let i = 0; i < 10; i++) await timeOf(subject, kind);
      for (let round = 1; round <= options.rounds; round++)
        for (const subject of subjects)
          for (const kind of kinds) {
            options.note(`round ${round}/${options.rounds}: ${subject.name} ${kind}`);
            for (let i = 0; i < 40; i++) subject.times[kind].push(await timeOf(subject, kind));
          }
    } finally {
      for (const subject of subjects) {
        subject.wire.close();
        await subject.stop();
      }
    }
    const rows = subjects.map(({ name, times }) => ({
      name,
      values: Object.fromEntries(
        kinds.flatMap((kind) => [
          [`${kind} p50`, median(times[kind])],
          [`${kind} p99`, quantile(times[kind], 0.99)],
        ]),
      ),
    }));
    const ours = rows.find(({ name }) => name === 'caravel')?.values['rpc p50'];
    const judged: Judged[] =
      ours === undefined
        ? []
        : [{ what: `RPC: p50 ${ours.toFixed(2)} us, under ${goalUs}`, held: ours < goalUs }];
    const result = { bench: this.name, about: this.about, rows, judged };
    printTable(result, columns);
    return result;
  },
};
