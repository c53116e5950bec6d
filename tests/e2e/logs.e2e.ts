// What Workers log and throw is there for `caravel logs`, large or small.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { caravelBinary, esModule, Platform } from '../../tools/platform/platform.ts';
import { root } from '../../tools/test/paths.ts';
import { run } from '../../tools/test/process.ts';

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
    const { output } = await platform.run('logs', ['talker', '-n', '20']);
    if (pattern.test(output)) return output;
  }
}

test('logs that are followed end with the reader, as in logs -f | head', async () => {
  const command = `${caravelBinary} logs talker -f -n 0 --data ${platform.data} | head -n 1`;
  const piped = run('bash', ['-c', command], { env: { CARAVEL_ROOT: root } });
  let ended = false;
  piped.finally(() => {
    ended = true;
  });
  while (!ended) await platform.get('talker', '/?bytes=1');
  assert.match((await piped).output, /bytes=1/);
});

test('a line is shown with its request', async () => {
  await platform.get('talker', '/?bytes=3');
  assert.match(await logsThatMatch(/said xxx/), /\/\?bytes=3/);
});

test('values are shown as in Node, and a client that leaves is no exception', async () => {
  await platform.deploy('shower', [
    esModule(`export default { fetch(request) {
      if (request.url.endsWith('/stream')) {
        return new Response(new ReadableStream({
          async pull(c) { c.enqueue(new Uint8Array(1000)); await scheduler.wait(5); },
        }));
      }
      console.log('%s and %s, n=%d', 'a', 'b', 4.5);
      console.log(0.5, -0, 1e-7, [1.5, NaN, undefined], { f: 0.25, b: -0 });
      console.log(123456789.123, true, 'x');
      console.group('group'); console.log('inside'); console.groupEnd();
      console.table([{ a: 1 }]);
      return new Response('shown');
    } };`),
  ]);
  await platform.get('shower');
  await new Promise((resolve) => {
    const asked = get(`${platform.http}/stream`, { headers: { host: 'shower.localhost' } });
    asked.on('response', (response) => response.once('data', () => asked.destroy()));
    asked.on('close', resolve);
    asked.on('error', () => {});
  });
  let output = '';
  while (!/a and b, n=4.5/.test(output) || !/\/stream 200/.test(output))
    ({ output } = await platform.run('logs', ['shower']));
  for (const line of [
    'a and b, n=4.5',
    '0.5 -0 1e-7 [ 1.5, NaN, undefined ] { f: 0.25, b: -0 }',
    '123456789.123 true x',
    'group\n      inside',
    '│ 0       │ 1 │',
  ])
    assert.ok(output.includes(`    ${line}\n`), `${line}\nis not in\n${output}`);
  assert.match(output, /\/stream 200 canceled/);
  assert.doesNotMatch(output, /the client is gone/);
});

test('a request that logged more than a packet holds is kept and told of', async () => {
  await platform.get('talker', '/?bytes=200000');
  assert.match(await logsThatMatch(/bytes=200000/), /said x+… \(\d+ bytes\)/);
});

test('more than a connection holds is shown whole', async () => {
  const requests = 180; // of 60 KB each; a connection holds 8 MB
  const atOnce = 9; // a host holds 1 MB for one Worker
  for (let first = 0; first < requests; first += atOnce) {
    const numbers = Array.from({ length: atOnce }, (_, i) => first + i);
    await Promise.all(numbers.map((n) => platform.get('talker', `/${n}?bytes=60000`)));
    for (const n of numbers) await logsThatMatch(new RegExp(`/${n}\\?bytes=60000 `));
  }
  const { code, output } = await platform.run('logs', ['talker', '-n', '1000']);
  assert.equal(code, 0, output.slice(-2000));
  assert.equal(output.match(/bytes=60000 /g)?.length, requests);
});

