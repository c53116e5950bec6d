// Open files, by the numbers that a Worker knows them by. They belong to the
// invocation that opened them, and are closed when it is over.
import { MapPrototypeDelete, MapPrototypeForEach } from '../../web/primordials.ts';
import { type Entry, Folder, type Readable, SymbolicLink, type Writable } from './entries.ts';
import { fail } from './failure.ts';
import { isReadable, type Tree } from './tree.ts';

// Source: open(2); the numbers are Linux's, as in fs.constants.
const O_ACCMODE = 3;
const O_RDONLY = 0;
const O_WRONLY = 1;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_TRUNC = 0o1000;
const O_APPEND = 0o2000;
const O_DIRECTORY = 0o200000;
const O_NOFOLLOW = 0o400000;

const kFirst = 3; // below it: standard input, output and error
// Source: Workers documentation, "fs".
const kMost = 4096;

export class OpenFile {
  readonly entry: Entry;
  readonly #flags: number;
  readonly invocation: number;
  #position = 0;

  constructor(entry: Entry, flags: number) {
    this.entry = entry;
    this.#flags = flags;
    this.invocation = native.currentInvocation();
  }

  // Reads at `position`, or where it stands, which moves on.
  read(target: Uint8Array, position: number): number {
    if ((this.#flags & O_ACCMODE) === O_WRONLY) fail('EBADF');
    if (!isReadable(this.entry)) fail('EISDIR');
    if (position >= 0) return this.entry.read(position, target);
    const count = this.entry.read(this.#position, target);
    this.#position += count;
    return count;
  }

  write(source: Uint8Array, position: number): number {
    const file = this.#writable();
    if ((this.#flags & O_APPEND) !== 0) {
      file.write(file.size, source);
      this.#position = file.size;
    } else if (position >= 0) file.write(position, source);
    else {
      file.write(this.#position, source);
      this.#position += source.length;
    }
    return source.length;
  }

  resize(size: number): void {
    if ((this.#flags & O_ACCMODE) === O_RDONLY) fail('EINVAL');
    this.#writable().resize(size);
  }

  // Bytes between where it stands and the end.
  rest(): number {
    return Math.max(0, (this.entry as Readable).size - this.#position);
  }

  #writable(): Writable {
    if ((this.#flags & O_ACCMODE) === O_RDONLY) fail('EBADF');
    return this.entry as Writable;
  }
}

export class Descriptors {
  readonly #tree: Tree;
  readonly #open = new Map<number, OpenFile>();

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  // For what stands below kFirst.
  place(fd: number, entry: Entry, flags: number): void {
    this.#open.set(fd, new OpenFile(entry, flags));
  }

  open(path: string, flags: number, permissions: number): number {
    const entry = this.#find(path, flags, permissions);
    const writes = (flags & O_ACCMODE) !== O_RDONLY;
    if (entry instanceof SymbolicLink) fail('ELOOP');
    if (entry instanceof Folder) {
      if (writes || (flags & O_CREAT) !== 0) fail('EISDIR');
    } else {
      if ((flags & O_DIRECTORY) !== 0) fail('ENOTDIR');
      if (writes && !('write' in entry)) fail('EROFS');
      if (writes && (flags & O_TRUNC) !== 0 && entry.size > 0) (entry as Writable).resize(0);
    }
    return this.#add(new OpenFile(entry, flags));
  }

  get(fd: number): OpenFile {
    return this.#open.get(fd) ?? fail('EBADF');
  }

  close(fd: number): void {
    if (!this.#open.delete(fd)) fail('EBADF');
  }

  forget(invocation: number): void {
    MapPrototypeForEach(this.#open, (file: OpenFile, fd: number) => {
      if (fd >= kFirst && file.invocation === invocation) MapPrototypeDelete(this.#open, fd);
    });
  }

  #find(path: string, flags: number, permissions: number): Entry {
    const follow = (flags & O_NOFOLLOW) === 0;
    if ((flags & O_CREAT) === 0) return this.#tree.find(path, follow);
    return this.#tree.create(path, permissions, (flags & O_EXCL) !== 0, follow);
  }

  #add(file: OpenFile): number {
    let fd = kFirst;
    while (this.#open.has(fd)) fd += 1;
    if (fd >= kMost) fail('EMFILE');
    this.#open.set(fd, file);
    return fd;
  }
}
