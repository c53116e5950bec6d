// The other runtimes that can run what `workerOf` makes: each file in a process of its
// own. workerd comes with wrangler, Deno with the benchmarks' packages (bench/package.json),
// Node is the one whose binary hosts run on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { denoBinary, workerdBinary } from '../../bench/lib/peers.ts';
import { freePort } from '../../tools/platform/free_port.ts';
import { ask } from '../../tools/platform/http.ts';
import type { Module } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';

export interface Peer {
  readonly name: string;
  /** What it has to be installed by, when it is not there. */
  readonly missing: string | undefined;
  /** The Worker's answer; throws when there is none. `folder` is the caller's own. */
  ask(modules: readonly Module[], folder: string, origin: string): Promise<string>;
}

const patienceMs = 120_000;

function unpack(modules: readonly Module[], folder: string) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const { name, content } of modules) writeFileSync(path.join(folder, name), content);
}

/** A runtime that runs scripts: `command` gets the shell and its arguments. */
const ofScripts = (
  name: string,
  missing: string | undefined,
  command: readonly string[],
): Peer => ({
  name,
  missing,
  async ask(modules, folder, origin) {
    unpack(modules, folder);
    const output = path.join(folder, 'outcome.json');
    const [program = '', ...options] = command;
    const shell = inTree('tests/wpt/peers/shell.js');
    const ended = await run(
      program,
      [...options, shell, path.join(folder, 'index.js'), output, origin],
      {
        limitMs: patienceMs,
        env: { DENO_DIR: inTree('build/wpt/deno'), DENO_NO_UPDATE_CHECK: '1' },
      },
    );
    if (!existsSync(output)) throw new Error(`${name}: no outcome: ${ended.output.slice(-400)}`);
    return readFileSync(output, 'utf8');
  },
});

const workerd: Peer = {
  name: 'workerd',
  missing: existsSync(workerdBinary) ? undefined : 'npm ci',
  async ask(modules, folder, origin) {
    unpack(modules, folder);
    const port = await freePort();
    const embedded = modules.map(({ name }) => `(name = "${name}", esModule = embed "${name}")`);
    const config = path.join(folder, 'config.capnp');
    writeFileSync(
      config,
      `using Workerd = import "/workerd/workerd.capnp";
       const config :Workerd.Config = (
         services = [
           (name = "main", worker = (
             modules = [${embedded.join(', ')}],
             compatibilityDate = "2026-01-01", globalOutbound = "net")),
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
        const where = `http://127.0.0.1:${port}/?origin=${encodeURIComponent(origin)}`;
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
  },
};

const deno = ofScripts('Deno', existsSync(denoBinary) ? undefined : 'npm ci --prefix bench', [
  denoBinary,
  'run',
  '--allow-all',
  '--no-lock',
  '--no-config',
]);

const node = ofScripts('Node', undefined, [process.execPath, '--no-warnings']);

export const peers: readonly Peer[] = [workerd, deno, node];
