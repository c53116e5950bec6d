import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { cpuSeconds } from '../../tools/platform/process_tree.ts';
import type { Bench } from '../lib/bench.ts';
import { inRounds } from '../lib/rounds.ts';
import { clientCore, root, type Server } from '../lib/server.ts';
import { printTable } from '../lib/table.ts';

const columns = [
  { key: 'echoMibPerSecond', head: 'echo MiB/s', digits: 0, ratio: true },
  { key: 'echoCpuMs', head: 'CPU ms', digits: 0 },
  { key: 'transformMibPerSecond', head: 'transform MiB/s', digits: 0, ratio: true },
  { key: 'transformCpuMs', head: 'CPU ms', digits: 0 },
  { key: 'residentMib', head: 'MiB', digits: 1 },
] as const;

const bodyMebibytes = 100;

/** One body through the server: MiB a second and the server's CPU for all of it. */
async function through(server: Server, where: string) {
  const client = path.join(root, 'bench/lib/stream_client.ts');
  const { port } = new URL(server.origin);
  const before = cpuSeconds(server.pid);
  const { stdout } = await promisify(execFile)('taskset', [
    '-c',
    clientCore,
    process.execPath,
    client,
    port,
    where,
    `${bodyMebibytes}`,
  ]);
  const cpuMs = (cpuSeconds(server.pid) - before) * 1000;
  const { seconds, bytes }: { seconds: number; bytes: number } = JSON.parse(stdout);
  if (bytes < bodyMebibytes * 1024 * 1024) {
    throw new Error(`${server.name} gave back ${bytes} bytes of ${bodyMebibytes} MiB`);
  }
  return { mibPerSecond: bodyMebibytes / seconds, cpuMs };
}

export const stream: Bench = {
  name: 'stream',
  about: `${bodyMebibytes} MiB through the worker: as they come, and through a TransformStream`,
  async run(options) {
    const rows = await inRounds('stream', options, async (server) => {
      const echo = await through(server, '/');
      const transform = await through(server, '/transform');
      return {
        echoMibPerSecond: echo.mibPerSecond,
        echoCpuMs: echo.cpuMs,
        transformMibPerSecond: transform.mibPerSecond,
        transformCpuMs: transform.cpuMs,
      };
    });
    const result = { bench: this.name, about: this.about, rows, judged: [] };
    printTable(result, columns);
    return result;
  },
};
