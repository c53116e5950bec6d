// node tests/surface/renew.ts: compares the surface of Workers with workerd's and writes
// what differs as what is expected. What is new stands under "not explained" then: it is
// to be mended, or to be given a reason.
import { Platform } from '../../tools/platform/platform.ts';
import { expectedDifferences, surfaceDifferences, writeExpected } from './surface.ts';

const platform = await Platform.start();
try {
  const found = new Set(await surfaceDifferences(platform));
  const renewed: Record<string, string[]> = {};
  for (const [why, names] of Object.entries(expectedDifferences())) {
    const kept = names.filter((name) => found.delete(name));
    if (kept.length > 0) renewed[why] = kept;
  }
  if (found.size > 0) renewed['not explained'] = [...found].toSorted();
  writeExpected(renewed);
} finally {
  await platform.stop();
}
