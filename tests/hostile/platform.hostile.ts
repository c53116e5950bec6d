// Workers that turn the platform's own objects against it: patched builtins,
// thenables and getters where the platform reads, buffers that go away, callbacks
// that call again, sizes without end. Nothing may end the process, reach another
// Worker, show what is internal, or outlast its limits.
import { after, before, test } from 'node:test';
import { Platform } from '../../tools/platform/platform.ts';
import { bases } from './platform/bases.ts';
import { buffers } from './platform/buffers.ts';
import type { HostileCase } from './platform/case.ts';
import { conversions } from './platform/conversions.ts';
import { limits } from './platform/limits.ts';
import { lists } from './platform/lists.ts';
import { patched } from './platform/patched.ts';
import { patchedClasses } from './platform/patched_classes.ts';
import { reentrancy } from './platform/reentrancy.ts';
import { Neighbourhood, runCase } from './platform/run.ts';
import { sharing } from './platform/sharing.ts';
import { sockets } from './platform/sockets.ts';
import { thenables } from './platform/thenables.ts';

const cases: Readonly<Record<string, readonly HostileCase[]>> = {
  patched,
  classes: patchedClasses,
  bases,
  thenables,
  conversions,
  buffers,
  lists,
  reentrancy,
  sockets,
  limits,
  sharing,
};

let platform: Platform;
let neighbourhood: Neighbourhood;

before(async () => {
  // One shard: all Workers are neighbours on it.
  platform = await Platform.start(['--shards', '1']);
  neighbourhood = new Neighbourhood(platform);
  await neighbourhood.deploy();
});
after(() => platform.stop());

for (const [family, list] of Object.entries(cases)) {
  for (const [index, hostile] of list.entries()) {
    test(`${family}: ${hostile.name}`, async () => {
      try {
        await runCase(platform, `${family}-${index}`, hostile);
      } finally {
        await neighbourhood.check();
      }
    });
  }
}
