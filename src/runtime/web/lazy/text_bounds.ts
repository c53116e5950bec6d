// Methods of texts as ECMAScript and ECMA-402 define them, cut so that termination can come
// between the calls of V8 that they make.
//
// V8 looks for one text in another in a time that can grow with the product of both
// lengths: a search is made in windows of the text, none of which takes long. ICU sorts
// each run of combining marks by insertion, which cannot be cut: texts with very long
// runs, which no language has, are refused (UAX #15 §13 has 30 as the bound of text that
// may be normalized in pieces).
//
// V8 compiles a call of indexOf() or includes() into the caller where no position is given
// or a small one, so the short ways below pass none where there is none.
//
// What is short goes straight to V8's own. A pattern's time is bounded by its text: no
// search in a short text is long, whatever it may be for.
import {
  getterOf,
  MathFloor,
  MathMax,
  MathMin,
  MathTrunc,
  NumberIsNaN,
  ObjectDefineProperty,
  RangeError,
  ReflectApply,
  RegExp,
  RegExpPrototypeExec,
  StringPrototypeSlice,
  Symbol,
  TypeError,
  uncurryThis,
  WeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} from '../primordials.ts';
import { NativeIntl, textMethods } from '../text_methods.ts';
import { defineMembers, isCallable, isObject } from '../webidl.ts';

// A search in a text of so many units takes less than 0.1 s.
const shortText = 16_384;
// Units of text times units of pattern that one call of V8 may have.
const mostWork = 2 ** 28;
// Runs of marks in texts of so many units are sorted in some milliseconds.
const shortMarks = 4096;
const mostMarks = 256;

type Method<Result> = (self: unknown, ...args: unknown[]) => Result;
const original = <Result>(index: number) =>
  uncurryThis(textMethods[index] as (...args: never[]) => unknown) as Method<Result>;
const StringPrototypeIncludes = original<boolean>(0);
const StringPrototypeIndexOf = original<number>(1);
const StringPrototypeLastIndexOf = original<number>(2);
const StringPrototypeLocaleCompare = original<number>(3);
const StringPrototypeNormalize = original<string>(4);
const StringPrototypeReplace = original<string>(5);
const StringPrototypeReplaceAll = original<string>(6);
const StringPrototypeSplit = original<string[]>(7);
// Nobody has seen it yet: it is read from here.
const intl = NativeIntl;

export { intl as Intl };

const { match: SymbolMatch, replace: SymbolReplace, split: SymbolSplit } = Symbol;

