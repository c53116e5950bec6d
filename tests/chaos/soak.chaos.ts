// Ten minutes of traffic (CARAVEL_SOAK_MINUTES): well-behaved Workers, Workers that throw,
// that run away and that are redeployed, side by side. Nothing may fail that
// should not, and what the processes hold may not grow.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Load } from '../../tools/platform/load.ts';
import { esModule, Platform } from '../../tools/platform/platform.ts';
import { residentSetBytes, treeOf } from '../../tools/platform/process_tree.ts';
import { figure } from '../../tools/test/node_tests.ts';

const minutes = Number(process.env.CARAVEL_SOAK_MINUTES ?? 10);

/** Each kind of traffic: the Worker, how often it is asked, what must come. */
const kinds = {
  hello: { perSecond: 300, status: 200, source: "fetch() { return new Response('hello') }" },
  echo: {
    perSecond: 100,
    status: 200,
    source: 'fetch(request) { return new Response(request.body) }',
    body: 'x'.repeat(100_000),
  },
  thrower: { perSecond: 20, status: 500, source: "fetch() { throw new Error('on purpose') }" },
  runaway: { perSecond: 1, status: 503, source: 'fetch() { for (;;) {} }' },
} as const;

let platform: Platform;

before(async () => {
  platform = await Platform.start();
  for (const [name, { source }] of Object.entries(kinds)) {
    await platform.deploy(name, [esModule(`export default { ${source} };`)]);
  }
});
after(() => platform.stop());

interface Held {
  readonly bytes: number;
  readonly descriptors: number;
}

/** What all processes of the platform hold together. */
function held(): Held {
  const pids = treeOf(platform.pid);
  return {
    bytes: pids.reduce((sum, pid) => sum + residentSetBytes(pid), 0),
    descriptors: pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0),
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test(`${minutes} minutes of mixed traffic`, async () => {
  const { port } = new URL(platform.http);
  const url = `http://127.0.0.1:${port}/`;
  const loads = Object.entries(kinds).map(([name, kind]) => ({
    name,
    kind,
    load: new Load({
      url,
      perSecond: kind.perSecond,
      mark: ({ status }) => `${status}`,
      ask: {
        host: `${name}.localhost`,
        ...('body' in kind ? { method: 'POST', body: kind.body } : {}),
      },
    }),
  }));
  const ends = performance.now() + minutes * 60_000;
  const settled = performance.now() + (minutes * 60_000) / 3;
  let early: Held | undefined;
  for (let version = 0; performance.now() < ends; version++) {
    const source = `fetch() { return new Response('hello') /* ${version} */ }`;
    await platform.deploy('hello', [esModule(`export default { ${source} };`)]);
    await pause(500);
    if (!early && performance.now() > settled) early = held();
  }
  for (const { name, kind, load } of loads) {
    const samples = await load.stop();
    assert.deepEqual(load.failures.slice(0, 5), [], `${name}: requests without an answer`);
    const others = samples.filter(({ mark }) => mark !== `${kind.status}`);
    assert.deepEqual(others.slice(0, 5), [], `${name}: answers of another status`);
  }
  const late = held();
  assert.ok(early);
  const mebibytes = ({ bytes }: Held) => (bytes / 1024 / 1024).toFixed(0);
  figure(
    `after ${minutes / 3} and ${minutes} minutes: ${mebibytes(early)} and ${mebibytes(late)} MiB, ` +
      `${early.descriptors} and ${late.descriptors} descriptors`,
  );
  assert.ok(late.bytes < early.bytes * 1.2, 'resident memory grew by more than a fifth');
  assert.ok(late.descriptors < early.descriptors + 50, 'descriptors grew');
});
