// Packages from npm that tests deploy, installed when a suite first needs them.
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { run } from '../test/process.ts';

/** Installs by the folder's lockfile; undefined, or what went wrong. */
export async function installPackages(folder: string): Promise<string | undefined> {
  const lockfile = path.join(folder, 'package-lock.json');
  const installed = path.join(folder, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs > statSync(lockfile).mtimeMs) return;
  const ended = await run('npm', ['ci', '--no-progress'], { cwd: folder });
  return ended.code === 0 ? undefined : ended.output;
}
