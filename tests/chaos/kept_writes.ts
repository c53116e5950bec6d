// kill -9 of caraveld, of the host that serves, and of both, amid writes to KV,
// deployments and changes of secrets, with a cron trigger each minute. What was
// acknowledged must be there, an answer is wholly of one version, and a minute of a
// trigger is dispatched once at most.
//
// A write whose answer never came may be there or not, now or later: its key is written no
// more, so that each key has at most one value in doubt beside the one that must be there.
// Of deployments and secrets, which are counted upwards, anything between the last
// acknowledged one and the last one asked for may answer.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { uploadAssets } from '../../tools/platform/assets.ts';
import { esModule, Platform, type Status } from '../../tools/platform/platform.ts';
import { figure } from '../../tools/test/node_tests.ts';

const kills = Number(process.env.CARAVEL_KILLS ?? 5);
const crons = 10;

let platform: Platform;
let namespace = '';
let ended = false;

/** Each has a text "worker minute" for each time that the handler of a trigger began. */
const dispatched: string[] = [];
const witness = createServer((request, response) => {
  dispatched.push(decodeURIComponent(request.url ?? '').slice(1));
  response.end();
});

before(async () => {
  await new Promise<void>((resolve) => witness.listen(0, '127.0.0.1', resolve));
  platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
  const made = await platform.ask<{ id: string }>(
    'POST',
    `/accounts/${platform.account}/storage/kv/namespaces`,
    { title: 'kept' },
  );
  assert.ok(made.success, JSON.stringify(made.errors));
  namespace = made.result.id;
});
after(async () => {
  ended = true;
  await platform.stop();
  witness.closeAllConnections();
  witness.close();
});

/** Undefined while caraveld is away. */
const status = (): Promise<Status | undefined> => platform.status().catch(() => undefined);

async function wholeAgain(): Promise<Status> {
  for (;;) {
    const now = await status();
    const roles = new Set(now?.hosts.map(({ serving }) => serving));
    if (now && roles.size === 2) return now;
    await setTimeout(20);
  }
}

// --- KV -------------------------------------------------------------------------

/** What a key may have: what was acknowledged last, and one value in doubt. */
interface Kept {
  acknowledged?: string;
  inDoubt?: string;
}
const kept = new Map<string, Kept>();
let puts = 0;

type Put = (key: string, value: string) => Promise<boolean>;

const putByWorker: Put = async (key, value) => {
  const { status } = await platform.get('keeper', `/${key}`, { method: 'PUT', body: value });
  return status === 200;
};

const valuePath = (key: string) =>
  `${platform.api}/accounts/${platform.account}/storage/kv/namespaces/${namespace}/values/${key}`;

const putByApi: Put = async (key, value) => {
  const answer = await fetch(valuePath(key), {
    method: 'PUT',
    headers: { authorization: `Bearer ${platform.token}` },
    body: value,
  });
  return answer.ok;
};

/** Puts one value after the other, until the end. */
async function write(name: string, put: Put) {
  let count = 0;
  for (let epoch = 0; !ended; epoch++) {
    const key = `${name}-${epoch}`;
    const entry: Kept = {};
    kept.set(key, entry);
    for (let open = true; open && !ended; count++) {
      const value = `${count} ${'x'.repeat(count % 50 === 0 ? 40_000 : 20)}`; // some are blobs
      entry.inDoubt = value;
      const acknowledged = await put(key, value).catch(() => false);
      if (acknowledged) {
        puts++;
        entry.acknowledged = value;
        delete entry.inDoubt;
      } else {
        open = false;
      }
      await setTimeout(acknowledged ? 2 : 20);
    }
  }
}

async function checkEntry(key: string, { acknowledged, inDoubt }: Kept) {
  const { status, text } = await platform.get('keeper', `/${key}`);
  const byApi = await fetch(valuePath(key), {
    headers: { authorization: `Bearer ${platform.token}` },
  });
  const values = [
    status === 404 ? undefined : text,
    byApi.status === 404 ? undefined : await byApi.text(),
  ];
  for (const value of values) {
    assert.ok(
      value === acknowledged || (inDoubt !== undefined && value === inDoubt),
      `${key} has ${value?.slice(0, 20)}, put was ${acknowledged?.slice(0, 20)}, ` +
        `in doubt is ${inDoubt?.slice(0, 20)}`,
    );
  }
}

// --- Deployments and secrets ------------------------------------------------------

/** Counts upwards: what was asked for last, what was acknowledged last. */
interface Counter {
  asked: number;
  acknowledged: number;
}
const deployments: Counter = { asked: 0, acknowledged: 0 };
const secrets: Counter = { asked: 0, acknowledged: 0 };

// Says the number in four ways: by its code, a variable, a secret and an asset.
const source = (mark: number) => `export default { async fetch(request, env) {
  const asset = await env.ASSETS.fetch('http://assets/mark.txt');
  return Response.json([${mark}, Number(env.MARK), Number(env.SECRET), Number(await asset.text())]);
} };`;

async function deployOnce(mark: number): Promise<boolean> {
  const jwt = await uploadAssets(platform, 'whole', { '/mark.txt': `${mark}` });
  const answer = await platform.upload('whole', [esModule(source(mark))], {
    limits: { cpu_ms: 5000 },
    assets: { jwt },
    bindings: [
      { name: 'MARK', type: 'plain_text', text: `${mark}` },
      { name: 'SECRET', type: 'secret_text', text: `${mark}` },
      { name: 'ASSETS', type: 'assets' },
    ],
  });
  return answer.success;
}

async function setSecretOnce(mark: number): Promise<boolean> {
  const answer = await platform.ask(
    'PUT',
    `/accounts/${platform.account}/workers/scripts/secretive/secrets`,
    { name: 'KEY', text: `${mark}`, type: 'secret_text' },
  );
  return answer.success;
}

