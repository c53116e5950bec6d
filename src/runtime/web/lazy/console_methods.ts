// The methods of console that fewer Workers call, Console Standard §1.1, and those that
// V8 has beside them. Counters and timers belong to the isolate.
import {
  consoleState,
  kError,
  kInfo,
  kLog,
  kWarn,
  makeConsole,
  print,
  printText,
} from '../console.ts';
import {
  ErrorCaptureStackTrace,
  Map,
  MapPrototypeDelete,
  MapPrototypeGet,
  MapPrototypeSet,
  StringPrototypeRepeat,
} from '../primordials.ts';

const counts = new Map<string, number>();
const timers = new Map<string, number>();

function label(value: unknown): string {
  return value === undefined ? 'default' : `${value}`;
}

function elapsed(name: string): string | null {
  const started = MapPrototypeGet(timers, name) as number | undefined;
  return started === undefined ? null : `${name}: ${duration(native.now() - started)}`;
}

// As Node writes it: 12ms, 1.234s, 1:02.345 (m:ss.mmm).
function duration(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  if (ms < 60_000) return `${decimals(ms)}s`;
  const hours = (ms / 3_600_000) | 0;
  const minutes = ((ms / 60_000) % 60) | 0;
  const seconds = decimals(ms % 60_000);
  const rest = seconds.length < 6 ? `0${seconds}` : seconds;
  if (hours === 0) return `${minutes}:${rest} (m:ss.mmm)`;
  return `${hours}:${minutes < 10 ? '0' : ''}${minutes}:${rest} (h:mm:ss.mmm)`;
}

// Milliseconds as seconds, with three decimals.
function decimals(ms: number): string {
  const whole = (ms / 1000) | 0;
  const thousandths = `${(ms % 1000) | 0}`;
  return `${whole}.${StringPrototypeRepeat('0', 3 - thousandths.length)}${thousandths}`;
}

function prepend(first: unknown, rest: readonly unknown[]): unknown[] {
  const all: unknown[] = [first];
  for (let i = 0; i < rest.length; i++) all[i + 1] = rest[i];
  return all;
}

// An object's, so that each has its name also where the build shortens names.
const methods = {
  assert(condition: unknown = false, ...args: unknown[]) {
    if (condition) return;
    if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
    else args = prepend('Assertion failed', args);
    print(kError, args);
  },
  clear() {
    consoleState.indent = 0;
  },
  // Of V8: a console of the same log, as no debugger tells them apart.
  context(_name: unknown = undefined): object {
    return makeConsole();
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
  dir(value: unknown = undefined, options: unknown = undefined) {
    printText(kLog, lazy('inspect').toTail([value]), lazy('inspect').dirText(value, options));
  },
  dirxml(...args: unknown[]) {
    print(kLog, args);
  },
  group(...args: unknown[]) {
    if (args.length > 0) print(kLog, args);
    consoleState.indent++;
  },
  groupCollapsed(...args: unknown[]) {
    if (args.length > 0) print(kLog, args);
    consoleState.indent++;
  },
  groupEnd() {
    if (consoleState.indent > 0) consoleState.indent--;
  },
  // Of V8: for a profiler, which no Worker has.
  profile() {},
  profileEnd() {},
  table(data: unknown = undefined, columns: unknown = undefined) {
    const table = lazy('inspect').table(data, columns);
    if (table === null) print(kLog, [data]);
    else printText(kLog, lazy('inspect').toTail([data]), table);
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
};

export const {
  assert,
  clear,
  context,
  count,
  countReset,
  dir,
  dirxml,
  group,
  groupCollapsed,
  groupEnd,
  profile,
  profileEnd,
  table,
  time,
  timeEnd,
  timeLog,
  timeStamp,
  trace,
} = methods;
