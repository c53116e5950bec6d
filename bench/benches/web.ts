// What one operation of the web platform costs, in CPU time of the server's process:
// seen from outside, since a Worker's clock stands still while it computes. A request
// does the operation COUNT times; of its CPU time that of an empty one is taken off.

import { cpuNanoseconds } from '../../tools/platform/process_tree.ts';
import type { Bench, BenchOptions } from '../lib/bench.ts';
import { median } from '../lib/figures.ts';
import { peersFor } from '../lib/peers.ts';
import type { Server } from '../lib/server.ts';
import { type Judged, printTable, type Row } from '../lib/table.ts';

/**
 * Whose time an operation is: V8's alone (`engine`), that of native code of ours, too
 * (`native`), or that of Node's library over such code (`node`): it is judged as V8's is,
 * by Node, whose library it is.
 */
type Kind = 'engine' | 'native' | 'node';

interface Operation {
  readonly name: string;
  readonly about: string;
  readonly kind: Kind;
}

const operations: readonly Operation[] = [
  { name: 'url', about: 'parse a URL', kind: 'native' },
  { name: 'headers', about: 'make Headers, read them', kind: 'native' },
  { name: 'request', about: 'make a Request', kind: 'native' },
  { name: 'response', about: 'make a Response', kind: 'native' },
  { name: 'text', about: '10 KB of text to a body and back', kind: 'native' },
  { name: 'json', about: '8 KB of JSON from a body and back', kind: 'native' },
  { name: 'stream', about: '10 MB through a TransformStream', kind: 'native' },
  { name: 'gzip', about: '1 MB to gzip', kind: 'native' },
  { name: 'gunzip', about: '1 MB from gzip', kind: 'native' },
  { name: 'sha256', about: 'SHA-256 of 64 KB', kind: 'native' },
  { name: 'aesGcm', about: 'AES-GCM of 64 KB, both ways', kind: 'native' },
  { name: 'rewrite', about: 'HTMLRewriter over 1 MB', kind: 'native' },
  { name: 'strings', about: 'strings scanned, cut and split', kind: 'engine' },
  { name: 'structuredClone', about: 'structuredClone of an order', kind: 'engine' },
  { name: 'buffer', about: 'Buffer: convert, join, search', kind: 'node' },
  { name: 'promises', about: 'await', kind: 'engine' },
  { name: 'asyncLocalStorage', about: 'await within AsyncLocalStorage', kind: 'engine' },
  { name: 'react', about: 'React SSR of 1,000 elements', kind: 'engine' },
];

/** CPU time that one measurement aims at. */
const aimedNs = 250e6;
const peerNames = ['caravel', 'node', 'deno', 'workerd', 'bun'] as const;
const onV8 = ['node', 'deno', 'workerd'] as const;

interface Run {
  readonly cpuNs: number;
  /** Undefined where the runtime does not have it. */
  readonly made: string | undefined;
}

async function run(server: Server, name: string, count: number): Promise<Run> {
  const before = cpuNanoseconds(server.pid);
  const answer = await fetch(`${server.origin}/${name}/${count}`);
  const text = await answer.text();
  const cpuNs = cpuNanoseconds(server.pid) - before;
  if (!answer.ok) throw new Error(`${server.name}: ${name}: ${text}`);
  return { cpuNs, made: text === 'ready' ? undefined : text };
}

/** How often to do an operation so that it takes as long as is aimed at, warmed up. */
async function calibrate(server: Server, name: string): Promise<number> {
  let count = 1;
  for (;;) {
    const { cpuNs, made } = await run(server, name, count);
    if (made === undefined) return 0;
    if (cpuNs > aimedNs / 2) return Math.max(1, Math.round((count * aimedNs) / cpuNs));
    count *= cpuNs > aimedNs / 20 ? Math.ceil(aimedNs / cpuNs) : 8;
  }
}

