// Workers' own runtime, as npm has it: one Worker in a process that answers one request.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from './free_port.ts';
import { ask } from './http.ts';
import type { Module } from './platform.ts';
import { workerdBinary } from './runtimes.ts';

/** What it has to be installed by, when it is not there. */
export const workerdMissing = existsSync(workerdBinary) ? undefined : 'npm ci';

const patienceMs = 120_000;

export interface WorkerdOptions {
  readonly date: string;
  readonly flags?: readonly string[];
  /** What is asked for: "/?a=b". */
  readonly where?: string;
}

/** The latest compatibility date that it knows. */
export function newestDate(): string {
  const said = execFileSync(workerdBinary, ['--version'], { encoding: 'utf8' });
  const [date] = said.match(/\d{4}-\d\d-\d\d/) ?? [];
  if (date === undefined) throw new Error(`workerd --version says: ${said}`);
  return date;
}

/** Writes the modules into `folder`, which is the caller's own and is emptied. */
export function unpack(modules: readonly Module[], folder: string) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const { name, content } of modules) writeFileSync(path.join(folder, name), content);
}

/** The Worker's answer; throws when there is none. `folder` as `unpack` has it. */
export async function askWorkerd(
  modules: readonly Module[],
  folder: string,
  options: WorkerdOptions,
): Promise<string> {
  unpack(modules, folder);
  const port = await freePort();
  const embedded = modules.map(({ name }) => `(name = "${name}", esModule = embed "${name}")`);
  const flags = (options.flags ?? []).map((flag) => JSON.stringify(flag));
  const config = path.join(folder, 'config.capnp');
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
     const config :Workerd.Config = (
       services = [
         (name = "main", worker = (
           modules = [${embedded.join(', ')}],
           compatibilityDate = "${options.date}",
           compatibilityFlags = [${flags.join(', ')}], globalOutbound = "net")),
         (name = "net", network = (allow = ["public", "private", "local"]))],
       sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);`,
  );
  const server = spawn(workerdBinary, ['serve', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(server, 'close');
  let printed = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed = (printed + chunk).slice(-400);
    });
  try {
    for (;;) {
      const where = `http://127.0.0.1:${port}${options.where ?? '/'}`;
      const answer = await ask(where, { limitMs: patienceMs }).catch((error) => {
        // Not listening yet.
        if (error.code === 'ECONNREFUSED' && server.exitCode === null) return undefined;
        throw new Error(`workerd: ${error}: ${printed}`);
      });
      if (answer?.status === 200) return answer.text;
      if (answer) throw new Error(`workerd: ${answer.status}: ${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    server.kill('SIGKILL');
    await ended;
  }
}
