// Real servers of Debian's, each in a folder of its own on a free port, for the
// packages that speak to them over a socket.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../../tools/platform/free_port.ts';
import type { Service } from './worker.ts';

interface Program {
  readonly command: string;
  readonly args: (folder: string, port: number) => readonly string[];
  /** The server runs as this user when we are root. */
  readonly user?: string;
  /** Runs before the server, in its folder. */
  readonly prepare?: (folder: string, run: (command: string, args: string[]) => void) => void;
  readonly vars: (port: number) => Record<string, string>;
}

/** The ids of a user whom a server runs as when we are root. */
function idsOf(user: string | undefined) {
  if (user === undefined || process.getuid?.() !== 0) return {};
  const id = (kind: string) => Number(execFileSync('id', [kind, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

async function start({ command, args, user, prepare, vars }: Program): Promise<Service> {
  const folder = mkdtempSync(path.join(tmpdir(), 'caravel-server-'));
  const ids = idsOf(user);
  if (ids.uid !== undefined) chownSync(folder, ids.uid, ids.gid);
  prepare?.(folder, (program, programArgs) => {
    execFileSync(program, programArgs, { cwd: folder, stdio: 'pipe', ...ids });
  });
  const port = await freePort();
  const server = spawn(command, args(folder, port), { cwd: folder, stdio: 'pipe', ...ids });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (said += text));
  const ended = new Promise<void>((resolve) => {
    server.once('error', (error) => {
      said += error.message;
      resolve();
    });
    server.once('exit', () => resolve());
  });
  let running = true;
  ended.then(() => {
    running = false;
  });
  while (!(await accepts(port))) {
    if (!running) throw new Error(`${command} has ended:\n${said}`);
    await setTimeout(10);
  }
  return {
    vars: vars(port),
    stop: async () => {
      server.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const programs = '/usr/lib/postgresql/15/bin';

/** A PostgreSQL that asks for its password, by SCRAM. */
export const startPostgres = () =>
  start({
    command: `${programs}/postgres`,
    args: (folder, port) => [
      ...['-D', 'data', '-k', folder, '-p', `${port}`],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'shared_buffers=16MB'],
    ],
    user: 'postgres',
    prepare: (folder, run) => {
      writeFileSync(path.join(folder, 'password'), 'caravela', { mode: 0o644 });
      run(`${programs}/initdb`, [
        ...['-D', 'data', '-U', 'ana', '-A', 'scram-sha-256', '--pwfile', 'password'],
        ...['-E', 'UTF8', '--locale=C', '--no-sync'],
      ]);
    },
    vars: (port) => ({ DATABASE_URL: `postgres://ana:caravela@127.0.0.1:${port}/postgres` }),
  });

/** A Redis that asks for its password. */
export const startRedis = () =>
  start({
    command: 'redis-server',
    args: (_, port) => [
      ...['--port', `${port}`, '--bind', '127.0.0.1'],
      ...['--save', '', '--requirepass', 'caravela'],
    ],
    vars: (port) => ({ REDIS_URL: `redis://:caravela@127.0.0.1:${port}` }),
  });
