// What a host still does when the platform goes down: work that a Worker has put
// behind its answer ends first, and what it logged is kept.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';

// So many that each shard takes some, and passes some on.
const requests = 12;
const work = Promise.withResolvers<void>();
const drain = Promise.withResolvers<void>();
let working = 0;
const origin = createServer(async (_request, response) => {
  if (++working === requests) work.resolve();
  await drain.promise;
  response.end();
});
await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
const { port } = origin.address() as AddressInfo;
let platform = await Platform.start(['--shards', '3', '--allow-egress', '127.0.0.0/8']);
after(async () => {
  await platform.stop();
  origin.closeAllConnections();
  origin.close();
});

test('work behind an answer ends, and its log is kept, before the platform does', async () => {
  await platform.deploy('late', [
    esModule(`export default { fetch(request, env, ctx) {
      ctx.waitUntil((async () => {
        await fetch('http://127.0.0.1:${port}/behind-the-answer');
        console.log('last words of ' + new URL(request.url).search);
      })());
      return new Response('answered');
    } };`),
  ]);
  // A host that drains closes the connections that wait for a request: only then
  // does the origin answer.
  let open = requests;
  for (let i = 0; i < requests; i++) {
    const agent = new Agent({ keepAlive: true });
    agent.once('free', (socket) =>
      socket.once('close', () => {
        if (--open === 0) drain.resolve();
      }),
    );
    assert.equal((await platform.get('late', `/?${i}`, { agent })).text, 'answered');
  }
  await work.promise;
  const { data } = platform;
  const down = await platform.run('down');
  assert.equal(down.code, 0, down.output);

  platform = await Platform.start([], { data });
  const logs = await platform.run('logs', ['late']);
  for (let i = 0; i < requests; i++) {
    assert.match(logs.output, new RegExp(`last words of \\?${i}\\b`));
  }
});

test('uploads whose check runs or waits are refused, and hold nothing up', async () => {
  // What a check of this does ends with its host.
  const endless = esModule(
    'Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1); export default {};',
  );
  const stopping = await Platform.start();
  const { hosts } = await until(
    () => stopping.status(),
    ({ hosts }) => hosts.length === 2,
  );
  const standby = hosts.find(({ serving }) => !serving)?.pid ?? 0;
  const idle = cpuTicks(standby);
  const uploads = ['one', 'two', 'three'].map((name) => stopping.upload(name, [endless]));
  await until(
    () => cpuTicks(standby),
    (ticks) => ticks > idle + 20,
  );
  await stopping.stop();
  for (const { status, errors } of await Promise.all(uploads)) {
    assert.equal(status, 503);
    assert.equal(errors[0]?.message, 'caraveld is stopping\ntry again');
  }
});

/** CPU time of a process, in hundredths of a second. */
function cpuTicks(pid: number): number {
  // Behind the name, which may hold anything: state, … (11), utime, stime (proc(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

async function until<T>(look: () => T | Promise<T>, isRight: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (isRight(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
