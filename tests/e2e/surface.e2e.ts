// What a Worker finds on its global object, held against workerd (tests/surface).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Platform } from '../../tools/platform/platform.ts';
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
