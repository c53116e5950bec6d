// The other runtimes that can run what `workerOf` makes: each file in a process of its
// own. workerd comes with wrangler, Deno with the benchmarks' packages (bench/package.json),
// Node is the one whose binary hosts run on.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Module } from '../../tools/platform/platform.ts';
import { denoBinary } from '../../tools/platform/runtimes.ts';
import { askWorkerd, unpack, workerdMissing } from '../../tools/platform/workerd.ts';
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
  missing: workerdMissing,
  ask: (modules, folder, origin) =>
    askWorkerd(modules, folder, {
      date: '2026-01-01',
      where: `/?origin=${encodeURIComponent(origin)}`,
    }),
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
