// A Worker that never ends its turn, or its memory, is ended by its limit with
// error 1102; neighbours and the process live on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { esModule, Platform, temporaryFolder } from '../../tools/platform/platform.ts';

let platform: Platform;

before(async () => {
  // One shard: all Workers are neighbours on it.
  platform = await Platform.start(['--shards', '1']);
  await platform.deploy('neighbour', [
    esModule("export default { fetch() { return new Response('well') } }"),
  ]);
});
after(() => platform.stop());

const runaways = {
  'an empty loop': 'for (;;) {}',
  'a loop that drops what it allocates': 'let a = []; for (;;) { a = new Array(1000); }',
  'an array that grows without end': "const a = []; for (;;) a.push('x'.repeat(100) + a.length);",
  'a promise chain without end':
    'const a = []; const more = () => { a.push(new Array(100)); return Promise.resolve().then(more); }; await more();',
};

for (const [what, code] of Object.entries(runaways)) {
  test(`${what} ends with 1102`, async () => {
    const name = `runaway-${Object.keys(runaways).indexOf(what)}`;
    const source = `export default { async fetch() { ${code} return new Response('ended by itself'); } };`;
    await platform.deploy(name, [esModule(source)]);
    const host = await servingPid();
    const answer = await platform.get(name);
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.text, /error code: 1102/);
    assert.equal((await platform.get('neighbour')).text, 'well');
    assert.equal(await servingPid(), host, 'the host was replaced');
  });
}

test('a neighbour is answered while a runaway runs', async () => {
  const running = platform.get('runaway-0');
  assert.equal((await platform.get('neighbour')).text, 'well');
  assert.match((await running).text, /error code: 1102/);
});

test('a Worker that was ended is loaded again from what the host has, if its bundle is gone', async () => {
  const code = "const a = []; for (;;) a.push('x'.repeat(100) + a.length);";
  await platform.deploy('lasting', [
    esModule(`export default { fetch({ url }) {
      if (url.endsWith('/grow')) { ${code} }
      return new Response('here');
    } };`),
  ]);
  assert.equal((await platform.get('lasting')).text, 'here');
  const blobs = path.join(platform.data, 'blobs');
  const elsewhere = temporaryFolder();
  for (const name of readdirSync(blobs)) {
    renameSync(path.join(blobs, name), path.join(elsewhere, name));
  }
  try {
    assert.match((await platform.get('lasting', '/grow')).text, /error code: 1102/);
    assert.equal((await platform.get('lasting')).text, 'here');
  } finally {
    for (const name of readdirSync(elsewhere)) {
      renameSync(path.join(elsewhere, name), path.join(blobs, name));
    }
    rmSync(elsewhere, { recursive: true });
  }
});

test('answers that clients do not read cost only large answers their room, until they are gone', async () => {
  const megabytes = 16;
  const source = `const text = 'x'.repeat(${megabytes} << 20);
    export default { async fetch(request) {
      if (request.url.endsWith('/waiting')) await new Promise((r) => setTimeout(r, 3000));
      return new Response(new URL(request.url).pathname === '/' ? text : 'small');
    } };`;
  await platform.deploy('generous', [esModule(source)], { limits: { cpu_ms: 10_000 } });
  const host = await servingPid();
  const clients: Socket[] = [];
  const statusOfAnotherReader = async () => {
    const client = connect(Number(new URL(platform.http).port), '127.0.0.1');
    clients.push(client);
    client.write('GET / HTTP/1.1\r\nHost: generous.localhost\r\n\r\n');
    const [head] = (await once(client, 'data')) as [Buffer];
    client.pause();
    return head.toString('latin1').slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length);
  };
  const waiting = platform.get('generous', '/waiting');
  // Far fewer than would fit if what waits for them were not counted.
  const most = 64;
  while ((await statusOfAnotherReader()) === '200') assert.ok(clients.length < most);
  assert.equal((await platform.get('neighbour')).text, 'well');
  assert.equal((await platform.get('generous', '/small')).text, 'small');
  assert.equal((await waiting).text, 'small', 'a neighbour in the isolate was ended');

  for (const client of clients) client.destroy();
  let whole = await platform.get('generous');
  while (whole.status !== 200) whole = await platform.get('generous');
  assert.equal(whole.text.length, megabytes << 20);
  assert.equal(await servingPid(), host, 'the host was replaced');
});

