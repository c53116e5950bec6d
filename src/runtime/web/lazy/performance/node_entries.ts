// What Node's library measures. Source: Node's documentation, "Class:
// PerformanceNodeEntry".
import { defineInterface, illegalConstructor, kInternal } from '../../webidl.ts';
import { handedEntry, PerformanceEntry } from './entries.ts';
import { queued } from './timeline.ts';

export class PerformanceNodeEntry extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(
    token: unknown = undefined,
    name = '',
    type = '',
    start = 0,
    duration = 0,
    detail: unknown = undefined,
  ) {
    if (token !== kInternal) illegalConstructor();
    handedEntry.give({ name, type, start, duration });
    try {
      super();
    } finally {
      handedEntry.take();
    }
    this.#detail = detail;
  }

  get detail(): unknown {
    return this.#detail;
  }
}
defineInterface(PerformanceNodeEntry, 'PerformanceNodeEntry');

export function makeNodeEntry(
  name: string,
  type: string,
  start: number,
  duration: number,
  detail: unknown,
): PerformanceNodeEntry {
  return new PerformanceNodeEntry(kInternal, name, type, start, duration, detail);
}

// Calls Node's markResourceTiming(), whose entry is of a class that Node's library derives
// from PerformanceEntry.
export function markResource<T>(name: unknown, mark: () => T): T {
  handedEntry.give({ name: name as string, type: 'resource', start: 0, duration: 0 });
  try {
    return mark();
  } finally {
    handedEntry.take();
  }
}

// Tells observers alone.
export function tellObservers(entry: PerformanceEntry): void {
  queued.offer(entry);
}
