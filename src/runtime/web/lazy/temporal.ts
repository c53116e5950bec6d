// Temporal, for Workers that ask for it (the compatibility flag `temporal`): V8's own, but
// for Temporal.Now, whose clock stands still as Date's does (clock.ts), and for months
// counted in lunisolar calendars (temporal/bounds.ts). C++ runs this before the Worker's
// modules, where V8 has put Temporal into the context.
import { MathFloor, ObjectDefineProperty, ReflectApply, uncurryThis } from '../primordials.ts';
import { boundTemporal, type TemporalClasses } from './temporal/bounds.ts';

type Method = (...args: never[]) => object;
type Class = { readonly prototype: Record<string, Method> };

interface TemporalNamespace {
  readonly Instant: Class & { fromEpochMilliseconds(ms: number): object };
  readonly Now: Record<string, unknown> & { timeZoneId(): string };
  readonly ZonedDateTime: Class;
}

const temporal = (globalObject as { Temporal: TemporalNamespace & TemporalClasses }).Temporal;
const { Instant, Now, ZonedDateTime } = temporal;
const { fromEpochMilliseconds } = Instant;
const { timeZoneId } = Now;
const inZone = uncurryThis(Instant.prototype.toZonedDateTimeISO as Method) as (
  instant: object,
  zone: unknown,
) => object;

const part = (name: string) => uncurryThis(ZonedDateTime.prototype[name] as Method);
const toPlainDate = part('toPlainDate');
const toPlainDateTime = part('toPlainDateTime');
const toPlainTime = part('toPlainTime');

function now(): object {
  return ReflectApply(fromEpochMilliseconds, Instant, [MathFloor(native.now())]);
}

function nowIn(zone: unknown): object {
  return inZone(now(), zone === undefined ? ReflectApply(timeZoneId, Now, []) : zone);
}

// Temporal §2.2.
const methods = {
  instant: () => now(),
  plainDateISO: (zone: unknown = undefined) => toPlainDate(nowIn(zone)),
  plainDateTimeISO: (zone: unknown = undefined) => toPlainDateTime(nowIn(zone)),
  plainTimeISO: (zone: unknown = undefined) => toPlainTime(nowIn(zone)),
  zonedDateTimeISO: (zone: unknown = undefined) => nowIn(zone),
};
const names = [
  'instant',
  'plainDateISO',
  'plainDateTimeISO',
  'plainTimeISO',
  'zonedDateTimeISO',
] as const;
for (let i = 0; i < names.length; i++) {
  const name = names[i] as (typeof names)[number];
  ObjectDefineProperty(Now, name, { value: methods[name], writable: true, configurable: true });
}

boundTemporal(temporal);

export const installed = true;
