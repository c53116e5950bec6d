// A Worker that answers before all of the request has arrived, and reads on.
import assert from 'node:assert/strict';
import { request as send } from 'node:http';
import { after, before, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';

let platform: Platform;

before(async () => {
  platform = await Platform.start();
  await platform.deploy('early', [
    esModule(`let told = 'nothing';
      export default { fetch(request, env, ctx) {
        if (request.method === 'GET') return new Response(told);
        const { pathname } = new URL(request.url);
        ctx.waitUntil(request.text().then(
          (text) => { told = pathname + ' has all ' + text.length; },
          (error) => { told = pathname + ' fails: ' + error.message; }));
        if (pathname === '/streamed') {
          const { readable, writable } = new TransformStream();
          const writer = writable.getWriter();
          ctx.waitUntil(writer.write(new TextEncoder().encode('streamed')).then(() => writer.close()));
          return new Response(readable);
        }
        return new Response('whole');
      } };`),
  ]);
});
after(() => platform.stop());

async function isTold(what: string): Promise<void> {
  while ((await platform.get('early')).text !== what);
}

for (const how of ['whole', 'streamed']) {
  test(`hears that no more comes behind its answer, a ${how} one`, async () => {
    const { hostname, port } = new URL(platform.http);
    const asking = send({
      hostname,
      port,
      path: `/${how}`,
      method: 'POST',
      headers: { host: `early.localhost:${port}`, 'content-length': '1000' },
    });
    asking.on('error', () => undefined); // of what was not sent
    const said = new Promise<string>((resolve) => {
      asking.once('response', async (answer) => {
        let text = '';
        for await (const piece of answer.setEncoding('utf8')) text += piece;
        resolve(text);
      });
    });
    asking.write('some of it');
    assert.equal(await said, how);
    await isTold(`/${how} fails: Can't read from request stream after response has been sent.`);
    asking.destroy();
  });
}
