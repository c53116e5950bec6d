// Methods of texts as ECMAScript and ECMA-402 define them, cut so that termination can come
// between the calls of V8 that they make.
//
// V8 looks for the last place of a text in a time that can grow with the product of both
// lengths: a search is made in windows of the text, none of which takes long. ICU sorts
// each run of combining marks by insertion, which cannot be cut: texts with very long
// runs, which no language has, are refused (UAX #15 §13 has 30 as the bound of text that
// may be normalized in pieces).
//
// What is short never comes here. A pattern's time is bounded by its text: no search in a
// short text is long, whatever it may be for.
import {
  getterOf,
  MathFloor,
  MathMax,
  MathMin,
  MathTrunc,
  NumberIsNaN,
  ObjectDefineProperty,
  RangeError,
  RegExp,
  RegExpPrototypeExec,
  StringPrototypeSlice,
  TypeError,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from '../primordials.ts';
import {
  areShort,
  NativeIntl,
  StringPrototypeLastIndexOf,
  StringPrototypeLocaleCompare,
  StringPrototypeNormalize,
  shortMarks,
} from '../text_methods.ts';
import { defineMembers } from '../webidl.ts';

// Units of text times units of pattern that one call of V8 may have.
const mostWork = 2 ** 28;
const mostMarks = 256;

// Nobody has seen it yet: it is read from here.
const intl = NativeIntl;

export { intl as Intl };

// What text_methods.ts has given up on because it is long, or no text yet.

export function lastIndexOf(self: unknown, search: unknown, position: unknown): number {
  const text = toText(self, 'lastIndexOf');
  const pattern = `${search}`;
  const asked = +(position as number);
  // NaN, which undefined is too, means the end.
  return findLast(text, pattern, NumberIsNaN(asked) ? text.length : MathMax(MathTrunc(asked), 0));
}

export function localeCompare(
  self: unknown,
  that: unknown,
  locales: unknown,
  options: unknown,
): number {
  const text = toText(self, 'localeCompare');
  const other = `${that}`;
  checkBoth(text, other, 'String.prototype.localeCompare()');
  return StringPrototypeLocaleCompare(text, other, locales, options);
}

export function normalize(self: unknown, form: unknown): string {
  const text = toText(self, 'normalize');
  const named = form === undefined ? undefined : `${form}`;
  checkMarks(text, 'String.prototype.normalize()');
  return StringPrototypeNormalize(text, named);
}

type Compare = (one: unknown, other: unknown) => number;

const compares = new WeakMap<object, Compare>();

const getCompare = getterOf(intl.Collator.prototype, 'compare') as (collator: unknown) => Compare;
const collatorMembers = {
  // ECMA-402 §10.3.3: the same each time.
  get compare() {
    return compareOf(getCompare(this));
  },
};
defineMembers(intl.Collator.prototype, collatorMembers);
ObjectDefineProperty(intl.Collator.prototype, 'compare', { enumerable: false });

function compareOf(original: Compare): Compare {
  const known = WeakMapPrototypeGet(compares, original) as Compare | undefined;
  if (known !== undefined) return known;
  // ECMA-402 §10.3.3.1: a function without a name, so no variable holds it.
  return remember(original, (one: unknown, other: unknown) => {
    if (areShort(one, other)) return original(one, other);
    const left = `${one}`;
    const right = `${other}`;
    checkBoth(left, right, 'Intl.Collator.prototype.compare()');
    return original(left, right);
  });
}

function remember(original: Compare, made: Compare): Compare {
  WeakMapPrototypeSet(compares, original, made);
  return made;
}

function toText(value: unknown, name: string): string {
  if (value === undefined || value === null)
    throw new TypeError(`String.prototype.${name} called on null or undefined`);
  return `${value}`;
}

function findLast(text: string, pattern: string, from: number): number {
  const { length } = pattern;
  const last = MathMin(from, text.length - length);
  if (last * length <= mostWork) return StringPrototypeLastIndexOf(text, pattern, last);
  const step = MathMax(MathFloor(mostWork / length), 1);
  for (let end = last; end >= 0; end -= step) {
    const at = MathMax(end - step + 1, 0);
    const window = StringPrototypeSlice(text, at, end + length);
    const found = StringPrototypeLastIndexOf(window, pattern);
    if (found !== -1) return at + found;
  }
  return -1;
}

// Made when it is first needed. Halfwidth katakana's sound marks decompose to combining
// ones. What stands before a run is looked at, so that each run is tried once.
let longRun: RegExp | null = null;

function checkBoth(one: string, other: string, what: string): void {
  checkMarks(one, what);
  checkMarks(other, what);
}

function checkMarks(text: string, what: string): void {
  if (text.length <= shortMarks) return;
  longRun ??= new RegExp(
    `(?<![\\p{M}\\uff9e\\uff9f])[\\p{M}\\uff9e\\uff9f]{${mostMarks + 1}}`,
    'u',
  );
  if (RegExpPrototypeExec(longRun, text) === null) return;
  throw new RangeError(
    `${what}: the text has more than ${mostMarks} combining marks in a row, which takes quadratic time: cut the run, or refuse the text`,
  );
}