const methods = {
  // ECMAScript §22.1.3.8.
  includes(this: unknown, search: unknown, position: unknown = undefined): boolean {
    if (typeof this === 'string' && this.length <= shortText)
      return position === undefined
        ? StringPrototypeIncludes(this, search)
        : StringPrototypeIncludes(this, search, position);
    const text = toText(this, 'includes');
    if (isRegExp(search))
      throw new TypeError(
        'First argument to String.prototype.includes must not be a regular expression',
      );
    const pattern = `${search}`;
    return find(text, pattern, startOf(position, text)) !== -1;
  },

  // ECMAScript §22.1.3.9.
  indexOf(this: unknown, search: unknown, position: unknown = undefined): number {
    if (typeof this === 'string' && this.length <= shortText)
      return position === undefined
        ? StringPrototypeIndexOf(this, search)
        : StringPrototypeIndexOf(this, search, position);
    const text = toText(this, 'indexOf');
    const pattern = `${search}`;
    return find(text, pattern, startOf(position, text));
  },

  // ECMAScript §22.1.3.11.
  lastIndexOf(this: unknown, search: unknown, position: unknown = undefined): number {
    if (typeof this === 'string' && this.length <= shortText)
      return StringPrototypeLastIndexOf(this, search as string, position as number);
    const text = toText(this, 'lastIndexOf');
    const pattern = `${search}`;
    const asked = +(position as number);
    // NaN, which undefined is too, means the end.
    return findLast(text, pattern, NumberIsNaN(asked) ? text.length : clamp(asked, text.length));
  },

  // ECMA-402 §20.1.1.
  localeCompare(
    this: unknown,
    that: unknown,
    locales: unknown = undefined,
    options: unknown = undefined,
  ): number {
    if (
      typeof this === 'string' &&
      typeof that === 'string' &&
      this.length <= shortMarks &&
      that.length <= shortMarks
    )
      return StringPrototypeLocaleCompare(this, that, locales as string, options as object);
    const text = toText(this, 'localeCompare');
    const other = `${that}`;
    checkMarks(text, 'String.prototype.localeCompare()');
    checkMarks(other, 'String.prototype.localeCompare()');
    return StringPrototypeLocaleCompare(text, other, locales as string, options as object);
  },

  // ECMAScript §22.1.3.15.
  normalize(this: unknown, form: unknown = undefined): string {
    if (typeof this === 'string' && this.length <= shortMarks)
      return StringPrototypeNormalize(this, form as string);
    const text = toText(this, 'normalize');
    const named = form === undefined ? undefined : `${form}`;
    checkMarks(text, 'String.prototype.normalize()');
    return StringPrototypeNormalize(text, named as string);
  },

  // ECMAScript §22.1.3.19.
  replace(this: unknown, search: unknown, replacement: unknown): string {
    if (typeof this === 'string' && this.length <= shortText)
      return StringPrototypeReplace(this, search as string, replacement as string);
    requireText(this, 'replace');
    const replacer = methodOf(search, SymbolReplace);
    if (replacer !== undefined) return ReflectApply(replacer, search, [this, replacement]);
    const text = `${this}`;
    const pattern = `${search}`;
    const becomes = isCallable(replacement) ? replacement : `${replacement}`;
    if (!isLong(text, pattern)) return StringPrototypeReplace(text, pattern, becomes as string);
    const at = find(text, pattern, 0);
    if (at === -1) return text;
    return (
      StringPrototypeSlice(text, 0, at) +
      replaced(text, pattern, at, becomes) +
      StringPrototypeSlice(text, at + pattern.length)
    );
  },

  // ECMAScript §22.1.3.20.
  replaceAll(this: unknown, search: unknown, replacement: unknown): string {
    if (typeof this === 'string' && this.length <= shortText)
      return StringPrototypeReplaceAll(this, search as string, replacement as string);
    requireText(this, 'replaceAll');
    if (isRegExp(search)) {
      const { flags } = search as RegExp;
      requireText(flags, 'replaceAll');
      if (StringPrototypeIndexOf(`${flags}`, 'g') === -1)
        throw new TypeError('String.prototype.replaceAll called with a non-global RegExp argument');
    }
    const replacer = methodOf(search, SymbolReplace);
    if (replacer !== undefined) return ReflectApply(replacer, search, [this, replacement]);
    const text = `${this}`;
    const pattern = `${search}`;
    const becomes = isCallable(replacement) ? replacement : `${replacement}`;
    if (!isLong(text, pattern)) return StringPrototypeReplaceAll(text, pattern, becomes as string);
    let result = '';
    let end = 0;
    for (let at = find(text, pattern, 0); at !== -1; at = find(text, pattern, end)) {
      result += StringPrototypeSlice(text, end, at) + replaced(text, pattern, at, becomes);
      end = at + pattern.length;
    }
    return result + StringPrototypeSlice(text, end);
  },

  // ECMAScript §22.1.3.23.
  split(this: unknown, separator: unknown, limit: unknown): string[] {
    if (typeof this === 'string' && this.length <= shortText)
      return StringPrototypeSplit(this, separator as string, limit as number);
    requireText(this, 'split');
    const splitter = methodOf(separator, SymbolSplit);
    if (splitter !== undefined) return ReflectApply(splitter, separator, [this, limit]);
    const text = `${this}`;
    const most = limit === undefined ? 2 ** 32 - 1 : (limit as number) >>> 0;
    const pattern = `${separator}`;
    if (separator === undefined || !isLong(text, pattern))
      return StringPrototypeSplit(
        text,
        (separator === undefined ? separator : pattern) as string,
        most,
      );
    const parts: string[] = [];
    let end = 0;
    for (
      let at = find(text, pattern, 0);
      at !== -1 && parts.length < most;
      at = find(text, pattern, end)
    ) {
      parts[parts.length] = StringPrototypeSlice(text, end, at);
      end = at + pattern.length;
    }
    if (parts.length < most) parts[parts.length] = StringPrototypeSlice(text, end);
    return parts;
  },
};

