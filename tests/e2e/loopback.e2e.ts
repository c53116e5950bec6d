// Where loopback is meant, both of its addresses answer: names such as
// shop.localhost resolve to ::1 first in browsers.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { esModule, Platform } from '../../tools/platform/platform.ts';

const hasIpv6 = await new Promise<boolean>((resolve) => {
  const server = createServer()
    .once('error', () => resolve(false))
    .listen(0, '::1', () => server.close(() => resolve(true)));
});

describe('on loopback', { skip: hasIpv6 ? false : 'this machine has no IPv6' }, () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start(['--shards', '2']);
    await platform.deploy('shop', [
      esModule("export default { fetch() { return new Response('open') } }"),
    ]);
  });
  after(() => platform.stop());

  for (const address of ['127.0.0.1', '[::1]']) {
    test(`Workers answer at ${address}`, async () => {
      const { port } = new URL(platform.http);
      // Connections of their own, so that both shards get some.
      for (let i = 0; i < 20; i++) {
        const answer = await ask(`http://${address}:${port}/`, { host: 'shop.localhost' });
        assert.equal(answer.text, 'open');
      }
    });

    test(`the API answers at ${address}`, async () => {
      const { port, pathname } = new URL(platform.api);
      const answer = await ask(`http://${address}:${port}${pathname}/accounts`, {
        headers: { authorization: `Bearer ${platform.token}` },
      });
      assert.equal(answer.status, 200);
    });
  }

  test('a caraveld that was killed takes the sockets of both back', async () => {
    const { pid } = await platform.status();
    process.kill(pid, 'SIGKILL');
    let again = pid;
    while (again === pid) {
      await new Promise((tick) => setTimeout(tick, 50));
      again = await platform.status().then(
        (status) => status.pid,
        () => pid,
      );
    }
    const { port } = new URL(platform.http);
    const answer = await ask(`http://[::1]:${port}/`, { host: 'shop.localhost' });
    assert.equal(answer.text, 'open');
  });
});