test('what is kept is searched by each of its parts', async () => {
  await platform.deploy('thrower', [
    esModule(`export default { fetch(request) {
      const { pathname } = new URL(request.url);
      console.log('asked for', pathname);
      if (pathname === '/throw') throw new RangeError('out of stock');
      return new Response('', { status: pathname === '/gone' ? 410 : 200 });
    } };`),
  ]);
  const begin = new Date().toISOString();
  for (const where of ['/fine', '/gone', '/throw']) await platform.get('thrower', where);
  const search = async (...flags: string[]) => {
    const { code, output } = await platform.run('logs', ['thrower', '--json', ...flags]);
    assert.equal(code, 0, output);
    return output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .map((event) => ({ ...event, path: new URL(event.event.request.url).pathname }));
  };
  const paths = async (...flags: string[]) => (await search(...flags)).map((event) => event.path);
  let all: Awaited<ReturnType<typeof search>> = [];
  while (all.length < 3) all = await search();
  assert.deepEqual(await paths('--outcome', 'exception'), ['/throw']);
  assert.deepEqual(await paths('--status', '4xx', '--status', '200'), ['/fine', '/gone']);
  assert.deepEqual(await paths('--search', 'Out of Stock'), ['/throw']);
  assert.deepEqual(await paths('--id', all[1].requestId), ['/gone']);
  assert.deepEqual(await paths('--version-id', all[0].scriptVersion.id.slice(0, 8), '-n', '1'), [
    '/throw',
  ]);
  assert.deepEqual(await paths('--since', begin, '--outcome', 'ok'), ['/fine', '/gone']);
  assert.deepEqual(await paths('--until', begin), []);
  const wrong = await platform.run('logs', ['thrower', '--outcome', 'exeption']);
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.output, /did you mean "exception"/);

  const { result } = await platform.ask<{ requestId: string; scriptName: string }[]>(
    'GET',
    `/accounts/${platform.account}/workers/logs?outcome=exception&search=out%20of%20stock`,
  );
  assert.deepEqual(
    result.map(({ requestId, scriptName }) => ({ requestId, scriptName })),
    [{ requestId: all[2].requestId, scriptName: 'thrower' }],
  );
});

test('observability says what is stored of a Worker', async () => {
  await platform.deploy('observed', [
    esModule(`export default { fetch(request) {
      if (request.url.includes('say')) console.log('a line');
      return new Response('done');
    } };`),
  ]);
  const set = async (observability: object) => {
    const answer = await platform.ask(
      'PATCH',
      `/accounts/${platform.account}/workers/scripts/observed/script-settings`,
      { observability },
    );
    assert.ok(answer.success, JSON.stringify(answer.errors));
  };
  // What was told before is there, or never will be: hosts tell in order.
  let barriers = 1000;
  const stored = async () => {
    barriers++;
    await platform.get('talker', `/?bytes=${barriers}`);
    await logsThatMatch(new RegExp(`bytes=${barriers}`));
    return (await platform.run('logs', ['observed', '-n', '1000'])).output;
  };

  await platform.get('observed', '/say/first');
  await platform.get('observed', '/plain/first');
  const usual = await stored();
  assert.match(usual, /\/say\/first/);
  assert.doesNotMatch(usual, /\/plain\/first/);

  await set({ enabled: true, logs: { enabled: false } });
  await platform.get('observed', '/say/off');
  assert.doesNotMatch(await stored(), /\/say\/off/);

  await set({ enabled: true, head_sampling_rate: 0 });
  await platform.get('observed', '/say/sampled');
  assert.doesNotMatch(await stored(), /\/say\/sampled/);

  await set({ enabled: true }); // hosts hear of it a little later
  do await platform.get('observed', '/plain/kept');
  while (!/\/plain\/kept/.test(await stored()));

  await set({ enabled: true, logs: { invocation_logs: false } });
  await platform.get('observed', '/plain/left');
  await platform.get('observed', '/say/last');
  const last = await stored();
  assert.match(last, /\/say\/last/);
  assert.doesNotMatch(last, /\/plain\/left/);
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

test('the log of caraveld and its hosts has one format', async () => {
  const other = await Platform.start([], { within: ['env', 'CARAVEL_LOG_FORMAT=json'] });
  assert.equal((await other.run('down')).code, 0);
  const text = readFileSync(path.join(other.data, 'logs/caraveld.log'), 'utf8');
  rmSync(other.data, { recursive: true });
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).event);
  assert.ok(events.includes('caraveld is away'), text); // a host's
  assert.ok(events.includes('stopping'), text);
});
