// The load generator of Debian, pinned to the client's core.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
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

/** 64 connections, each with one request at a time. */
export async function load(
  server: Pick<Server, 'pid' | 'origin'>,
  seconds: number,
  { bodyFile, path: where = '/', host }: Request = {},
): Promise<Load> {
  const before = cpuSeconds(server.pid);
  // Many large answers at a time may each take longer than its own two seconds.
  const patience = '--timeout=20s';
  const args = ['-c', clientCore, 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, patience];
  const named = host ? ['-H', `Host: ${host}`] : [];
  const script = ['-s', path.join(root, 'bench/wrk.lua'), ...named, `${server.origin}${where}`];
  const body = bodyFile ? ['--', bodyFile] : [];
  const { stdout } = await promisify(execFile)('taskset', [...args, ...script, ...body]);
  const cpu = cpuSeconds(server.pid) - before;
  const line = stdout.split('\n').findLast((text) => text.startsWith('{'));
  if (!line) throw new Error(`wrk did not report:\n${stdout}`);
  const report: WrkReport = JSON.parse(line);
  return {
    requestsPerSecond: (report.requests * 1e6) / report.us,
    p50Ms: report.p50 / 1000,
    p99Ms: report.p99 / 1000,
    cpuUsPerRequest: (cpu * 1e6) / report.requests,
    failed: report.failed,
  };
}
