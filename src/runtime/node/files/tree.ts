// What can be done with paths. Each method is one system call, without open files
// (descriptors.ts), and throws a Failure.
import {
  BundleFile,
  Device,
  type Entry,
  Folder,
  now,
  type Readable,
  RegularFile,
  SymbolicLink,
} from './entries.ts';
import { fail } from './failure.ts';
import type { Root } from './root.ts';
import { type Place, realPathOf, walk } from './walk.ts';

const umask = 0o022;

export function isReadable(entry: Entry): entry is Readable {
  return entry instanceof RegularFile || entry instanceof BundleFile || entry instanceof Device;
}

export class Tree {
  readonly root: Root;
  readonly #workingFolder: () => string;

  // `workingFolder` is where relative paths begin.
  constructor(root: Root, workingFolder: () => string) {
    this.root = root;
    this.#workingFolder = workingFolder;
  }

  place(path: string, follow = true): Place {
    if (path === '') fail('ENOENT');
    return walk(
      this.root,
      path.startsWith('/') ? path : `${this.#workingFolder()}/${path}`,
      follow,
    );
  }

  find(path: string, follow = true): Entry {
    return this.place(path, follow).entry ?? fail('ENOENT');
  }

  // What there is to know of the failure `code` at `path` beside its meaning in POSIX,
  // and what to do; undefined: nothing.
  hint(code: string, path: string): string | undefined {
    if (code === 'EROFS') return 'only what is below /tmp can be written to';
    if (code !== 'ENOENT') return undefined;
    const whole = path.startsWith('/') ? path : `${this.#workingFolder()}/${path}`;
    const name = /^\/+tmp\/+([^/]+)/.exec(whole)?.[1];
    if (name === undefined || !this.root.isOfGlobalScope(name)) return undefined;
    return `code at global scope cannot make /tmp/${name} for requests, which have a /tmp each: make it in the handler`;
  }

  // With `write`, whether it may be changed.
  access(path: string, write: boolean): void {
    const entry = this.find(path);
    if (write && entry.frozen && !(entry instanceof Device)) fail('EROFS');
  }

  realPath(path: string): string {
    const place = this.place(path);
    if (place.entry === undefined) fail('ENOENT');
    return realPathOf(place);
  }

  // The file at `path`, made if there is none.
  create(path: string, permissions: number, exclusive: boolean, follow: boolean): Entry {
    const { entry, folder, name, slash } = this.place(path, follow && !exclusive);
    if (entry !== undefined) return exclusive ? fail('EEXIST') : entry;
    if (slash) fail('EISDIR');
    const file = new RegularFile(permissions & ~umask);
    folder.set(name, file);
    return file;
  }

  makeFolder(path: string, permissions: number): void {
    const { entry, folder, name } = this.place(path, false);
    if (entry !== undefined) fail('EEXIST');
    folder.set(name, new Folder(permissions & ~umask));
  }

