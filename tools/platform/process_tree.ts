// What a server's processes have used, from /proc: the process that was started
// and all its descendants.
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: the unit of times in /proc/PID/stat, 100 on every Linux we run on. */
const ticksPerSecond = 100;

interface Stat {
  readonly parent: number;
  readonly cpuSeconds: number;
}

function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // ended meanwhile
  }
  // The name in brackets may hold anything; fields are counted after it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    parent: Number(fields[1]),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
  };
}

/** `root` and its descendants that run now. */
export function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? statOf(pid) : undefined;
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** CPU time of user and kernel that the tree's living processes have used. */
export const cpuSeconds = (root: number) =>
  treeOf(root).reduce((sum, pid) => sum + (statOf(pid)?.cpuSeconds ?? 0), 0);

/**
 * The same to the nanosecond, of the threads that live: of one that has ended what it
 * used is gone, so only for servers that keep their threads.
 */
export function cpuNanoseconds(root: number): number {
  let sum = 0;
  for (const pid of treeOf(root)) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`))
        sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // Ended meanwhile.
    }
  }
  return sum;
}

/**
 * Resident memory in bytes. Pages that processes share are counted once between
 * them (the proportional set size), so that a sum over a tree means something.
 */
export function residentBytes(...pids: number[]): number {
  return pids.reduce((sum, pid) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kib = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1];
    return sum + Number(kib) * 1024;
  }, 0);
}

export const residentBytesOfTree = (root: number) => residentBytes(...treeOf(root));

/** All resident pages of one process, also those that it shares with others. */
export function residentSetBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}
