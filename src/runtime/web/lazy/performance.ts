// Performance Timeline and User Timing Level 3: marks and measures that the Worker
// makes, and who observes them. There are no entries of other types. All belong to
// the isolate, so of each type the first kMostEntries are kept.

import { copyOfList } from '../copies.ts';
import { DOMException } from '../dom_exception.ts';
import { innerThen } from '../inner_promises.ts';
import {
  ObjectFreeze,
  PromiseResolve,
  ReflectApply,
  SymbolIterator,
  TypeError,
} from '../primordials.ts';
import { reportError } from '../report.ts';
import {
  type Callable,
  defineInterface,
  illegalConstructor,
  isObject,
  iterate,
  kInternal,
  requireArguments,
  toDictionary,
  toFunction,
} from '../webidl.ts';

const kMostEntries = 10_000;

function push<T>(list: T[], value: T): void {
  list[list.length] = value;
}

const now = (): number => native.now() - native.timeOrigin();

// Performance Timeline §4.1.
export class PerformanceEntry {
  readonly #name: string;
  readonly #entryType: string;
  readonly #startTime: number;
  readonly #duration: number;

  constructor(token: unknown = undefined, name = '', type = '', start = 0, duration = 0) {
    if (token !== kInternal) illegalConstructor();
    this.#name = name;
    this.#entryType = type;
    this.#startTime = start;
    this.#duration = duration;
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

function toTime(value: unknown, what: string): number {
  const time = +(value as number);
  if (!(time - time === 0)) throw new TypeError(`${what} is not a finite number`);
  if (time < 0) throw new TypeError(`${what} is negative`);
  return time;
}

function cloneDetail(detail: unknown): unknown {
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
    super(kInternal, `${markName}`, 'mark', start, 0);
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
    super(token, name, 'measure', start, duration);
    this.#detail = detail;
  }

  get detail(): unknown {
    return this.#detail;
  }
}
defineInterface(PerformanceMeasure, 'PerformanceMeasure');

// ---- the timeline ----

let observers: PerformanceObserver[] = [];
let telling = false;

const supportedTypes = ObjectFreeze(['mark', 'measure']) as readonly string[];

interface Buffer {
  entries: PerformanceEntry[];
  dropped: number;
}
const buffers: Record<'mark' | 'measure', Buffer> = {
  mark: { entries: [], dropped: 0 },
  measure: { entries: [], dropped: 0 },
};

// §5.1, "Queue a PerformanceEntry".
function queue(entry: PerformanceEntry, buffer: Buffer): void {
  for (let i = 0; i < observers.length; i++) offer(observers[i] as PerformanceObserver, entry);
  if (buffer.entries.length < kMostEntries) push(buffer.entries, entry);
  else buffer.dropped += 1;
}

// §5.3: by start time, those of one time as they were made. `undefined` is any.
function filtered(
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
  return filtered(all, name, type);
}

export function clear(type: 'mark' | 'measure', name: unknown): void {
  const kept: PerformanceEntry[] = [];
  const { entries } = buffers[type];
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as PerformanceEntry;
    if (name !== undefined && entry.name !== `${name}`) push(kept, entry);
  }
  buffers[type].entries = kept;
}

export function mark(name: unknown, options: unknown): PerformanceMark {
  const entry = new PerformanceMark(name, options);
  queue(entry, buffers.mark);
  return entry;
}

// The attributes of PerformanceTiming, which is of pages: Navigation Timing §5.1.
const ofPages: readonly string[] = [
  'navigationStart',
  'unloadEventStart',
  'unloadEventEnd',
  'redirectStart',
  'redirectEnd',
  'fetchStart',
  'domainLookupStart',
  'domainLookupEnd',
  'connectStart',
  'connectEnd',
  'secureConnectionStart',
  'requestStart',
  'responseStart',
  'responseEnd',
  'domLoading',
  'domInteractive',
  'domContentLoadedEventStart',
  'domContentLoadedEventEnd',
  'domComplete',
  'loadEventStart',
  'loadEventEnd',
];