  // With all folders above it. The first that was made; undefined: none had to be.
  makeFolders(path: string, permissions: number): string | undefined {
    const whole = path.startsWith('/') ? path : `${this.#workingFolder()}/${path}`;
    if (whole !== path) this.find(this.#workingFolder());
    let first: string | undefined;
    let at = '';
    for (const part of whole.split('/').filter((each) => each !== '' && each !== '.')) {
      at += `/${part}`;
      const { entry, folder, name } = this.place(at);
      if (entry instanceof Folder) continue;
      if (entry !== undefined) fail(at.length < whole.length ? 'ENOTDIR' : 'EEXIST');
      folder.set(name, new Folder(permissions & ~umask));
      first ??= at;
    }
    return first;
  }

  // A folder with a name that begins with `prefix` and that nobody knows.
  makeTemporary(prefix: string): string {
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
    const bytes = new Uint8Array(6);
    native.randomFill(bytes);
    const path = `${prefix}${Array.from(bytes, (byte) => letters[byte % letters.length]).join('')}`;
    this.makeFolder(path, 0o700);
    return path;
  }

  list(path: string): Folder {
    const entry = this.find(path);
    return entry instanceof Folder ? entry : fail('ENOTDIR');
  }

  unlink(path: string): void {
    const { entry, folder, name } = this.place(path, false);
    if (entry === undefined) fail('ENOENT');
    if (entry instanceof Folder) fail('EISDIR');
    folder.remove(name);
    entry.links -= 1;
    entry.touch(true);
  }

  removeFolder(path: string): void {
    const { entry, folder, name } = this.place(path, false);
    if (entry === undefined) fail('ENOENT');
    if (!(entry instanceof Folder)) fail('ENOTDIR');
    if (folder.frozen) fail(entry.frozen ? 'EROFS' : 'EBUSY');
    if (entry.entries.size > 0) fail('ENOTEMPTY');
    folder.remove(name);
  }

  // With all that it holds. Nothing happens where there is nothing.
  removeAll(path: string): void {
    const { entry, folder, name } = this.place(path, false);
    if (entry === undefined) return;
    if (folder.frozen) fail(entry.frozen ? 'EROFS' : 'EBUSY');
    folder.remove(name);
    entry.links -= 1;
  }

  rename(from: string, to: string): void {
    const source = this.place(from, false);
    const target = this.place(to, false);
    const { entry } = source;
    if (entry === undefined) fail('ENOENT');
    if (source.folder.frozen || target.folder.frozen) fail('EROFS');
    if (entry === target.entry) return;
    if (target.trail.some(({ folder }) => folder === entry)) fail('EINVAL');
    if (target.entry instanceof Folder) {
      if (!(entry instanceof Folder)) fail('EISDIR');
      if (target.entry.entries.size > 0) fail('ENOTEMPTY');
    } else if (entry instanceof Folder && target.entry !== undefined) fail('ENOTDIR');
    if (target.entry !== undefined) target.entry.links -= 1;
    source.folder.remove(source.name);
    target.folder.set(target.name, entry);
    entry.touch(true);
  }

  link(existing: string, path: string): void {
    const entry = this.find(existing, false);
    const { entry: taken, folder, name } = this.place(path, false);
    if (taken !== undefined) fail('EEXIST');
    if (entry instanceof Folder) fail('EPERM');
    if (entry.frozen) fail('EXDEV');
    folder.set(name, entry);
    entry.links += 1;
    entry.touch(true);
  }

  symlink(target: string, path: string): void {
    const { entry, folder, name } = this.place(path, false);
    if (entry !== undefined) fail('EEXIST');
    folder.set(name, new SymbolicLink(target));
  }

  readLink(path: string): string {
    const entry = this.find(path, false);
    return entry instanceof SymbolicLink ? entry.target : fail('EINVAL');
  }

  copyFile(from: string, to: string, exclusive: boolean): void {
    const source = this.find(from);
    if (!isReadable(source)) fail('EISDIR');
    const target = this.create(to, source.permissions | umask, exclusive, true);
    if (target === source) return;
    if (target instanceof Folder) fail('EISDIR');
    if (!(target instanceof RegularFile)) fail('EROFS');
    const bytes = new Uint8Array(source.size);
    source.read(0, bytes);
    target.resize(0);
    target.write(0, bytes);
  }
}

// ---- of an entry, however it was found ----

function mayChange(entry: Entry): void {
  if (entry.frozen) fail('EROFS');
}

export function changeMode(entry: Entry, permissions: number): void {
  mayChange(entry);
  entry.permissions = permissions & 0o7777;
  entry.touch(true);
}

// -1 leaves what there is.
export function changeOwner(entry: Entry, uid: number, gid: number): void {
  mayChange(entry);
  if (uid !== -1) entry.uid = uid;
  if (gid !== -1) entry.gid = gid;
  entry.touch(true);
}

export function changeTimes(entry: Entry, atime: number, mtime: number): void {
  mayChange(entry);
  entry.atime = atime;
  entry.mtime = mtime;
  entry.ctime = now();
}
