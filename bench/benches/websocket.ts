import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { cpuNanoseconds } from '../../tools/platform/process_tree.ts';
import type { Bench } from '../lib/bench.ts';
import { inRounds } from '../lib/rounds.ts';
import { clientCore, root, type Server } from '../lib/server.ts';
import { printTable } from '../lib/table.ts';

const columns = [
  { key: 'cpuUsPerMessage', head: 'CPU us/msg', digits: 2, ratio: true },
  { key: 'messagesPerSecond', head: 'msg/s', digits: 0, ratio: true },
  { key: 'p50Ms', head: 'p50 ms', digits: 2 },
  { key: 'p99Ms', head: 'p99 ms', digits: 2, ratio: true },
  { key: 'residentMib', head: 'MiB', digits: 1 },
] as const;

const connections = 64;

async function load(server: Server, seconds: number) {
  const client = path.join(root, 'bench/lib/websocket_client.ts');
  const { port } = new URL(server.origin);
  const before = cpuNanoseconds(server.pid);
  const { stdout } = await promisify(execFile)('taskset', [
    '-c',
    clientCore,
    process.execPath,
    client,
    port,
    `${connections}`,
    `${seconds}`,
  ]);
  const cpuUs = (cpuNanoseconds(server.pid) - before) / 1000;
  const {
    messages,
    seconds: took,
    p50Ms,
    p99Ms,
  } = JSON.parse(stdout) as Record<string, number> & {
    messages: number;
    seconds: number;
    p50Ms: number;
    p99Ms: number;
  };
  return {
    cpuUsPerMessage: cpuUs / messages,
    messagesPerSecond: messages / took,
    p50Ms,
    p99Ms,
  };
}

export const websocket: Bench = {
  name: 'websocket',
  about: `texts of 64 bytes that come back over ${connections} WebSockets`,
  async run(options) {
    const rows = await inRounds('websocket', options, load);
    const result = { bench: this.name, about: this.about, rows, judged: [] };
    printTable(result, columns);
    return result;
  },
};