// User Timing §5.1, "Convert a mark to a timestamp".
function toTimestamp(value: unknown): number {
  if (typeof value === 'number') return toTime(value, 'the time of a measure');
  const name = `${value}`;
  for (let i = 0; i < ofPages.length; i++) {
    if (ofPages[i] === name)
      throw new TypeError(`performance.measure: "${name}" is a time of pages, Workers have none`);
  }
  const marks = buffers.mark.entries;
  for (let i = marks.length - 1; i >= 0; i--) {
    const entry = marks[i] as PerformanceEntry;
    if (entry.name === name) return entry.startTime;
  }
  throw new DOMException(`performance.measure: there is no mark "${name}"`, 'SyntaxError');
}

interface MeasureOptions {
  detail: unknown;
  duration: unknown;
  end: unknown;
  start: unknown;
}

function measureOptions(startOrOptions: unknown, endMark: unknown): MeasureOptions {
  const given = isObject(startOrOptions);
  const { detail, duration, end, start } = given
    ? (startOrOptions as MeasureOptions)
    : { detail: undefined, duration: undefined, end: undefined, start: startOrOptions };
  const empty =
    detail === undefined && duration === undefined && end === undefined && start === undefined;
  if (given && !empty) {
    if (endMark !== undefined)
      throw new TypeError('performance.measure: there are options and an end mark');
    if (start === undefined && end === undefined)
      throw new TypeError('performance.measure: the options have neither start nor end');
    if (start !== undefined && end !== undefined && duration !== undefined)
      throw new TypeError('performance.measure: the options have start, end and duration');
  }
  return { detail, duration, end: endMark === undefined ? end : endMark, start };
}

// User Timing §3.1.3.
export function measure(
  name: unknown,
  startOrOptions: unknown,
  endMark: unknown,
): PerformanceMeasure {
  const text = `${name}`;
  const { detail, duration, end, start } = measureOptions(startOrOptions ?? undefined, endMark);
  const length = duration === undefined ? 0 : toTime(duration, 'duration');
  let endTime: number;
  if (end !== undefined) endTime = toTimestamp(end);
  else if (start !== undefined && duration !== undefined) endTime = toTimestamp(start) + length;
  else endTime = now();
  let startTime = 0;
  if (start !== undefined) startTime = toTimestamp(start);
  else if (duration !== undefined) startTime = endTime - length;
  const entry = new PerformanceMeasure(
    kInternal,
    text,
    startTime,
    endTime - startTime,
    cloneDetail(detail),
  );
  queue(entry, buffers.measure);
  return entry;
}

// ---- observers ----

// Performance Timeline §4.4.
export class PerformanceObserverEntryList {
  readonly #entries: readonly PerformanceEntry[];

  constructor(token: unknown = undefined, entries: readonly PerformanceEntry[] = []) {
    if (token !== kInternal) illegalConstructor();
    this.#entries = entries;
  }

