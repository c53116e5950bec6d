// Starts and stops the servers that are measured.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { residentSetBytes } from '../../tools/platform/process_tree.ts';

export const root = path.resolve(import.meta.dirname, '../..');
export const scratch = path.join(root, 'build/bench');

/** The server's core and the client's, so that neither disturbs the other. */
export const serverCore = '0';
export const clientCore = '1';

/** Keeps all threads of a process, and what they start, to `core`. */
export function pin(pid: number, core: string) {
  execFileSync('taskset', ['-a', '-c', '-p', core, `${pid}`], { stdio: 'ignore' });
}

/** Resident bytes of a Node that has started and does nothing, as hosts are started. */
export async function bareNode(): Promise<number> {
  const child = spawn(process.execPath, [
    '--no-node-snapshot',
    '-e',
    'console.log(1); setInterval(() => {}, 1e9)',
  ]);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const bytes = residentSetBytes(child.pid as number);
  child.kill('SIGKILL');
  return bytes;
}

/** Tries `attempt` until it gives a value; says `what` when the time is over. */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T | undefined>,
  limitMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const value = await attempt();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A server process of which the client knows the address. */
export class Server {
  readonly name: string;
  readonly pid: number;
  readonly origin: string;
  /** From its start to its first answer. */
  readonly readyMs: number;
  readonly #child: ChildProcess;

  private constructor(name: string, child: ChildProcess, origin: string, readyMs: number) {
    this.name = name;
    this.readyMs = readyMs;
    this.pid = child.pid as number;
    this.origin = origin;
    this.#child = child;
  }

  /**
   * Starts `command` on the server's core; ready when GET / is answered with 200.
   * What it prints goes to build/bench/NAME.log.
   */
  static async start(
    name: string,
    port: number,
    command: readonly string[],
    env: Record<string, string> = {},
  ): Promise<Server> {
    mkdirSync(scratch, { recursive: true });
    const log = createWriteStream(path.join(scratch, `${name}.log`));
    const started = performance.now();
    const child = spawn('taskset', ['-c', serverCore, ...command], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.removeListener('exit', kill));
    const origin = `http://127.0.0.1:${port}`;
    await eventually(`${name} answers GET / with 200`, async () => {
      if (child.exitCode !== null) {
        throw new Error(`${name} ended with ${child.exitCode}; see ${log.path}`);
      }
      try {
        const answer = await fetch(origin, { signal: AbortSignal.timeout(1000) });
        await answer.arrayBuffer();
        return answer.status === 200 ? true : undefined;
      } catch {
        return undefined;
      }
    });
    return new Server(name, child, origin, performance.now() - started);
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(timer);
  }
}
