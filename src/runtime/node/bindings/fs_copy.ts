// The part of fs.cp() and fs.cpSync() that Node has natively: checks of the two
// paths, and the copy of a whole folder.
// Source: Node's documentation, "fs.cpSync()".
import type { Realm } from '../binding.ts';
import { type Entry, Folder, RegularFile, SymbolicLink } from '../files/entries.ts';
import { changeMode, changeTimes } from '../files/tree.ts';
import type { Loose } from '../loose.ts';
import type { Files } from './fs.ts';
import { textOf } from './fs_calls.ts';
import { entriesOf } from './fs_results.ts';

function refuse(code: string, message: string): never {
  const error: Loose = new Error(message);
  error.code = code;
  throw error;
}

interface How {
  readonly force: boolean;
  readonly dereference: boolean;
  readonly errorOnExist: boolean;
  readonly verbatimSymlinks: boolean;
  readonly preserveTimestamps: boolean;
}

export function copyCalls({ require }: Realm, { calls, tree }: Files): Loose {
  const { attempt, later } = calls;
  const path = require('path');

  function entryAt(at: string, follow: boolean): Entry | undefined {
    try {
      return tree.place(at, follow).entry;
    } catch {
      return undefined;
    }
  }

  function checkPaths(from: string, to: string, dereference: boolean, recursive: boolean): void {
    const source = attempt('lstat', [from], () => tree.find(from, dereference));
    const target = entryAt(to, dereference);
    if (source === target) refuse('ERR_FS_CP_EINVAL', `src and dest cannot be the same ${to}`);
    if (target !== undefined) {
      if (source instanceof Folder && !(target instanceof Folder))
        refuse(
          'ERR_FS_CP_DIR_TO_NON_DIR',
          `Cannot overwrite non-directory ${to} with directory ${from}`,
        );
      if (!(source instanceof Folder) && target instanceof Folder)
        refuse(
          'ERR_FS_CP_NON_DIR_TO_DIR',
          `Cannot overwrite directory ${to} with non-directory ${from}`,
        );
    }
    if (source instanceof Folder && !recursive)
      refuse('ERR_FS_EISDIR', `Recursive option not enabled, cannot copy a directory: ${from}`);
    if (source instanceof Folder && `${path.resolve(to)}/`.startsWith(`${path.resolve(from)}/`))
      refuse('ERR_FS_CP_EINVAL', `Cannot copy ${from} to a subdirectory of self ${to}`);
    attempt('mkdir', [path.dirname(to)], () => tree.makeFolders(path.dirname(to), 0o777));
  }

  function keepTimes(source: Entry, to: string): void {
    changeTimes(tree.find(to), source.atime, source.mtime);
  }

  function copyLink(from: string, link: SymbolicLink, to: string, how: How): void {
    const target = how.verbatimSymlinks
      ? link.target
      : path.resolve(path.dirname(from), link.target);
    if (entryAt(to, false) !== undefined) {
      if (!how.force && how.errorOnExist) exists(to);
      if (!how.force) return;
      attempt('unlink', [to], () => tree.unlink(to));
    }
    attempt('symlink', [target, to], () => tree.symlink(target, to));
  }

  function exists(to: string): never {
    refuse(
      'ERR_FS_CP_EEXIST',
      `[ERR_FS_CP_EEXIST]: Target already exists: cp returned EEXIST (${to} already exists)`,
    );
  }

  function copyFile(from: string, to: string, how: How): void {
    if (entryAt(to, true) !== undefined) {
      if (!how.force && how.errorOnExist) exists(to);
      if (!how.force) return;
    }
    attempt('cp', [from, to], () => {
      tree.copyFile(from, to, false);
      if (how.preserveTimestamps) keepTimes(tree.find(from), to);
    });
  }

  function copyFolder(from: string, to: string, how: How): void {
    const source = attempt('cp', [from], () => tree.list(from));
    if (entryAt(to, true) === undefined) {
      attempt('mkdir', [to], () => tree.makeFolders(to, 0o777));
      attempt('chmod', [to], () => changeMode(tree.find(to), source.permissions | 0o200));
    }
    for (const [name, found] of entriesOf(source)) {
      const inner = `${from}/${name}`;
      const target = `${to}/${name}`;
      const entry = how.dereference ? (entryAt(inner, true) ?? found) : found;
      const taken = entryAt(target, !(entry instanceof SymbolicLink));
      if (entry instanceof Folder) {
        if (taken !== undefined && !(taken instanceof Folder))
          refuse(
            'ERR_FS_CP_DIR_TO_NON_DIR',
            `Cannot overwrite non-directory ${target} with directory ${inner}`,
          );
        copyFolder(inner, target, how);
      } else if (entry instanceof SymbolicLink) copyLink(inner, entry, target, how);
      else copyFile(inner, target, how);
    }
    if (how.preserveTimestamps) keepTimes(source, to);
  }

  const howOf = (
    force: boolean,
    dereference: boolean,
    errorOnExist: boolean,
    verbatimSymlinks: boolean,
    preserveTimestamps: boolean,
  ): How => ({ force, dereference, errorOnExist, verbatimSymlinks, preserveTimestamps });
  type Options = Parameters<typeof howOf>;

  class CpDirJob {
    ondone: Loose = undefined;
    readonly #args: [from: unknown, to: unknown, ...Options];

    constructor(...args: [from: unknown, to: unknown, ...Options]) {
      this.#args = args;
    }
    run(): void {
      const [from, to, ...options] = this.#args;
      let error: unknown = null;
      try {
        copyFolder(textOf(from), textOf(to), howOf(...options));
      } catch (failure) {
        error = failure;
      }
      later(() => this.ondone(error));
    }
  }

  return {
    CpDirJob,
    cpSyncCheckPaths(from: unknown, to: unknown, dereference: boolean, recursive: boolean) {
      checkPaths(textOf(from), textOf(to), dereference, recursive);
    },
    cpSyncOverrideFile(from: unknown, to: unknown, _mode: number, preserveTimestamps: boolean) {
      attempt('cp', [from, to], () => {
        const target = textOf(to);
        if (!(tree.find(target, false) instanceof RegularFile)) tree.unlink(target);
        tree.copyFile(textOf(from), target, false);
        if (preserveTimestamps) keepTimes(tree.find(textOf(from)), target);
      });
    },
    cpSyncCopyDir(from: unknown, to: unknown, ...options: Options) {
      copyFolder(textOf(from), textOf(to), howOf(...options));
    },
  };
}
