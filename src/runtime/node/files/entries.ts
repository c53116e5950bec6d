// What a folder can hold. Everything is in memory: bytes that are written lie in
// array buffers and so count against the memory limit; the modules of the bundle
// are read where the host has them mapped, and cost nothing.
import { fail } from './failure.ts';

export const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;
const S_IFCHR = 0o020000;

// Source: Workers documentation, "fs": a file has at most 128 MB.
const kLargestFile = 128 * 2 ** 20;

const counter = { ino: 1 };

// Times are in seconds since the epoch; `now` is that of Date.now().
export function now(): number {
  return Math.floor(native.now()) / 1000;
}

export abstract class Entry {
  readonly ino = counter.ino++;
  readonly type: number;
  // Neither it nor, if it is a folder, what it holds can be changed.
  readonly frozen: boolean;
  permissions: number;
  uid = 0;
  gid = 0;
  links = 1;
  atime: number;
  mtime: number;
  ctime: number;
  birthtime: number;

  constructor(type: number, permissions: number, frozen: boolean) {
    this.type = type;
    this.permissions = permissions & 0o7777;
    this.frozen = frozen;
    const time = frozen ? 0 : now();
    this.atime = time;
    this.mtime = time;
    this.ctime = time;
    this.birthtime = time;
  }

  get mode(): number {
    return this.type | this.permissions;
  }
  abstract get size(): number;

  // The contents changed, or (`inode`) only what is said of them.
  touch(inode = false): void {
    this.ctime = now();
    if (!inode) this.mtime = this.ctime;
  }
}

// What can be read at an offset: as many bytes as there are and `target` has room for.
export interface Readable extends Entry {
  read(offset: number, target: Uint8Array): number;
}
export interface Writable extends Readable {
  write(offset: number, source: Uint8Array): void;
  resize(size: number): void;
}

export class RegularFile extends Entry implements Writable {
  #bytes = new Uint8Array(0);
  #size = 0;

  constructor(permissions: number) {
    super(S_IFREG, permissions, false);
  }

  get size(): number {
    return this.#size;
  }

  read(offset: number, target: Uint8Array): number {
    if (offset >= this.#size) return 0;
    const part = this.#bytes.subarray(offset, Math.min(offset + target.length, this.#size));
    target.set(part);
    return part.length;
  }

  write(offset: number, source: Uint8Array): void {
    if (source.length === 0) return;
    const end = offset + source.length;
    this.#reserve(end);
    this.#bytes.set(source, offset);
    if (end > this.#size) this.#size = end;
    this.touch();
  }

  resize(size: number): void {
    if (size > this.#size) this.#reserve(size);
    else if (size === 0) this.#bytes = new Uint8Array(0);
    else this.#bytes.fill(0, size, this.#size);
    this.#size = size;
    this.touch();
  }

  // Beyond the size all bytes that are reserved are zero.
  #reserve(size: number): void {
    if (size > kLargestFile) fail('EFBIG');
    if (size <= this.#bytes.length) return;
    const ample = this.#bytes.length === 0 ? size : Math.max(size, this.#bytes.length * 1.5);
    const larger = new Uint8Array(Math.min(Math.ceil(ample), kLargestFile));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}

// A module of the Worker's bundle.
export class BundleFile extends Entry implements Readable {
  readonly #name: string;
  readonly #source: Bundle;

  constructor(name: string, source: Bundle) {
    super(S_IFREG, 0o444, true);
    this.#name = name;
    this.#source = source;
  }

  get size(): number {
    return this.#source.bundleSize(this.#name);
  }
  read(offset: number, target: Uint8Array): number {
    return this.#source.bundleRead(this.#name, offset, target);
  }
}

// As ops/node/files_binding.h has it.
export interface Bundle {
  bundleNames(): string[];
  bundleSize(name: string): number;
  bundleRead(name: string, offset: number, target: Uint8Array): number;
  isRunning(invocation: number): boolean;
}

export class Folder extends Entry {
  readonly entries = new Map<string, Entry>();

  constructor(permissions: number, frozen = false) {
    super(S_IFDIR, permissions, frozen);
  }

  get size(): number {
    return 4096;
  }
  get(name: string): Entry | undefined {
    return this.entries.get(name);
  }
  names(): string[] {
    return [...this.entries.keys()];
  }
  set(name: string, entry: Entry): void {
    this.#mayChange();
    this.entries.set(name, entry);
    this.touch();
  }
  remove(name: string): void {
    this.#mayChange();
    this.entries.delete(name);
    this.touch();
  }
  // For what is there from the beginning.
  place(name: string, entry: Entry): void {
    this.entries.set(name, entry);
  }
  #mayChange(): void {
    if (this.frozen) fail('EROFS');
  }
}

export class SymbolicLink extends Entry {
  readonly target: string;

  constructor(target: string) {
    super(S_IFLNK, 0o777, false);
    this.target = target;
  }
  get size(): number {
    return this.target.length;
  }
}

// A character device: `fill` answers a read, `take` a write.
export class Device extends Entry implements Writable {
  readonly #fill: (target: Uint8Array) => number;
  readonly #take: (source: Uint8Array) => void;

  constructor(fill: (target: Uint8Array) => number, take: (source: Uint8Array) => void) {
    super(S_IFCHR, 0o666, true);
    this.#fill = fill;
    this.#take = take;
  }
  get size(): number {
    return 0;
  }
  read(_offset: number, target: Uint8Array): number {
    return this.#fill(target);
  }
  write(_offset: number, source: Uint8Array): void {
    this.#take(source);
  }
  resize(): void {
    fail('EINVAL');
  }
}

// The number by which Node's library knows the type.
export function direntType(entry: Entry): number {
  switch (entry.type) {
    case S_IFREG:
      return 1;
    case S_IFDIR:
      return 2;
    case S_IFLNK:
      return 3;
    default:
      return 6;
  }
}