export const {
  includes,
  indexOf,
  lastIndexOf,
  localeCompare,
  normalize,
  replace,
  replaceAll,
  split,
} = methods;

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
    if (
      typeof one === 'string' &&
      typeof other === 'string' &&
      one.length <= shortMarks &&
      other.length <= shortMarks
    )
      return original(one, other);
    const left = `${one}`;
    const right = `${other}`;
    checkMarks(left, 'Intl.Collator.prototype.compare()');
    checkMarks(right, 'Intl.Collator.prototype.compare()');
    return original(left, right);
  });
}

function remember(original: Compare, made: Compare): Compare {
  WeakMapPrototypeSet(compares, original, made);
  return made;
}

function requireText(value: unknown, name: string): void {
  if (value === undefined || value === null)
    throw new TypeError(`String.prototype.${name} called on null or undefined`);
}

function toText(value: unknown, name: string): string {
  requireText(value, name);
  return `${value}`;
}

// ECMAScript §7.2.6, IsRegExp.
function isRegExp(value: unknown): boolean {
  if (!isObject(value)) return false;
  const matcher = (value as Record<symbol, unknown>)[SymbolMatch];
  if (matcher !== undefined) return !!matcher;
  try {
    RegExpPrototypeExec(value, probe as never);
  } catch (error) {
    return error === probe;
  }
  return true;
}

// exec() looks for a regular expression's slots first, and changes nothing of it before
// it has the text.
const probe = {
  __proto__: null,
  toString(): never {
    throw probe;
  },
};

// ECMAScript §7.3.10, of objects alone.
function methodOf(value: unknown, key: symbol): ((...args: unknown[]) => never) | undefined {
  if (!isObject(value)) return undefined;
  const method = (value as Record<symbol, unknown>)[key];
  if (method === undefined || method === null) return undefined;
  if (!isCallable(method)) throw new TypeError(`${typeof method} is not a function`);
  return method as never;
}

function clamp(asked: number, most: number): number {
  return MathMin(MathMax(MathTrunc(asked), 0), most);
}

function startOf(position: unknown, text: string): number {
  const asked = +(position as number);
  return NumberIsNaN(asked) ? 0 : clamp(asked, text.length);
}

function isLong(text: string, pattern: string): boolean {
  return text.length * pattern.length > mostWork;
}

function find(text: string, pattern: string, from: number): number {
  const { length } = pattern;
  const last = text.length - length;
  if ((last - from) * length <= mostWork) return StringPrototypeIndexOf(text, pattern, from);
  const step = MathMax(MathFloor(mostWork / length), 1);
  for (let at = from; at <= last; at += step) {
    const window = StringPrototypeSlice(text, at, at + step + length - 1);
    const found = StringPrototypeIndexOf(window, pattern);
    if (found !== -1) return at + found;
  }
  return -1;
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

type Replacement = string | ((match: string, at: number, text: string) => unknown);

function replaced(text: string, match: string, at: number, becomes: unknown): string {
  if (typeof becomes === 'string') return substituted(text, match, at, becomes);
  return `${(becomes as Exclude<Replacement, string>)(match, at, text)}`;
}

// ECMAScript §22.1.3.19.1, GetSubstitution, of a match without captures.
function substituted(text: string, match: string, at: number, template: string): string {
  let result = '';
  let end = 0;
  for (
    let dollar = StringPrototypeIndexOf(template, '$');
    dollar !== -1;
    dollar = StringPrototypeIndexOf(template, '$', dollar + 2)
  ) {
    const piece = substitute(text, match, at, template[dollar + 1]);
    if (piece === null) continue;
    result += StringPrototypeSlice(template, end, dollar) + piece;
    end = dollar + 2;
  }
  return result + StringPrototypeSlice(template, end);
}

function substitute(text: string, match: string, at: number, sign: unknown): string | null {
  if (sign === '$') return '$';
  if (sign === '&') return match;
  if (sign === '`') return StringPrototypeSlice(text, 0, at);
  if (sign === "'") return StringPrototypeSlice(text, at + match.length);
  return null;
}

// Made when it is first needed. Halfwidth katakana's sound marks decompose to combining
// ones. What stands before a run is looked at, so that each run is tried once.
let longRun: RegExp | null = null;

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
