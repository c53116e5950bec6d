// The clocks that script sees. They stand still during a turn, so that code
// cannot time itself against its neighbours (docs/architecture.md, "Isolation"):
// Date, Intl.DateTimeFormat and performance read native.now(). V8 installs Temporal in
// each context after the snapshot was read, so it is C++ that takes it away there, before
// the worker's modules run, or has its clock replaced (lazy/temporal.ts).
import { EventTarget } from './events.ts';
import {
  DatePrototypeToString,
  DateTimeFormatPrototype,
  DateTimeFormatPrototypeFormatToParts,
  MathFloor,
  NativeDate,
  ObjectDefineProperty,
  ObjectGetOwnPropertyDescriptor,
  ReflectApply,
  ReflectConstruct,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from './primordials.ts';
import {
  defineInterface,
  defineMembers,
  illegalConstructor,
  illegalReceiver,
  isObject,
  kInternal,
  requireArguments,
} from './webidl.ts';

function now(): number {
  return MathFloor(native.now());
}

// Date with another idea of now. The prototype stays V8's own, so that values
// made by either are of one class.
function WorkerDate(this: unknown, ..._args: unknown[]): unknown {
  if (new.target === undefined) return DatePrototypeToString(new NativeDate(now()));
  if (arguments.length === 0) return ReflectConstruct(NativeDate, [now()], new.target);
  return ReflectConstruct(NativeDate, arguments as unknown as unknown[], new.target);
}

export function installClocks(target: object): void {
  installDate(target);
  installDateTimeFormat();
}

function installDate(target: object): void {
  const statics = ['UTC', 'parse'];
  for (let i = 0; i < statics.length; i++)
    ObjectDefineProperty(
      WorkerDate,
      statics[i] as string,
      ObjectGetOwnPropertyDescriptor(NativeDate, statics[i] as string) as PropertyDescriptor,
    );
  const clock = {
    now() {
      return MathFloor(native.now());
    },
  };
  ObjectDefineProperty(WorkerDate, 'now', { value: clock.now, writable: true, configurable: true });
  ObjectDefineProperty(WorkerDate, 'length', { value: 7, configurable: true });
  ObjectDefineProperty(WorkerDate, 'name', { value: 'Date', configurable: true });
  ObjectDefineProperty(WorkerDate, 'prototype', { value: NativeDate.prototype, writable: false });
  const hidden = { writable: true, configurable: true };
  ObjectDefineProperty(NativeDate.prototype, 'constructor', { value: WorkerDate, ...hidden });
  ObjectDefineProperty(target, 'Date', { value: WorkerDate, ...hidden });
}

// ECMA-402 §11.3.3 and §11.3.4, with a missing date made explicit.
function installDateTimeFormat(): void {
  const format = ObjectGetOwnPropertyDescriptor(DateTimeFormatPrototype, 'format');
  const getFormat = format?.get as () => (date?: unknown) => string;
  const bound = new WeakMap<object, (date?: unknown) => string>();
  const members = {
    get format() {
      const original = ReflectApply(getFormat, this, []);
      let wrapped = WeakMapPrototypeGet(bound, original) as typeof original | undefined;
      if (wrapped === undefined) {
        wrapped = (date) => original(date === undefined ? now() : date);
        WeakMapPrototypeSet(bound, original, wrapped);
      }
      return wrapped;
    },
    formatToParts(date: unknown) {
      return DateTimeFormatPrototypeFormatToParts(this, date === undefined ? now() : date);
    },
  };
  defineMembers(DateTimeFormatPrototype, members);
  ObjectDefineProperty(DateTimeFormatPrototype, 'format', { enumerable: false });
  ObjectDefineProperty(DateTimeFormatPrototype, 'formatToParts', { enumerable: false });
}

// High Resolution Time §7, Performance Timeline §3, User Timing §3.
export class Performance extends EventTarget {
  readonly #brand = true;

  constructor(token: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    super();
  }

  static #require(self: object): void {
    if (!isObject(self) || !(#brand in self)) illegalReceiver('Performance');
  }

  get timeOrigin(): number {
    Performance.#require(this);
    return native.timeOrigin();
  }

  now(): number {
    Performance.#require(this);
    return native.now() - native.timeOrigin();
  }

  toJSON(): object {
    Performance.#require(this);
    return { timeOrigin: native.timeOrigin() };
  }

  mark(name: unknown, options: unknown = undefined): object {
    Performance.#require(this);
    requireArguments(arguments.length, 1, 'performance.mark');
    return lazy('performance').mark(name, options);
  }
  measure(name: unknown, start: unknown = undefined, end: unknown = undefined): object {
    Performance.#require(this);
    requireArguments(arguments.length, 1, 'performance.measure');
    return lazy('performance').measure(name, start, end);
  }
  clearMarks(name: unknown = undefined): void {
    Performance.#require(this);
    lazy('performance').clear('mark', name);
  }
  clearMeasures(name: unknown = undefined): void {
    Performance.#require(this);
    lazy('performance').clear('measure', name);
  }
  getEntries(): object[] {
    Performance.#require(this);
    return lazy('performance').timeline(undefined, undefined);
  }
  getEntriesByType(type: unknown): object[] {
    Performance.#require(this);
    requireArguments(arguments.length, 1, 'getEntriesByType');
    return lazy('performance').timeline(undefined, `${type}`);
  }
  getEntriesByName(name: unknown, type: unknown = undefined): object[] {
    Performance.#require(this);
    requireArguments(arguments.length, 1, 'getEntriesByName');
    return lazy('performance').timeline(`${name}`, type === undefined ? undefined : `${type}`);
  }
}
defineInterface(Performance, 'Performance');

export function makePerformance(): Performance {
  return new Performance(kInternal);
}
