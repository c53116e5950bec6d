import { expect, test } from 'vitest';
import { importFaults, includeFaults } from './includes.ts';

test('a room includes itself and what is below it', () => {
  const text = '#include "base/result.h"\n#include "net/loop.h"\n#include <vector>\n';
  expect(includeFaults('src/net/loop.cc', text)).toEqual([]);
});

test('an include that points up is named with its line', () => {
  expect(includeFaults('src/base/fd.cc', '#include <vector>\n#include "net/loop.h"\n')).toEqual([
    'src/base/fd.cc:2: base may not include net ("net/loop.h")',
  ]);
});

test('the control plane and the runtime do not know each other', () => {
  expect(includeFaults('src/daemon/main.cc', '#include "runtime/engine.h"')).toHaveLength(1);
  expect(includeFaults('src/runtime/engine.cc', '#include "control/endpoint.h"')).toHaveLength(1);
});

test('the command sees of caraveld only what is made for clients', () => {
  expect(includeFaults('src/cli/up.cc', '#include "daemon/client/run_info.h"')).toEqual([]);
  expect(includeFaults('src/cli/up.cc', '#include "daemon/supervisor.h"')).toHaveLength(1);
  expect(includeFaults('src/daemon/client/a.h', '#include "daemon/supervisor.h"')).toHaveLength(1);
});

test('V8 is known to runtime and host alone', () => {
  expect(includeFaults('src/storage/cell.h', '#include <v8.h>')).toEqual([
    'src/storage/cell.h:1: storage may not know V8 (<v8.h>)',
  ]);
  expect(includeFaults('src/host/shard.cc', '#include <v8-isolate.h>')).toEqual([]);
});

test('relative includes and unknown rooms are refused', () => {
  expect(includeFaults('src/net/loop.cc', '#include "../base/fd.h"')).toHaveLength(1);
  expect(includeFaults('src/attic/old.cc', '')).toHaveLength(1);
});

test('nothing imports from benchmarks, and the tools that start platforms import no tests', () => {
  const bench = "import { a } from '../../bench/lib/peers.ts';";
  expect(importFaults('tools/platform/workerd.ts', `\n${bench}`)).toEqual([
    'tools/platform/workerd.ts:2: may not import from bench ("../../bench/lib/peers.ts")',
  ]);
  expect(importFaults('tests/chaos/a.ts', `} ${bench.slice(9)}`)).toHaveLength(1);
  expect(importFaults('tools/platform/a.ts', "await import('../../tests/a.ts')")).toHaveLength(1);
  expect(importFaults('bench/benches/a.ts', "import { a } from '../lib/peers.ts';")).toEqual([]);
  expect(importFaults('tools/test/suites.ts', "import '../../tests/wpt/suite.ts';")).toEqual([]);
});
