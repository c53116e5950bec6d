// Methods of texts that V8 carries out in one call which nothing ends, and that take
// quadratic time for texts that clients send: they are the platform's own. What is short is
// V8's still; the rest has bounds (lazy/text_bounds.ts). indexOf() and its kin stay V8's:
// compiled code calls them everywhere, and only a long text that is searched for, which
// clients seldom give, makes them slow (docs/compatibility.md).
//
// They are plain values: V8 compiles no call of any method of String.prototype while one of
// its properties is an accessor, even a lazy value's.
import { ObjectDefineProperty, String, uncurryThis } from './primordials.ts';
import { eachEntry } from './webidl.ts';

const { prototype } = String;

export const NativeIntl = Intl;
export const StringPrototypeLastIndexOf = uncurryThis(prototype.lastIndexOf);
export const StringPrototypeLocaleCompare = uncurryThis(
  prototype.localeCompare as (that: unknown, locales?: unknown, options?: unknown) => number,
);
export const StringPrototypeNormalize = uncurryThis(
  prototype.normalize as (form?: unknown) => string,
);

// A search in a text of so many units takes less than 0.1 s.
const shortText = 16_384;
// Runs of marks in texts of so many units are sorted in some milliseconds.
export const shortMarks = 4096;

export function areShort(one: unknown, other: unknown): boolean {
  return (
    typeof one === 'string' &&
    typeof other === 'string' &&
    one.length <= shortMarks &&
    other.length <= shortMarks
  );
}

const methods = {
  // ECMAScript §22.1.3.11.
  lastIndexOf(this: unknown, search: unknown, position: unknown = undefined): number {
    return typeof this === 'string' && this.length <= shortText
      ? StringPrototypeLastIndexOf(this, search as string, position as number)
      : lazy('text_bounds').lastIndexOf(this, search, position);
  },

  // ECMA-402 §20.1.1.
  localeCompare(
    this: unknown,
    that: unknown,
    locales: unknown = undefined,
    options: unknown = undefined,
  ): number {
    return areShort(this, that)
      ? StringPrototypeLocaleCompare(this as string, that, locales, options)
      : lazy('text_bounds').localeCompare(this, that, locales, options);
  },

  // ECMAScript §22.1.3.15.
  normalize(this: unknown, form: unknown = undefined): string {
    return typeof this === 'string' && this.length <= shortMarks
      ? StringPrototypeNormalize(this, form)
      : lazy('text_bounds').normalize(this, form);
  },
};

export function installTextMethods(): void {
  eachEntry(methods, (name, value) => ObjectDefineProperty(prototype, name, { value }));
  native.defineLazy(globalObject, 'Intl', 'text_bounds', false);
}
