// kill -9, twenty times each, under load: of the host (a standby takes over) and
// of caraveld (hosts go on without it). What a client would feel is measured and
// judged here; nothing that was published may be lost.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Load } from '../../tools/platform/load.ts';
import { esModule, Platform, type Status } from '../../tools/platform/platform.ts';
import { figure } from '../../tools/test/node_tests.ts';

const kills = 20;
const requestsPerSecond = 200;

let platform: Platform;
let url: string;
const asked = { host: 'steady.localhost' } as const;

before(async () => {
  platform = await Platform.start();
  const { port } = new URL(platform.http);
  url = `http://127.0.0.1:${port}/`;
  await platform.deploy('steady', [
    esModule("export default { fetch() { return new Response('steady') } }"),
  ]);
});
beforeEach(() => wholeAgain());
after(() => platform.stop());

/** Undefined while caraveld is away. */
const status = (): Promise<Status | undefined> => platform.status().catch(() => undefined);

/** Waits for a running caraveld with a host that serves and one that stands by. */
async function wholeAgain(): Promise<Status> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const now = await status();
    const roles = new Set(now?.hosts.map(({ serving }) => serving));
    if (now && roles.size === 2) return now;
  }
  throw new Error(`not whole again within 20 s: ${JSON.stringify(await status())}`);
}

/** From now until a request that was sent afterwards has been answered right. */
async function timeToAnswer(): Promise<number> {
  const started = performance.now();
  for (;;) {
    const probe = new Load({
      url,
      ask: { ...asked, limitMs: 2000 },
      perSecond: 500,
      keepAlive: false,
    });
    while (!probe.samples.some(({ mark }) => mark === 'steady')) {
      if (performance.now() - started > 10_000) throw new Error('no answer within 10 s');
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const samples = await probe.stop();
    const ends = samples.flatMap(({ mark, endedAt }) => (mark === 'steady' ? [endedAt] : []));
    return Math.min(...ends) - started;
  }
}

const summary = (times: readonly number[]) => {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  const worst = sorted.at(-1) ?? Number.NaN;
  return { median, worst, text: `median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms` };
};

/** The load of one test; it must end with it, also when the test fails. */
let load: Load;
beforeEach(() => {
  load = new Load({ url, ask: asked, perSecond: requestsPerSecond });
});
afterEach(() => load.stop());

test(`a killed host is back within 100 ms at the median, 200 at worst (${kills} times)`, async () => {
  const gaps: number[] = [];
  for (let count = 0; count < kills; count++) {
    const { hosts } = await wholeAgain();
    const host = hosts.find(({ serving }) => serving);
    assert.ok(host);
    process.kill(host.pid, 'SIGKILL');
    gaps.push(await timeToAnswer());
  }
  await load.stop();
  const { median, worst, text } = summary(gaps);
  figure(`host killed ${kills} times: back after ${text}; ${lostIn(load)}`);
  assert.ok(median <= 100 && worst <= 200, text);
});

test(`hosts answer every request while caraveld is killed (${kills} times)`, async () => {
  const away: number[] = [];
  for (let count = 0; count < kills; count++) {
    const { pid } = await wholeAgain();
    const killed = performance.now();
    process.kill(pid, 'SIGKILL');
    while ((await status())?.pid === pid || !(await apiAnswers())) {
      assert.ok(performance.now() - killed < 10_000, 'caraveld is not back within 10 s');
    }
    away.push(performance.now() - killed);
  }
  await load.stop();
  figure(`caraveld killed ${kills} times: API back after ${summary(away).text}; ${lostIn(load)}`);
  assert.deepEqual(load.failures, []);
  assert.ok(load.samples.every(({ mark }) => mark === 'steady'));
});

test('what was published stands, and a deploy works as before', async () => {
  assert.equal((await platform.get('steady')).text, 'steady');
  await platform.deploy('later', [
    esModule("export default { fetch() { return new Response('later') } }"),
  ]);
  assert.equal((await platform.get('later')).text, 'later');
});

async function apiAnswers(): Promise<boolean> {
  try {
    return (await platform.ask('GET', '/accounts')).success;
  } catch {
    return false;
  }
}

const lostIn = (load: Load) =>
  `${load.failures.length} of ${load.samples.length} requests of the load unanswered`;