  getEntries(): PerformanceEntry[] {
    return filtered(this.#entries, undefined, undefined);
  }
  getEntriesByType(type: unknown): PerformanceEntry[] {
    requireArguments(arguments.length, 1, 'getEntriesByType');
    return filtered(this.#entries, undefined, `${type}`);
  }
  getEntriesByName(name: unknown, type: unknown = undefined): PerformanceEntry[] {
    requireArguments(arguments.length, 1, 'getEntriesByName');
    return filtered(this.#entries, `${name}`, type === undefined ? undefined : `${type}`);
  }
}
defineInterface(PerformanceObserverEntryList, 'PerformanceObserverEntryList');

let offer: (observer: PerformanceObserver, entry: PerformanceEntry) => void;
let tell: (observer: PerformanceObserver) => void;

// §5.2, "Queue the PerformanceObserver task".
function tellSoon(): void {
  if (telling) return;
  telling = true;
  innerThen(PromiseResolve(undefined), () => {
    telling = false;
    const list = copyOfList(observers);
    for (let i = 0; i < list.length; i++) tell(list[i] as PerformanceObserver);
  });
}

interface ObserverInit {
  entryTypes: unknown;
  type: unknown;
  buffered: unknown;
}

function toTypes(value: unknown): string[] {
  const method = isObject(value) ? (value as Iterable<unknown>)[SymbolIterator] : undefined;
  if (method === undefined)
    throw new TypeError('PerformanceObserver.observe: entryTypes is not a sequence');
  const types: string[] = [];
  iterate(value as object, method, (type) => {
    const text = `${type}`;
    if (text === 'mark' || text === 'measure') push(types, text);
  });
  return types;
}

// Performance Timeline §4.2.
export class PerformanceObserver {
  readonly #callback: Callable;
  #kind: 'undefined' | 'single' | 'multiple' = 'undefined';
  #types: string[] = [];
  #entries: PerformanceEntry[] = [];
  #told = false;

  constructor(callback: unknown) {
    requireArguments(arguments.length, 1, 'PerformanceObserver');
    this.#callback = toFunction(callback, 'PerformanceObserver: parameter 1');
  }

  static get supportedEntryTypes(): readonly string[] {
    return supportedTypes;
  }

  observe(options: unknown = undefined): void {
    const { buffered, entryTypes, type } = toDictionary<ObserverInit>(options, 'observe');
    if (entryTypes === undefined && type === undefined)
      throw new TypeError('PerformanceObserver.observe: neither type nor entryTypes is given');
    if (entryTypes !== undefined && (type !== undefined || buffered !== undefined))
      throw new TypeError('PerformanceObserver.observe: entryTypes stands alone');
    const kind = entryTypes === undefined ? 'single' : 'multiple';
    if (this.#kind !== 'undefined' && this.#kind !== kind)
      throw new DOMException(
        'PerformanceObserver.observe: type and entryTypes are not for one observer',
        'InvalidModificationError',
      );
    this.#kind = kind;
    if (kind === 'multiple') {
      const types = toTypes(entryTypes);
      if (types.length === 0) return;
      this.#types = types;
      this.#register();
      return;
    }
    const one = `${type}`;
    if (one !== 'mark' && one !== 'measure') return;
    this.#register();
    let known = false;
    for (let i = 0; i < this.#types.length; i++) known ||= this.#types[i] === one;
    if (!known) push(this.#types, one);
    if (!buffered) return;
    const { entries } = buffers[one];
    for (let i = 0; i < entries.length; i++) push(this.#entries, entries[i] as PerformanceEntry);
    tellSoon();
  }

  disconnect(): void {
    const kept: PerformanceObserver[] = [];
    for (let i = 0; i < observers.length; i++)
      if (observers[i] !== this) push(kept, observers[i] as PerformanceObserver);
    observers = kept;
    this.#kind = 'undefined';
    this.#types = [];
    this.#entries = [];
  }

  takeRecords(): PerformanceEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  #register(): void {
    for (let i = 0; i < observers.length; i++) if (observers[i] === this) return;
    push(observers, this);
  }

  static {
    offer = (observer, entry) => observer.#offer(entry);
    tell = (observer) => observer.#tell();
  }

  #offer(entry: PerformanceEntry): void {
    for (let i = 0; i < this.#types.length; i++)
      if (this.#types[i] === entry.entryType) {
        push(this.#entries, entry);
        tellSoon();
        return;
      }
  }

  #tell(): void {
    const entries = this.#entries;
    this.#entries = [];
    if (entries.length === 0) return;
    const first = !this.#told;
    this.#told = true;
    const dropped = buffers.mark.dropped + buffers.measure.dropped;
    try {
      ReflectApply(this.#callback, this, [
        new PerformanceObserverEntryList(kInternal, entries),
        this,
        first ? { droppedEntriesCount: dropped } : {},
      ]);
    } catch (error) {
      reportError(error);
    }
  }
}
defineInterface(PerformanceObserver, 'PerformanceObserver');
