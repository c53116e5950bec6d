// RPC as workerd has it, case by case (workers/rpc.js).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { esModule, Platform, temporaryFolder } from '../../tools/platform/platform.ts';
import { askWorkerd, workerdMissing } from '../../tools/platform/workerd.ts';

const date = '2026-07-01';
const source = readFileSync(path.join(import.meta.dirname, 'workers/rpc.js'), 'utf8');

// What differs, and why.
const differences: Record<string, string> = {
  'broken stream': 'here the reader is told what the stream failed of',
  'pipelined in a list': 'an index goes on here; in Workers it is undefined',
};

let platform: Platform;
before(async () => {
  platform = await Platform.start();
});
after(() => platform.stop());

for (const flags of [[], ['legacy_error_serialization', 'rpc_params_transfer_stubs']])
  test(`does in each case what workerd does, ${flags}`, { skip: workerdMissing }, async () => {
    const modules = [esModule(source)];
    await platform.deploy('rpc', modules, {
      compatibility_date: date,
      compatibility_flags: flags,
      limits: { cpu_ms: 5_000 },
    });
    const [ours, theirs] = await Promise.all([
      platform.get('rpc').then((answer) => JSON.parse(answer.text)),
      askWorkerd(modules, temporaryFolder(), { date, flags }).then((text) => JSON.parse(text)),
    ]);
    for (const name of Object.keys(differences)) delete theirs[name];
    for (const name of Object.keys(differences)) delete ours[name];
    assert.deepEqual(ours, theirs);
  });
