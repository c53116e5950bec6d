// What Node's library measures. Source: Node's documentation, "Class:
// PerformanceNodeEntry".
import { defineInterface, kInternal } from '../../webidl.ts';
import { PerformanceEntry } from './entries.ts';
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
    super(token, name, type, start, duration);
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

// Tells observers alone.
export function tellObservers(entry: PerformanceEntry): void {
  queued.offer(entry);
}
