// What a Worker finds on its global object, held against workerd (tests/surface).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';
import { expectedDifferences, surfaceDifferences } from '../surface/surface.ts';

test("a Worker's global object is that of Workers, but for what is written down", async () => {
  const platform = await Platform.start();
  try {
    const expected = expectedDifferences();
    assert.deepEqual(
      await surfaceDifferences(platform),
      Object.values(expected).flat().toSorted(),
      'mend the difference, or node tests/surface/renew.ts and give the reason',
    );
    assert.ok(!('not explained' in expected));
  } finally {
    await platform.stop();
  }
});

/** Tells whether Temporal's clock is Date's, which stands still however long it computes. */
const temporalWorker = `
  function survey() {
    const { Now } = Temporal;
    for (let i = 0; i < 2e7; i++) if (i < 0) throw i;
    const at = Temporal.Instant.fromEpochMilliseconds(Date.now());
    const zoned = at.toZonedDateTimeISO(Now.timeZoneId());
    const tokyo = at.toZonedDateTimeISO('Asia/Tokyo');
    return [Now.instant().equals(at), Now.zonedDateTimeISO().equals(zoned),
      Now.plainDateISO().equals(zoned.toPlainDate()),
      Now.plainDateTimeISO().equals(zoned.toPlainDateTime()),
      Now.plainTimeISO().equals(zoned.toPlainTime()),
      Now.plainTimeISO('Asia/Tokyo').equals(tokyo.toPlainTime()),
      String(Temporal.PlainDate.from('2024-02-29').add({ years: 1 }))];
  }
  export default { fetch: () => Response.json([typeof Temporal, typeof Date.prototype.toTemporalInstant,
    ...(globalThis.Temporal ? survey() : [])]) };`;

test('Temporal is there for Workers that ask for it, and its clock stands still', async () => {
  const platform = await Platform.start();
  try {
    const ask = async (name: string, flags: readonly string[]) => {
      await platform.deploy(name, [esModule(temporalWorker)], {
        compatibility_flags: flags,
        limits: { cpu_ms: 5_000 },
      });
      return JSON.parse((await platform.get(name)).text);
    };
    const same = [true, true, true, true, true, true];
    assert.deepEqual(await ask('without', []), ['undefined', 'undefined']);
    assert.deepEqual(await ask('with', ['temporal']), [
      'object',
      'function',
      ...same,
      '2025-02-28',
    ]);
  } finally {
    await platform.stop();
  }
});

// Each of these takes V8 an hour, or months, and nothing ends it.
const endlessTemporal = `
  export default { fetch() {
    const first = Temporal.PlainDate.from('-200000-01-15').withCalendar('chinese');
    const last = Temporal.PlainDate.from('+200000-01-15').withCalendar('chinese');
    const months = { largestUnit: 'months' };
    const long = Temporal.Duration.from({ days: 140_000_000 });
    const short = Temporal.Duration.from({ days: 1_000 });
    let asked = 0;
    const turns = { get relativeTo() { return asked++ ? first : first.withCalendar('iso8601'); }, unit: 'months' };
    const how = (call) => { try { return String(call()); } catch (error) { return error.name; } };
    return Response.json([
      () => first.until(last, months),
      () => last.since(first, months),
      () => first.withCalendar('dangi').until(last.withCalendar('dangi'), months),
      () => first.toPlainDateTime().until(last.toPlainDateTime(), months),
      () => first.toZonedDateTime('UTC').until(last.toZonedDateTime('UTC'), months),
      () => first.toPlainYearMonth().since(last.toPlainYearMonth(), months),
      () => long.total({ unit: 'months', relativeTo: first }),
      () => long.round({ largestUnit: 'months', relativeTo: '2000-01-01[u-ca=chinese]' }),
      () => long.round({ largestUnit: 'months', relativeTo: { calendar: 'chinese', year: 1, month: 1, day: 1 } }),
      () => [long.total(turns) > 4e6, asked],
      () => long.round({ largestUnit: 'months', relativeTo: '-200000-01-01' }),
      () => short.total({ unit: 'days', relativeTo: last }),
      () => short.round({ largestUnit: 'months', relativeTo: first }),
      () => first.until(first.add({ months: 30 }), months),
      () => first.withCalendar('gregory').until(last.withCalendar('gregory'), months),
      () => first.until('-200000-02-15[u-ca=chinese]', months),
      () => first.until.call({}, last, months),
      () => [first.until.length, first.until.name, 'prototype' in first.until],
    ].map(how));
  } };`;

test('What Temporal would count without end in lunisolar calendars is refused', async () => {
  const platform = await Platform.start();
  try {
    await platform.deploy('endless', [esModule(endlessTemporal)], {
      compatibility_flags: ['temporal'],
      limits: { cpu_ms: 5_000 },
    });
    assert.deepEqual(JSON.parse((await platform.get('endless')).text), [
      ...Array.from({ length: 9 }, () => 'RangeError'),
      'true,1',
      'P4599683M24D',
      '1000',
      'P33M26D',
      'P30M',
      'P4800000M',
      'P1M2D',
      'TypeError',
      '1,until,false',
    ]);
  } finally {
    await platform.stop();
  }
});