test('an answer on its way outlives the isolate, also when no other can be loaded', async () => {
  const lifetimeMs = 3000;
  const source = `if (Date.now() > ${Date.now() + lifetimeMs}) throw new Error('too late to start');
    const text = 'x'.repeat(4 << 20);
    export default { fetch(request) {
      if (request.url.endsWith('/text')) return new Response(text);
      const kept = [];
      for (;;) kept.push(new Array(1000));
    } };`;
  await platform.deploy('brief', [esModule(source)], { limits: { cpu_ms: 10_000 } });
  const host = await servingPid();
  const client = connect(Number(new URL(platform.http).port), '127.0.0.1');
  client.write('GET /text HTTP/1.1\r\nHost: brief.localhost\r\nConnection: close\r\n\r\n');
  let received = ((await once(client, 'data')) as [Buffer])[0].length;
  client.pause();

  assert.match((await platform.get('brief')).text, /error code: 1102/);
  let answer = await platform.get('brief');
  while (!/error code: 1101/.test(answer.text)) answer = await platform.get('brief');

  client.on('data', (bytes: Buffer) => {
    received += bytes.length;
  });
  client.resume();
  await once(client, 'end');
  assert.ok(received > 4 << 20, `${received} bytes`);
  assert.equal(await servingPid(), host, 'the host was replaced');
});

test('a call that nothing can end costs its own version, and another host takes over', async () => {
  const source = (text: string) => `export default { async fetch({ url }) {
    if (url.endsWith('/stuck')) Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);
    return new Response('${text}');
  } };`;
  await platform.deploy('stuck', [esModule(source('whole'))]);
  assert.equal((await platform.get('stuck')).text, 'whole');
  const host = await servingPid();
  const lost = platform.get('stuck', '/stuck').then(
    ({ text }) => text,
    () => 'no answer',
  );
  while ((await servingPid()) === host) await new Promise((r) => setTimeout(r, 50));
  assert.equal((await platform.get('neighbour')).text, 'well');
  const held = await platform.get('stuck');
  assert.equal(held.status, 503);
  assert.match(held.text, /error code: 1102\n.*held back/);
  assert.equal(await lost, 'no answer');

  const { output } = await platform.run('logs', ['stuck']);
  assert.match(output, /in a call of the engine that nothing interrupts/);
  assert.match(output, /Bound the length, or deploy a version without that call/);
  while (!/^caravel_requests_total\{outcome="held"\} [1-9]/m.test(await metrics()));
  // What is deployed next is not held.
  await platform.deploy('stuck', [esModule(source('mended'))]);
  assert.equal((await platform.get('stuck')).text, 'mended');
});

test('a start that nothing can end is refused, and costs no host that serves', async () => {
  const source = 'Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1); export default {};';
  const host = await servingPid();
  // At once behind the first there is no standby: the second waits for one.
  const uploads = ['endless-1', 'endless-2'].map((name) =>
    platform.upload(name, [esModule(source)]),
  );
  const behind = platform.upload('behind', [esModule('export default { fetch() {} };')]);
  for (const { success, errors } of await Promise.all(uploads)) {
    assert.equal(success, false);
    assert.match(JSON.stringify(errors), /startup: the Worker had not started after 5 s/);
  }
  assert.equal((await behind).success, true, 'failed for what another did');
  assert.equal((await platform.get('neighbour')).text, 'well');
  assert.equal(await servingPid(), host, 'the host was replaced');
});

test('an exception ends with 1101, and the next request is answered', async () => {
  const source = `export default { fetch(request) {
    if (request.url.endsWith('/throw')) throw new Error('secret reason');
    return new Response('calm');
  } };`;
  await platform.deploy('thrower', [esModule(source)]);
  const answer = await platform.get('thrower', '/throw');
  assert.equal(answer.status, 500);
  assert.match(answer.text, /error code: 1101/);
  assert.doesNotMatch(answer.text, /secret reason/);
  assert.equal((await platform.get('thrower')).text, 'calm');
});

/** What is counted; a second old at most. */
async function metrics(): Promise<string> {
  return (await ask(platform.api.replace('/client/v4', '/metrics'))).text;
}

/** Id of the process that runs Workers. */
async function servingPid(): Promise<number | undefined> {
  const { hosts } = await platform.status();
  return hosts.find(({ serving }) => serving)?.pid;
}
