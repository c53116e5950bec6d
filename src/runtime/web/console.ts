// console, Console Standard. Lines go to native.log: `json` for tail, `text` for
// people. A call with plain values costs no module; objects load `inspect`, and
// methods that are more than a line `console_methods`.
import type { LazyModules } from './lazy_modules.ts';
import {
  ArrayPrototypeJoin,
  JSONStringify,
  ObjectCreate,
  ObjectDefineProperty,
  ObjectPrototype,
  StringPrototypeIndexOf,
  StringPrototypeRepeat,
  SymbolToStringTag,
} from './primordials.ts';
import { defineMembers } from './webidl.ts';

export type Level = 0 | 1 | 2 | 3 | 4;
export const kDebug = 0;
export const kLog = 1;
export const kInfo = 2;
export const kWarn = 3;
export const kError = 4;

export const consoleState = { indent: 0 };

// Texts stand as they are: all arguments are strings without a directive. Plain values
// also have numbers, which a text tells better than JSON does, but for -0.
const kInspected = 0;
const kPlain = 1;
const kTexts = 2;
// Code units. Much more than the log keeps, and little enough for V8 to write as JSON.
export const kLongestText = 1024 * 1024;

function kindOf(args: readonly unknown[]): number {
  let kind = kTexts;
  for (let i = 0; i < args.length; i++) {
    const value = args[i];
    if (typeof value === 'string') {
      if (value.length > kLongestText) return kInspected;
      if (i === 0 && args.length > 1 && StringPrototypeIndexOf(value, '%') >= 0) return kInspected;
    } else if (typeof value === 'number') {
      if (value === 0 && 1 / value < 0) return kInspected;
      kind = kPlain;
    } else if (typeof value === 'boolean') {
      kind = kPlain;
    } else return kInspected;
  }
  return kind;
}

export function print(level: Level, args: readonly unknown[]): void {
  const kind = kindOf(args);
  if (kind === kTexts && consoleState.indent === 0) {
    native.log(level, JSONStringify(args), '');
    return;
  }
  const plain = kind !== kInspected;
  const json = plain ? JSONStringify(args) : lazy('inspect').toTail(args);
  const text = plain ? ArrayPrototypeJoin(args, ' ') : lazy('inspect').format(args);
  printText(level, json, text);
}

// `json` as native.log takes it.
export function printText(level: Level, json: string, text: string): void {
  native.log(level, json, consoleState.indent === 0 ? text : indented(text));
}

function indented(text: string): string {
  return lazy('inspect').indent(text, StringPrototypeRepeat('  ', consoleState.indent));
}

const methods = {
  debug(...args: unknown[]) {
    print(kDebug, args);
  },
  error(...args: unknown[]) {
    print(kError, args);
  },
  info(...args: unknown[]) {
    print(kInfo, args);
  },
  log(...args: unknown[]) {
    print(kLog, args);
  },
  warn(...args: unknown[]) {
    print(kWarn, args);
  },
};

const lazyMethods: readonly (keyof LazyModules['console_methods'])[] = [
  'assert',
  'clear',
  'context',
  'count',
  'countReset',
  'dir',
  'dirxml',
  'group',
  'groupCollapsed',
  'groupEnd',
  'profile',
  'profileEnd',
  'table',
  'time',
  'timeEnd',
  'timeLog',
  'timeStamp',
  'trace',
];

// A namespace object (Web IDL §3.13): its methods are own and enumerable, its
// prototype is an empty object.
export function makeConsole(): object {
  const console = ObjectCreate(ObjectCreate(ObjectPrototype));
  defineMembers(console, methods);
  for (let i = 0; i < lazyMethods.length; i++)
    native.defineLazy(console, lazyMethods[i] as string, 'console_methods', true);
  ObjectDefineProperty(console, SymbolToStringTag, { value: 'console', configurable: true });
  return console;
}
