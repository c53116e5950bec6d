// Who observes the timeline, Performance Timeline §4.
import { copyOfList } from '../../copies.ts';
import { DOMException } from '../../dom_exception.ts';
import { innerThen } from '../../inner_promises.ts';
import { nodeState } from '../../node_globals.ts';
import {
  ObjectFreeze,
  PromiseResolve,
  ReflectApply,
  SymbolIterator,
  TypeError,
} from '../../primordials.ts';
import { reportError } from '../../report.ts';
import {
  type Callable,
  defineInterface,
  illegalConstructor,
  isObject,
  iterate,
  kInternal,
  nodeCompat,
  requireArguments,
  toDictionary,
  toFunction,
} from '../../webidl.ts';
import type { PerformanceEntry } from './entries.ts';
import { buffers, filtered, push, queued } from './timeline.ts';

const supportedTypes = ObjectFreeze(
  nodeCompat.given
    ? ['dns', 'function', 'http', 'mark', 'measure', 'net', 'resource']
    : ['mark', 'measure'],
) as readonly string[];

function isSupported(type: string): boolean {
  for (let i = 0; i < supportedTypes.length; i++) if (supportedTypes[i] === type) return true;
  return false;
}

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

let observers: PerformanceObserver[] = [];
let telling = false;

let watches: (observer: PerformanceObserver, type: string) => boolean;
let offer: (observer: PerformanceObserver, entry: PerformanceEntry) => void;
let tell: (observer: PerformanceObserver) => void;

queued.offer = (entry) => {
  for (let i = 0; i < observers.length; i++) offer(observers[i] as PerformanceObserver, entry);
};

nodeState.hasObserver = (type) => {
  for (let i = 0; i < observers.length; i++)
    if (watches(observers[i] as PerformanceObserver, type)) return true;
  return false;
};

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
    if (isSupported(text)) push(types, text);
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
    if (!isSupported(one)) return;
    this.#register();
    let known = false;
    for (let i = 0; i < this.#types.length; i++) known ||= this.#types[i] === one;
    if (!known) push(this.#types, one);
    if (!buffered || (one !== 'mark' && one !== 'measure' && one !== 'resource')) return;
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
    watches = (observer, type) => {
      for (let i = 0; i < observer.#types.length; i++) if (observer.#types[i] === type) return true;
      return false;
    };
    offer = (observer, entry) => observer.#offer(entry);
    tell = (observer) => observer.#tell();
  }

  #offer(entry: PerformanceEntry): void {
    if (!watches(this, entry.entryType)) return;
    push(this.#entries, entry);
    tellSoon();
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
