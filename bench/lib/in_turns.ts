// Two servers in turns too short for the machine to change between them: what else
// happens on it, which differs by a third from minute to minute, falls on both alike.
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuNanoseconds } from '../../tools/platform/process_tree.ts';
import type { Server } from './server.ts';
import { startLoad } from './wrk.ts';

const turnMs = 50;

export interface Turns {
  /** CPU time of each whole server for one request. */
  readonly cpuUsPerRequest: readonly [number, number];
  readonly failed: number;
}

/** Loads one of two servers at a time, `seconds` in all, beginning with the first. */
export async function inTurns(servers: readonly [Server, Server], seconds: number): Promise<Turns> {
  const before = servers.map(({ pid }) => cpuNanoseconds(pid));
  const loads = servers.map((server) => startLoad(server, seconds));
  loads[1]?.process.kill('SIGSTOP');
  let turn = 0;
  // Each is let go on before its time is over, so that it comes to its end.
  const end = performance.now() + seconds * 1000 - 10 * turnMs;
  while (performance.now() < end) {
    await sleep(turnMs);
    loads[turn]?.process.kill('SIGSTOP');
    turn = 1 - turn;
    loads[turn]?.process.kill('SIGCONT');
  }
  for (const { process } of loads) process.kill('SIGCONT');
  const reports = await Promise.all(loads.map(({ report }) => report));
  const cost = (index: number) =>
    (cpuNanoseconds(servers[index]?.pid ?? 0) - (before[index] ?? 0)) /
    1000 /
    (reports[index]?.requests ?? 0);
  return {
    cpuUsPerRequest: [cost(0), cost(1)],
    failed: reports.reduce((sum, { failed }) => sum + failed, 0),
  };
}
