// A Worker that streams a body to an origin: the origin may answer while it
// still reads, and need not read it all.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';

let exchangesEnded = 0;
const origin = createServer((asked, response) => {
  response.once('close', () => exchangesEnded++);
  if (asked.url === '/early') return void response.end('not interested');
  response.writeHead(200); // its head goes ahead of what it echoes
  response.flushHeaders();
  asked.pipe(response);
});
let platform: Platform;
let originUrl: string;

before(async () => {
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  originUrl = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
});
after(async () => {
  await platform.stop();
  origin.closeAllConnections();
  origin.close();
});

test('an upload that the origin does not read is cancelled, and its answer is read', async () => {
  await platform.deploy('generous', [
    esModule(`export default { async fetch() {
      const { promise, resolve } = Promise.withResolvers();
      const body = new ReadableStream({
        pull(controller) { controller.enqueue(new Uint8Array(64 << 10)); },
        cancel: resolve,
      });
      const answer = await fetch('${originUrl}/early', { method: 'POST', body });
      const text = await answer.text();
      return new Response(text + ': ' + (await promise).message);
    } };`),
  ]);
  const answer = await platform.get('generous');
  assert.match(answer.text, /^not interested: .*without the rest of the request's body/);
});

test('what a client uploads goes on to the origin while the answer comes back', async () => {
  await platform.deploy('echo', [
    esModule(`export default { fetch(request) {
      return fetch('${originUrl}/echo', { method: 'POST', body: request.body });
    } };`),
  ]);
  const upload = postTo('echo');
  const piece = 'x'.repeat(100_000);
  const pieces = 20;
  upload.write(piece);
  let received = 0;
  let sent = 1;
  await new Promise<void>((resolve, reject) => {
    upload.once('error', reject);
    upload.once('response', (response) => {
      response.once('end', resolve).once('error', reject);
      response.on('data', (chunk: Buffer) => {
        received += chunk.length;
        // The next only when the one before has come back whole.
        if (received !== sent * piece.length) return;
        if (sent++ < pieces) upload.write(piece);
        else upload.end();
      });
    });
  });
  assert.equal(received, pieces * piece.length);
});

test('a client that leaves ends the exchange with the origin and the invocation', async () => {
  await platform.deploy('echo', [
    esModule(`export default { fetch(request) {
      console.log('echoing');
      return fetch('${originUrl}/echo', { method: 'POST', body: request.body });
    } };`),
  ]);
  const before = exchangesEnded;
  const upload = postTo('echo');
  upload.write('x'.repeat(100_000));
  const [response] = (await once(upload, 'response')) as [IncomingMessage];
  await once(response, 'data');
  response.once('error', () => {});
  upload.destroy();
  await until(() => exchangesEnded > before);
  // An invocation's lines are there once it has ended.
  await until(async () => /echoing/.test((await platform.run('logs', ['echo'])).output));
});

function postTo(worker: string) {
  const { port } = new URL(platform.http);
  const headers = { host: `${worker}.localhost` };
  return request({ port, host: '127.0.0.1', method: 'POST', headers });
}

async function until(condition: () => boolean | Promise<boolean>) {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