async function countUp(counter: Counter, change: (mark: number) => Promise<boolean>) {
  while (!ended) {
    const mark = ++counter.asked;
    if (await change(mark).catch(() => false)) counter.acknowledged = mark;
    await setTimeout(20);
  }
}

const faults: string[] = [];
let answers = 0;
let unanswered = 0;

/** Asks until the end; an answer must be one number, which may be there. */
async function watch(worker: string, counter: Counter, numbersIn: (text: string) => number[]) {
  while (!ended) {
    const least = counter.acknowledged;
    try {
      const { status, text } = await platform.get(worker, '/', { limitMs: 10_000 });
      const most = counter.asked;
      if (status === 200) {
        answers++;
        const [first = Number.NaN, ...others] = numbersIn(text);
        if (others.some((other) => other !== first)) faults.push(`${worker} is half: ${text}`);
        if (!(first >= least && first <= most)) {
          faults.push(`${worker} says ${first}, and ${least} to ${most} may answer`);
        }
      } else {
        unanswered++;
      }
    } catch {
      unanswered++; // its host was killed
    }
    await setTimeout(5);
  }
}

// --- Cron triggers ----------------------------------------------------------------

async function deployCrons() {
  const { port } = witness.address() as AddressInfo;
  for (let index = 0; index < crons; index++) {
    const name = `clock-${index}`;
    const code = `export default { async scheduled({ scheduledTime }) {
      await fetch('http://127.0.0.1:${port}/${name} ' + scheduledTime);
    } };`;
    await platform.deploy(name, [esModule(code)]);
    const set = await platform.ask(
      'PUT',
      `/accounts/${platform.account}/workers/scripts/${name}/schedules`,
      [{ cron: '* * * * *' }],
    );
    assert.ok(set.success, JSON.stringify(set.errors));
  }
}

/** Until the next minute begins, when triggers are dispatched. */
const untilMinute = () => setTimeout(60_000 - (Date.now() % 60_000));

// ----------------------------------------------------------------------------------

test(`what was acknowledged is there after ${kills} times kill -9`, async (t) => {
  await platform.deploy(
    'keeper',
    [
      esModule(`export default { async fetch(request, env) {
        const key = new URL(request.url).pathname.slice(1);
        if (request.method === 'PUT') {
          await env.KV.put(key, await request.text());
          return new Response('kept');
        }
        const value = await env.KV.get(key);
        return new Response(value, { status: value === null ? 404 : 200 });
      } };`),
    ],
    { bindings: [{ name: 'KV', type: 'kv_namespace', namespace_id: namespace }] },
  );
  await platform.deploy('secretive', [
    esModule('export default { fetch: (_, env) => new Response(env.KEY) };'),
  ]);
  for (const [counter, change] of [
    [deployments, deployOnce],
    [secrets, setSecretOnce],
  ] as const) {
    assert.ok(await change(++counter.asked));
    counter.acknowledged = counter.asked;
  }
  const enabled = `/accounts/${platform.account}/workers/scripts/whole/subdomain`;
  assert.ok((await platform.ask('POST', enabled, { enabled: true })).success);
  await deployCrons();

  const working = [
    write('worker-a', putByWorker),
    write('worker-b', putByWorker),
    write('api', putByApi),
    countUp(deployments, deployOnce),
    countUp(secrets, setSecretOnce),
    watch('whole', deployments, JSON.parse),
    watch('secretive', secrets, (text) => [Number(text)]),
  ];

  const victims = ['caraveld', 'host', 'both'] as const;
  const halfway = Math.floor(kills / 2);
  for (let count = 0; count < kills; count++) {
    const now = await wholeAgain();
    // One kill in the midst of the triggers of a minute, the others at any time.
    if (count === halfway) await untilMinute();
    await setTimeout(Math.random() * (count === halfway ? 100 : 400));
    const victim = victims[count % victims.length];
    const host = now.hosts.find(({ serving }) => serving);
    if (victim !== 'host') process.kill(now.pid, 'SIGKILL');
    if (victim !== 'caraveld' && host) killIfThere(host.pid);
  }
  await wholeAgain();
  await untilMinute(); // one more minute of the triggers, undisturbed
  while (!dispatched.some((text) => Number(text.split(' ')[1]) > Date.now() - 60_000)) {
    await setTimeout(50);
  }
  ended = true;
  await Promise.all(working);

  await t.test('each acknowledged value is there, for Workers and by the API', async () => {
    for (const [key, entry] of kept) await checkEntry(key, entry);
    figure(
      `${kills} kills: ${puts} puts into ${kept.size} keys of KV, each as it was acknowledged`,
    );
  });
  await t.test('each answer was wholly of one version, the acknowledged one or later', () => {
    assert.deepEqual(faults, []);
    assert.ok(answers > 0);
    figure(
      `${deployments.acknowledged} deployments and ${secrets.acknowledged} changes of secrets, ` +
        `${answers} answers, each of one version; ${unanswered} were not answered`,
    );
  });
  await t.test('no minute of a cron trigger was dispatched twice', () => {
    assert.deepEqual(
      dispatched.filter((text, index) => dispatched.indexOf(text) !== index),
      [],
    );
    figure(`${dispatched.length} events of ${crons} cron triggers, none twice`);
  });
  await t.test('all is well afterwards', async () => {
    assert.ok(await deployOnce(++deployments.asked));
    const last = deployments.asked;
    assert.deepEqual(JSON.parse((await platform.get('whole')).text), [last, last, last, last]);
    assert.ok(await putByWorker('last', 'kept'));
    await checkEntry('last', { acknowledged: 'kept' });
  });
});

function killIfThere(pid: number) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended with its caraveld.
  }
}
