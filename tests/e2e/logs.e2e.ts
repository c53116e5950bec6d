// What Workers log and throw is there for `caravel logs`, large or small.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';

let platform: Platform;

before(async () => {
  platform = await Platform.start();
  await platform.deploy('talker', [
    esModule(`export default { fetch(request) {
      const bytes = Number(new URL(request.url).searchParams.get('bytes'));
      console.log('said ' + 'x'.repeat(bytes));
      return new Response('spoken');
    } };`),
  ]);
});
after(() => platform.stop());

/** Events reach caraveld in batches: asks until what is looked for is there. */
async function logsThatMatch(pattern: RegExp): Promise<string> {
  for (;;) {
    const { output } = await platform.run('logs', ['talker']);
    if (pattern.test(output)) return output;
  }
}

test('a line is shown with its request', async () => {
  await platform.get('talker', '/?bytes=3');
  assert.match(await logsThatMatch(/said xxx/), /\/\?bytes=3/);
});

test('a request that logged more than a packet holds is kept and told of', async () => {
  await platform.get('talker', '/?bytes=200000');
  assert.match(await logsThatMatch(/bytes=200000/), /too large to be shown here/);
});

test('a request to a Worker that cannot be loaded is kept with its time and URL', async () => {
  const before = Date.now();
  await platform.deploy('lost', [esModule('export default { fetch() {} }; // lost')]);
  rmSync(path.join(platform.data, 'blobs'), { recursive: true });
  await platform.get('lost', '/where');
  let entry: RegExpExecArray | null = null;
  while (!entry) {
    const { output } = await platform.run('logs', ['lost']);
    entry = /^(\S+) lost GET http:\/\/lost\S*\/where 500 exception/m.exec(output);
  }
  assert.ok(Date.parse(entry[1] ?? '') >= before - 1000, entry[0]);
});