interface Subject {
  readonly server: Server;
  readonly count: number;
  readonly usPerOperation: number[];
}

async function measure(
  { name, about }: Operation,
  servers: readonly Server[],
  { rounds, note }: BenchOptions,
): Promise<Row> {
  const subjects: Subject[] = [];
  const made = new Map<string, string[]>();
  for (const server of servers) {
    note(`${name}: ${server.name} warms up`);
    const count = await calibrate(server, name);
    if (count === 0) continue;
    subjects.push({ server, count, usPerOperation: [] });
    const result = (await run(server, name, 3)).made ?? '';
    made.set(result, [...(made.get(result) ?? []), server.name]);
  }
  if (made.size > 1) {
    const differ = [...made].map(([result, names]) => `${names.join(', ')}: ${result}`);
    throw new Error(`${name}: the runtimes make different things:\n${differ.join('\n')}`);
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { server, count, usPerOperation } of subjects) {
      note(`${name}: round ${round}/${rounds}: ${server.name}`);
      const empty = (await run(server, 'empty', 1)).cpuNs;
      const { cpuNs } = await run(server, name, count);
      usPerOperation.push((cpuNs - empty) / count / 1000);
    }
  }
  return {
    name: `${name}: ${about}`,
    values: Object.fromEntries(
      subjects.map(({ server, usPerOperation }) => [server.name, median(usPerOperation)]),
    ),
  };
}

/** How fast Caravel is beside `names`' best: 1 as fast, 2 twice as fast. */
function speedBeside(row: Row, names: readonly string[]): number | undefined {
  const ours = row.values.caravel;
  const theirs = names.map((name) => row.values[name]).filter((value) => value !== undefined);
  return ours === undefined || theirs.length === 0 ? undefined : Math.min(...theirs) / ours;
}

function judge(operation: Operation, row: Row): Judged | undefined {
  const { name, kind } = operation;
  const native = kind === 'native';
  const speed = speedBeside(row, native ? onV8 : ['node']);
  if (speed === undefined) return undefined;
  const bound = native ? 0.9 : 0.95;
  const whom = native ? 'the best of Node, Deno and workerd' : 'Node';
  const whose = kind === 'node' ? ' (native code of Caravel in it)' : '';
  return {
    what: `${name}${whose}: ${speed.toFixed(2)} times as fast as ${whom}, at least ${bound}`,
    held: speed >= bound,
  };
}

const columns = [
  ...peerNames.map((name) => ({ key: name, head: `${name} us`, digits: 2 })),
  { key: 'besideV8', head: '× best V8 peer', digits: 2 },
  { key: 'besideNode', head: '× Node', digits: 2 },
];

export const web: Bench = {
  name: 'web',
  about: 'operations of the web platform and of Node: CPU time of one',
  async run(options) {
    const servers: Server[] = [];
    const rows: Row[] = [];
    const judged: Judged[] = [];
    try {
      for (const peer of peersFor('web', options.peers)) {
        options.note(`start ${peer.name}`);
        servers.push(await peer.start('web'));
      }
      for (const operation of operations) {
        const row = await measure(operation, servers, options);
        const besideV8 = speedBeside(row, onV8);
        const besideNode = speedBeside(row, ['node']);
        rows.push({ name: row.name, values: { ...row.values, besideV8, besideNode } });
        const judgement = judge(operation, row);
        if (judgement) judged.push(judgement);
      }
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
    const ofNative = rows.filter(
      ({ values }, index) => operations[index]?.kind === 'native' && values.besideV8,
    );
    const first = ofNative.filter(({ values }) => (values.besideV8 ?? 0) >= 1).length;
    if (ofNative.length > 0) {
      judged.push({
        what: `first in ${first} of the ${ofNative.length} operations with native code`,
        held: first * 2 > ofNative.length,
      });
    }
    const result = { bench: this.name, about: this.about, rows, judged };
    printTable(result, columns);
    return result;
  },
};
