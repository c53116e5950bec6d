// The entries that are kept: of marks and measures the first kMostEntries each; of
// resources, which Node's performance.markResourceTiming() makes, as many as the Worker
// says there (runtime/node/replaced/resource_timing.ts).
import type { PerformanceEntry } from './entries.ts';

const kMostEntries = 10_000;

export function push<T>(list: T[], value: T): void {
  list[list.length] = value;
}

export interface Buffer {
  entries: PerformanceEntry[];
  dropped: number;
}
export type Kept = 'mark' | 'measure' | 'resource';
export const buffers: Record<Kept, Buffer> = {
  mark: { entries: [], dropped: 0 },
  measure: { entries: [], dropped: 0 },
  resource: { entries: [], dropped: 0 },
};

// Who observes takes what is queued.
export const queued = { offer: (_entry: PerformanceEntry): void => {} };

// §5.1, "Queue a PerformanceEntry".
export function queue(entry: PerformanceEntry, buffer: Buffer): void {
  queued.offer(entry);
  if (buffer.entries.length < kMostEntries) push(buffer.entries, entry);
  else buffer.dropped += 1;
}

// §5.3: by start time, those of one time as they were made. `undefined` is any.
export function filtered(
  entries: readonly PerformanceEntry[],
  name: unknown,
  type: unknown,
): PerformanceEntry[] {
  const found: PerformanceEntry[] = [];
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as PerformanceEntry;
    if (name !== undefined && entry.name !== name) continue;
    if (type !== undefined && entry.entryType !== type) continue;
    let at = found.length;
    while (at > 0 && (found[at - 1] as PerformanceEntry).startTime > entry.startTime) {
      found[at] = found[at - 1] as PerformanceEntry;
      at -= 1;
    }
    found[at] = entry;
  }
  return found;
}

export function timeline(name: unknown, type: unknown): PerformanceEntry[] {
  const all: PerformanceEntry[] = [];
  for (let i = 0; i < buffers.mark.entries.length; i++)
    push(all, buffers.mark.entries[i] as PerformanceEntry);
  for (let i = 0; i < buffers.measure.entries.length; i++)
    push(all, buffers.measure.entries[i] as PerformanceEntry);
  for (let i = 0; i < buffers.resource.entries.length; i++)
    push(all, buffers.resource.entries[i] as PerformanceEntry);
  return filtered(all, name, type);
}

export function clear(type: Kept, name: unknown): void {
  const kept: PerformanceEntry[] = [];
  const { entries } = buffers[type];
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as PerformanceEntry;
    if (name !== undefined && entry.name !== `${name}`) push(kept, entry);
  }
  buffers[type].entries = kept;
}
