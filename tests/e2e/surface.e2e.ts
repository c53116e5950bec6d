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
  export default { fetch: () => Response.json([typeof Temporal, ...(globalThis.Temporal ? survey() : [])]) };`;

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
    assert.deepEqual(await ask('without', []), ['undefined']);
    assert.deepEqual(await ask('with', ['temporal']), ['object', ...same, '2025-02-28']);
  } finally {
    await platform.stop();
  }
});
