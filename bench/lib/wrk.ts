// The load generator of Debian, pinned to the client's core.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { cpuSeconds } from '../../tools/platform/process_tree.ts';
import { clientCore, root, type Server } from './server.ts';

export interface Load {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the whole server for one request. */
  readonly cpuUsPerRequest: number;
  readonly failed: number;
}

interface WrkReport {
  requests: number;
  us: number;
  p50: number;
  p99: number;
  failed: number;
}

const connections = 64;

export interface Request {
  /** A file: makes it POST. */
  readonly bodyFile?: string;
  readonly path?: string;
  readonly host?: string;
}

/** One run of wrk: the process, and what it reports at its end. */
export interface Running {
  readonly process: ChildProcess;
  readonly report: Promise<WrkReport>;
}

/** Starts 64 connections, each with one request at a time. */
export function startLoad(
  { origin }: Pick<Server, 'origin'>,
  seconds: number,
  { bodyFile, path: where = '/', host }: Request = {},
): Running {
  // Many large answers at a time may each take longer than its own two seconds.
  const patience = '--timeout=20s';
  const args = ['-c', clientCore, 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, patience];
  const named = host ? ['-H', `Host: ${host}`] : [];
  const script = ['-s', path.join(root, 'bench/wrk.lua'), ...named, `${origin}${where}`];
  const body = bodyFile ? ['--', bodyFile] : [];
  const child = spawn('taskset', [...args, ...script, ...body], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { process: child, report: text(child.stdout).then(parse) };
}

function parse(printed: string): WrkReport {
  const line = printed.split('\n').findLast((each) => each.startsWith('{'));
  if (!line) throw new Error(`wrk did not report:\n${printed}`);
  return JSON.parse(line);
}

/** The load of startLoad() alone, and what it cost. */
export async function load(
  server: Pick<Server, 'pid' | 'origin'>,
  seconds: number,
  request: Request = {},
): Promise<Load> {
  const before = cpuSeconds(server.pid);
  const report = await startLoad(server, seconds, request).report;
  const cpu = cpuSeconds(server.pid) - before;
  return {
    requestsPerSecond: (report.requests * 1e6) / report.us,
    p50Ms: report.p50 / 1000,
    p99Ms: report.p99 / 1000,
    cpuUsPerRequest: (cpu * 1e6) / report.requests,
    failed: report.failed,
  };
}
