// What a performance timeline is made of.
import { TypeError } from '../../primordials.ts';
import {
  defineInterface,
  Handed,
  illegalConstructor,
  kInternal,
  requireArguments,
  toDictionary,
} from '../../webidl.ts';

export const now = (): number => native.now() - native.timeOrigin();

// What every entry has.
interface EntryState {
  readonly name: string;
  readonly type: string;
  readonly start: number;
  readonly duration: number;
}

export const handedEntry = new Handed<EntryState>();

// Performance Timeline §4.1. All entries are of derived classes.
export class PerformanceEntry {
  readonly #name: string;
  readonly #entryType: string;
  readonly #startTime: number;
  readonly #duration: number;

  constructor() {
    const state = handedEntry.take();
    if (state === null) illegalConstructor();
    this.#name = state.name;
    this.#entryType = state.type;
    this.#startTime = state.start;
    this.#duration = state.duration;
  }

  get name(): string {
    return this.#name;
  }
  get entryType(): string {
    return this.#entryType;
  }
  get startTime(): number {
    return this.#startTime;
  }
  get duration(): number {
    return this.#duration;
  }
  toJSON(): object {
    return {
      name: this.#name,
      entryType: this.#entryType,
      startTime: this.#startTime,
      duration: this.#duration,
    };
  }
}
defineInterface(PerformanceEntry, 'PerformanceEntry');

interface MarkOptions {
  startTime: unknown;
  detail: unknown;
}

export function toTime(value: unknown, what: string): number {
  const time = +(value as number);
  if (!(time - time === 0)) throw new TypeError(`${what} is not a finite number`);
  if (time < 0) throw new TypeError(`${what} is negative`);
  return time;
}

export function cloneDetail(detail: unknown): unknown {
  if (detail === undefined || detail === null) return null;
  return lazy('structured_clone').structuredClone(detail, undefined);
}

// User Timing §4.1.
export class PerformanceMark extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(markName: unknown, markOptions: unknown = undefined) {
    requireArguments(arguments.length, 1, 'PerformanceMark');
    const options = toDictionary<MarkOptions>(markOptions, 'PerformanceMark');
    const { detail, startTime } = options;
    const start = startTime === undefined ? now() : toTime(startTime, 'startTime');
    handedEntry.give({ name: `${markName}`, type: 'mark', start, duration: 0 });
    try {
      super();
    } finally {
      handedEntry.take();
    }
    this.#detail = cloneDetail(detail);
  }

  get detail(): unknown {
    return this.#detail;
  }
}
defineInterface(PerformanceMark, 'PerformanceMark');

// User Timing §4.2.
export class PerformanceMeasure extends PerformanceEntry {
  readonly #detail: unknown;

  constructor(
    token: unknown = undefined,
    name = '',
    start = 0,
    duration = 0,
    detail: unknown = undefined,
  ) {
    if (token !== kInternal) illegalConstructor();
    handedEntry.give({ name, type: 'measure', start, duration });
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
defineInterface(PerformanceMeasure, 'PerformanceMeasure');
