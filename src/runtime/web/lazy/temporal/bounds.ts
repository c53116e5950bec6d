// Bounds of what Temporal computes. V8 counts the months between two dates of a calendar
// whose leap months follow the moon by trying one after the other, from the start each
// time: 7,000 years take half a second, all years an hour, and nothing ends such a call. So
// differences in these calendars are refused beyond 1,000 years, with a RangeError.
import {
  getterOf,
  ObjectDefineProperty,
  ObjectKeys,
  RangeError,
  ReflectApply,
  RegExpPrototypeExec,
} from '../../primordials.ts';

type Method = (...args: never[]) => unknown;
type Class = { readonly prototype: object; from(value: unknown): object };

const names = ['PlainDate', 'PlainDateTime', 'PlainYearMonth', 'ZonedDateTime'] as const;

export type TemporalClasses = {
  readonly [name in (typeof names)[number] | 'Duration']: Class;
};

const mostYears = 1000;

/** Replaces the methods of `temporal` that can count months, before script sees them. */
export function boundTemporal(temporal: TemporalClasses): void {
  const kinds: Kind[] = [];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as (typeof names)[number];
    kinds[i] = new Kind(temporal[name]);
    boundDifference(temporal[name], name, 'until', kinds[i] as Kind);
    boundDifference(temporal[name], name, 'since', kinds[i] as Kind);
  }
  boundDuration(temporal.Duration, 'round', kinds);
  boundDuration(temporal.Duration, 'total', kinds);
}

// What tells the calendar and the year of the instances of a class. Throws of others.
class Kind {
  readonly calendar: (date: unknown) => string;
  readonly year: (date: unknown) => number;

  constructor({ prototype }: Class) {
    this.calendar = getterOf(prototype, 'calendarId') as (date: unknown) => string;
    this.year = getterOf(prototype, 'year') as (date: unknown) => number;
  }
}

function isLunisolar(calendar: string): boolean {
  return calendar === 'chinese' || calendar === 'dangi';
}

function refuse(what: string): never {
  throw new RangeError(
    `${what} is not computed beyond ${mostYears} years in the calendars "chinese" and "dangi", where it would take a Worker's whole time: convert the dates with withCalendar('iso8601'), and pass a duration's relativeTo as a date of Temporal`,
  );
}

function boundDifference(owner: Class, className: string, name: string, kind: Kind): void {
  const { prototype } = owner;
  const native = (prototype as Record<string, Method>)[name] as Method;
  const { from } = owner;
  const methods = {
    [name](this: unknown, other: unknown, options: unknown = undefined): unknown {
      if (!isLunisolar(kind.calendar(this))) return ReflectApply(native, this, [other, options]);
      const end = ReflectApply(from, owner, [other]);
      const years = kind.year(this) - kind.year(end);
      if (years > mostYears || years < -mostYears) {
        refuse(`${className}.prototype.${name}()`);
      }
      return ReflectApply(native, this, [end, options]);
    },
  };
  define(prototype, name, methods[name] as Method);
}

// Temporal §7.3.20 (round) and §7.3.21 (total): what they read of their options.
const optionNames = [
  'largestUnit',
  'relativeTo',
  'roundingIncrement',
  'roundingMode',
  'smallestUnit',
  'unit',
] as const;

function boundDuration(duration: Class, name: 'round' | 'total', kinds: readonly Kind[]): void {
  const { prototype } = duration;
  const native = (prototype as Record<string, Method>)[name] as Method;
  const yearsOf = yearsIn(prototype);
  const methods = {
    [name](this: unknown, options: unknown): unknown {
      if (typeof options !== 'object' || options === null || yearsOf(this) <= mostYears) {
        return ReflectApply(native, this, [options]);
      }
      // Each is read once: what is judged is what V8 gets.
      const read: Record<string, unknown> = { __proto__: null } as never;
      for (let i = 0; i < optionNames.length; i++) {
        const option = optionNames[i] as string;
        read[option] = (options as Record<string, unknown>)[option];
      }
      if (mayBeLunisolar(read.relativeTo, kinds)) refuse(`Temporal.Duration.prototype.${name}()`);
      return ReflectApply(native, this, [read]);
    },
  };
  define(prototype, name, methods[name] as Method);
}

// Days, at most, that one of each unit has, which is what a duration's length is judged by.
const daysOf = {
  years: 385,
  months: 30,
  weeks: 7,
  days: 1,
  hours: 1 / 24,
  minutes: 1 / 1440,
  seconds: 1 / 86_400,
  milliseconds: 1e-3 / 86_400,
  microseconds: 1e-6 / 86_400,
  nanoseconds: 1e-9 / 86_400,
};

// Throws of what is no duration.
function yearsIn(prototype: object): (duration: unknown) => number {
  const units = ObjectKeys(daysOf) as (keyof typeof daysOf)[];
  const getters: ((duration: unknown) => unknown)[] = [];
  for (let i = 0; i < units.length; i++) getters[i] = getterOf(prototype, units[i] as string);
  return (duration) => {
    let days = 0;
    for (let i = 0; i < units.length; i++) {
      const count = (getters[i] as (duration: unknown) => number)(duration);
      days += count * daysOf[units[i] as keyof typeof daysOf];
    }
    return (days < 0 ? -days : days) / 365;
  };
}

// Dates tell their calendar. A text names one, or is of ISO 8601; what the fields of an
// object mean is not asked for, as they could answer otherwise a second time.
function mayBeLunisolar(relativeTo: unknown, kinds: readonly Kind[]): boolean {
  if (relativeTo === undefined) return false;
  if (typeof relativeTo === 'string')
    return RegExpPrototypeExec(namesCalendar, relativeTo) !== null;
  for (let i = 0; i < kinds.length; i++) {
    let calendar: string;
    try {
      calendar = (kinds[i] as Kind).calendar(relativeTo);
    } catch {
      continue;
    }
    return isLunisolar(calendar);
  }
  return true;
}

const namesCalendar = /\[!?u-ca=/i;

function define(prototype: object, name: string, value: Method): void {
  ObjectDefineProperty(prototype, name, { value, writable: true, configurable: true });
}
