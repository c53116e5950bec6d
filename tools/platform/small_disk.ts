// A small file system of its own (tmpfs, in a private mount namespace), to fill up
// or to make read-only: root may write anywhere else, whatever the modes say.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { run } from '../test/process.ts';
import { temporaryFolder } from './platform.ts';

/** Why this machine makes no such disk; false when it does. */
export async function smallDiskRefusal(): Promise<string | false> {
  const tried = await run('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']);
  return tried.code === 0 ? false : `no private mounts here: ${tried.output.trim()}`;
}

export class SmallDisk {
  /** Where it is mounted, for the processes of its namespace. */
  readonly folder: string;
  /** What a command is started by, to see it. */
  readonly within: readonly string[];
  readonly #holder: ChildProcess;

  private constructor(folder: string, holder: ChildProcess) {
    this.folder = folder;
    this.within = ['nsenter', '-t', `${holder.pid}`, '-m'];
    this.#holder = holder;
  }

  static async make(megabytes: number): Promise<SmallDisk> {
    const folder = temporaryFolder();
    const script = `mount -t tmpfs -o size=${megabytes}m none "$1" && echo mounted && read -r _`;
    const holder = spawn('unshare', ['-m', 'bash', '-c', script, 'bash', folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    for await (const _ of createInterface({ input: holder.stdout })) {
      return new SmallDisk(folder, holder);
    }
    throw new Error('the disk was not mounted');
  }

  /** The same folder as this process can reach it. */
  #at(name: string) {
    return path.join(`/proc/${this.#holder.pid}/root`, this.folder, name);
  }

  read(name: string): string {
    return readFileSync(this.#at(name), 'utf8');
  }

  /** Writes until not a byte more fits. */
  fill() {
    const file = openSync(this.#at('ballast'), 'w');
    try {
      for (const chunk of [Buffer.alloc(65_536), Buffer.alloc(1)]) {
        try {
          for (;;) writeSync(file, chunk);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
    } finally {
      closeSync(file);
    }
  }

  empty() {
    rmSync(this.#at('ballast'));
  }

  async makeReadOnly() {
    const args = [...this.within.slice(1), 'mount', '-o', 'remount,ro', this.folder];
    const ended = await run('nsenter', args);
    if (ended.code !== 0) throw new Error(`remount failed:\n${ended.output}`);
  }

  /** Unmounts it; nothing that was started within runs any more. */
  remove() {
    this.#holder.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
