// What the binding `fs` answers with, in the forms that Node's library expects.
import { direntType, type Entry, type Folder, now } from '../files/entries.ts';
import type { Loose } from '../loose.ts';

const kBlock = 4096;
const kDevice = 1;

// The library reads 18 numbers; times are seconds and the nanoseconds beyond them.
export function statsOf(entry: Entry, bigint: boolean): Float64Array | BigInt64Array {
  const { size } = entry;
  const numbers = [
    kDevice,
    entry.mode,
    entry.links,
    entry.uid,
    entry.gid,
    0,
    kBlock,
    entry.ino,
    size,
    Math.ceil(size / 512),
  ];
  for (const time of [entry.atime, entry.mtime, entry.ctime, entry.birthtime]) {
    const seconds = Math.floor(time);
    numbers.push(seconds, Math.round((time - seconds) * 1e6) * 1000);
  }
  return bigint ? BigInt64Array.from(numbers, BigInt) : Float64Array.from(numbers);
}

// Type, block sizes, blocks and files: of a file system of which there is none.
export function statfsOf(bigint: boolean): Float64Array | BigInt64Array {
  const numbers = [0, kBlock, kBlock, 0, 0, 0, 0, 0];
  return bigint ? BigInt64Array.from(numbers, BigInt) : Float64Array.from(numbers);
}

// A name or a path in the encoding that was asked for.
export function encoded(Buffer: Loose, text: string, encoding: unknown): unknown {
  if (encoding === undefined || encoding === null || /^utf-?8$/i.test(`${encoding}`)) return text;
  const bytes = Buffer.from(text);
  return encoding === 'buffer' ? bytes : bytes.toString(encoding);
}

// The entries of a folder by name, in order.
export function entriesOf(folder: Folder): [name: string, entry: Entry][] {
  folder.atime = now();
  return folder
    .names()
    .toSorted()
    .map((name) => [name, folder.get(name) as Entry]);
}

export function typesOf(entries: readonly [string, Entry][]): number[] {
  return entries.map(([, entry]) => direntType(entry));
}
