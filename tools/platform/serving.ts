// `caravel serve` for tests: projects in a folder of their own, and what it prints.
import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { root } from '../test/paths.ts';
import { caravelBinary, temporaryFolder } from './platform.ts';

/** A URL with a port, as `serve` prints it. */
export const servedUrl = /http:\/\/[\w.[\]:-]+:\d+/;

/** The text of a configuration whose code is index.js. */
export const configured = (name: string, more: object = {}) =>
  JSON.stringify({ name, main: 'index.js', compatibility_date: '2026-01-01', ...more });

export class Serving {
  readonly folder = temporaryFolder();
  readonly #started: ChildProcess[] = [];

  /** Ends all that was started, and removes the folder. */
  stop() {
    for (const child of this.#started) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Writes a project below the folder of all; its path. */
  write(name: string, files: Readonly<Record<string, string>>): string {
    const project = path.join(this.folder, name);
    mkdirSync(project, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(path.join(project, file), text);
    return project;
  }

  /** Starts it on a free port; resolves with its address as it prints it. */
  async serve(project: string, ...flags: readonly string[]) {
    const child = this.#spawn([project, ...flags]);
    let printed = '';
    child.stderr.on('data', (chunk) => {
      printed += chunk;
    });
    for await (const line of createInterface({ input: child.stdout })) {
      printed += `${line}\n`;
      const url = servedUrl.exec(line)?.[0];
      if (url) return { url, child };
    }
    throw new Error(`caravel serve ended without an address:\n${printed}`);
  }

  /** Starts it on a free port; `until` resolves with what it printed that matches. */
  follow(...words: readonly string[]) {
    return this.#follow(this.#spawn(words));
  }

  /** The same in that folder. `interrupt` is Ctrl-C, which all that it started gets too. */
  followIn(cwd: string, ...words: readonly string[]) {
    const child = this.#spawn(words, { cwd, detached: true });
    const interrupt = async () => {
      if (child.pid === undefined) throw new Error('it did not start');
      const ended = once(child, 'close');
      process.kill(-child.pid, 'SIGINT');
      return (await ended)[0];
    };
    return { ...this.#follow(child), interrupt };
  }

  #follow(child: ChildProcessByStdio<null, Readable, Readable>) {
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        printed += chunk;
      });
    const until = async (pattern: RegExp) => {
      for (;;) {
        const found = pattern.exec(printed);
        if (found) return found[0];
        assert.equal(child.exitCode, null, printed);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    return { until, printed: () => printed };
  }

  #spawn(words: readonly string[], options: { cwd?: string; detached?: boolean } = {}) {
    const child = spawn(caravelBinary, ['serve', '--port', '0', ...words], {
      ...options,
      env: { ...process.env, CARAVEL_ROOT: root },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#started.push(child);
    return child;
  }
}
