// console, Console Standard. Lines go to native.log: `json` for tail, `text` for
// people. A call with plain values costs no module; objects load `inspect`.
import {
  ArrayPrototypeJoin,
  ErrorCaptureStackTrace,
  JSONStringify,
  Map,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  ObjectCreate,
  ObjectDefineProperty,
  ObjectPrototype,
  StringPrototypeIndexOf,
  StringPrototypeRepeat,
  SymbolToStringTag,
} from './primordials.ts';
import { defineMembers } from './webidl.ts';

type Level = 0 | 1 | 2 | 3 | 4;
const kDebug = 0;
const kLog = 1;
const kInfo = 2;
const kWarn = 3;
const kError = 4;

const state = { indent: 0 };
const counts = new Map<string, number>();
const timers = new Map<string, number>();

function isPlain(args: readonly unknown[]): boolean {
  for (let i = 0; i < args.length; i++) {
    const value = args[i];
    if (typeof value === 'string') {
      if (i === 0 && args.length > 1 && StringPrototypeIndexOf(value, '%') >= 0) return false;
    } else if (typeof value !== 'number' && typeof value !== 'boolean') return false;
  }
  return true;
}

function print(level: Level, args: readonly unknown[]): void {
  const plain = isPlain(args);
  const json = plain ? JSONStringify(args) : lazy('inspect').toTail(args);
  const text = plain ? ArrayPrototypeJoin(args, ' ') : lazy('inspect').format(args);
  native.log(level, json, state.indent === 0 ? text : indented(text));
}

function indented(text: string): string {
  return lazy('inspect').indent(text, StringPrototypeRepeat('  ', state.indent));
}

function label(value: unknown): string {
  return value === undefined ? 'default' : `${value}`;
}

function elapsed(name: string): string | null {
  const started = MapPrototypeGet(timers, name) as number | undefined;
  return started === undefined ? null : `${name}: ${native.now() - started}ms`;
}

const methods = {
  assert(condition: unknown = false, ...args: unknown[]) {
    if (condition) return;
    if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
    else args = prepend('Assertion failed', args);
    print(kError, args);
  },
  clear() {
    state.indent = 0;
  },
  count(name: unknown = undefined) {
    const key = label(name);
    const count = ((MapPrototypeGet(counts, key) as number | undefined) ?? 0) + 1;
    MapPrototypeSet(counts, key, count);
    print(kInfo, [`${key}: ${count}`]);
  },
  countReset(name: unknown = undefined) {
    const key = label(name);
    if (!MapPrototypeDelete(counts, key)) print(kWarn, [`Count for '${key}' does not exist`]);
  },
  debug(...args: unknown[]) {
    print(kDebug, args);
  },
  dir(value: unknown = undefined) {
    print(kLog, [value]);
  },
  dirxml(...args: unknown[]) {
    print(kLog, args);
  },
  error(...args: unknown[]) {
    print(kError, args);
  },
  group(...args: unknown[]) {
    if (args.length > 0) print(kLog, args);
    state.indent++;
  },
  groupCollapsed(...args: unknown[]) {
    if (args.length > 0) print(kLog, args);
    state.indent++;
  },
  groupEnd() {
    if (state.indent > 0) state.indent--;
  },
  info(...args: unknown[]) {
    print(kInfo, args);
  },
  log(...args: unknown[]) {
    print(kLog, args);
  },
  table(data: unknown = undefined, columns: unknown = undefined) {
    const table = lazy('inspect').table(data, columns);
    if (table === null) print(kLog, [data]);
    else native.log(kLog, lazy('inspect').toTail([data]), table);
  },
  time(name: unknown = undefined) {
    const key = label(name);
    if (elapsed(key) !== null) print(kWarn, [`Timer '${key}' already exists`]);
    else MapPrototypeSet(timers, key, native.now());
  },
  timeEnd(name: unknown = undefined) {
    const key = label(name);
    print(elapsed(key) === null ? kWarn : kInfo, [elapsed(key) ?? `Timer '${key}' does not exist`]);
    MapPrototypeDelete(timers, key);
  },
  timeLog(name: unknown = undefined, ...args: unknown[]) {
    const line = elapsed(label(name));
    if (line === null) print(kWarn, [`Timer '${label(name)}' does not exist`]);
    else print(kInfo, prepend(line, args));
  },
  timeStamp() {},
  trace(...args: unknown[]) {
    const here: { stack?: string } = {};
    ErrorCaptureStackTrace(here, methods.trace);
    const text = args.length === 0 ? 'Trace' : `Trace: ${lazy('inspect').format(args)}`;
    print(kLog, [`${text}${lazy('inspect').stackLines(here.stack)}`]);
  },
  warn(...args: unknown[]) {
    print(kWarn, args);
  },
};

function prepend(first: unknown, rest: readonly unknown[]): unknown[] {
  const all: unknown[] = [first];
  for (let i = 0; i < rest.length; i++) all[i + 1] = rest[i];
  return all;
}

// A namespace object (Web IDL §3.13): its methods are own and enumerable, its
// prototype is an empty object.
export function makeConsole(): object {
  const console = ObjectCreate(ObjectCreate(ObjectPrototype));
  defineMembers(console, methods);
  ObjectDefineProperty(console, SymbolToStringTag, { value: 'console', configurable: true });
  return console;
}
