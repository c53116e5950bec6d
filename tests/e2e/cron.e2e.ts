// Scheduled events: set by wrangler, run by caraveld when it is time, and by hand.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Platform, temporaryFolder } from '../../tools/platform/platform.ts';

let platform: Platform;
const projects = temporaryFolder();

before(async () => {
  platform = await Platform.start();
});
after(async () => {
  await platform.stop();
  rmSync(projects, { recursive: true, force: true });
});

async function deploy(
  name: string,
  source: string,
  crons: readonly string[],
  more: object = {},
  environment: Record<string, string> = {},
) {
  const project = path.join(projects, name);
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, 'index.js'), source);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name,
      main: 'index.js',
      compatibility_date: '2026-01-01',
      triggers: { crons },
      ...more,
    }),
  );
  return platform.wrangler(project, ['deploy'], environment);
}

const schedules = async (name: string) => {
  const answer = await platform.ask<{ schedules: { cron: string }[] }>(
    'GET',
    `/accounts/${platform.account}/workers/scripts/${name}/schedules`,
  );
  return answer.result.schedules.map(({ cron }) => cron);
};

// What `caravel logs` prints of the Worker, once it matches.
async function logged(
  name: string,
  pattern: RegExp,
  flags: readonly string[] = [],
): Promise<string> {
  for (;;) {
    const { output } = await platform.run('logs', [name, ...flags]);
    if (pattern.test(output)) return output;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const remembering = `const seen = [];
  export default {
    scheduled(controller, env, ctx) {
      controller.noRetry();
      const { cron, scheduledTime, type } = controller;
      ctx.waitUntil(Promise.resolve().then(() => seen.push({ cron, scheduledTime, type })));
      console.log('ran', cron);
    },
    fetch: () => Response.json(seen),
  };`;

test('cron triggers that wrangler sets', async (t) => {
  await t.test('are kept, and replaced by the next deployment', async () => {
    const first = await deploy('clock', remembering, ['* * * * *', '0 5 1 JAN *']);
    assert.equal(first.code, 0, first.output);
    assert.match(first.output, /schedule: \* \* \* \* \*/);
    assert.deepEqual(await schedules('clock'), ['* * * * *', '0 5 1 JAN *']);
    const second = await deploy('clock', remembering, ['* * * * *']);
    assert.equal(second.code, 0, second.output);
    assert.deepEqual(await schedules('clock'), ['* * * * *']);
  });

  await t.test('are run when it is time, once', async () => {
    let seen: { cron: string; scheduledTime: number; type: string }[] = [];
    while (seen.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      seen = JSON.parse((await platform.get('clock', '/')).text);
    }
    assert.equal(seen.length, 1);
    assert.equal(seen[0]?.cron, '* * * * *');
    assert.equal(seen[0]?.type, 'scheduled');
    assert.equal((seen[0]?.scheduledTime ?? 1) % 60_000, 0);
    let runs: { cron: string; scheduled_on: string; outcome: string }[] = [];
    while (runs[0]?.outcome !== 'ok') {
      const listed = await platform.run('cron', ['list', 'clock', '--json']);
      assert.equal(listed.code, 0, listed.output);
      ({ runs } = JSON.parse(listed.output));
    }
    assert.ok(runs.some((run) => Date.parse(run.scheduled_on) === seen[0]?.scheduledTime));
    const shown = await platform.run('cron', ['list', 'clock']);
    assert.match(shown.output, /Z {2}\* \* \* \* \* {2}ok/);
  });

  await t.test('are refused by name where they are none', async () => {
    const wrong = await deploy('wrong', remembering, ['61 * * * *']);
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.output, /cron "61 \* \* \* \*": minute "61" is none of 0-59/);
  });
});

test('caravel cron run', async (t) => {
  await t.test('calls the handler of a module', async () => {
    const deployed = await deploy('byhand', remembering, []);
    assert.equal(deployed.code, 0, deployed.output);
    const ran = await platform.run('cron', ['run', 'byhand', '--cron', '5 4 * * *']);
    assert.equal(ran.code, 0, ran.output);
    assert.match(ran.output, /byhand has handled the event/);
    assert.match(ran.output, /byhand has no cron trigger "5 4 \* \* \*": its handler was called/);
    const seen = JSON.parse((await platform.get('byhand', '/')).text);
    assert.deepEqual(
      seen.map((each: { cron: string }) => each.cron),
      ['5 4 * * *'],
    );
    const logs = await logged('byhand', /cron 5 4 \* \* \* ok/);
    assert.match(logs, /ran 5 4 \* \* \*/);
  });

  await t.test('takes an expression that a trigger could have', async () => {
    const ran = await platform.run('cron', ['run', 'byhand', '--cron', 'hourly']);
    assert.notEqual(ran.code, 0);
    assert.match(ran.output, /cron "hourly": /);
    assert.equal(JSON.parse((await platform.get('byhand', '/')).text).length, 1);
  });

  await t.test('calls the handler of a Worker whose assets have an index', async () => {
    const page = path.join(projects, 'paged', 'public');
    mkdirSync(page, { recursive: true });
    writeFileSync(path.join(page, 'index.html'), '<h1>paged</h1>');
    const deployed = await deploy('paged', remembering, [], {
      assets: { directory: 'public', run_worker_first: ['/seen'] },
    });
    assert.equal(deployed.code, 0, deployed.output);
    assert.equal((await platform.get('paged', '/')).text, '<h1>paged</h1>');
    const ran = await platform.run('cron', ['run', 'paged']);
    assert.equal(ran.code, 0, ran.output);
    assert.equal(JSON.parse((await platform.get('paged', '/seen')).text).length, 1);
  });

  await t.test('means the first account, or the one that is named', async () => {
    const made = await platform.run('account', ['create', 'Acme', '--json']);
    assert.equal(made.code, 0, made.output);
    const acme: { id: string; subdomain: string } = JSON.parse(made.output);
    const token = await platform.run('token', ['create', 't', '--account', 'Acme', '--json']);
    const mine = await deploy('twin', remembering, []);
    assert.equal(mine.code, 0, mine.output);
    const theirs = await deploy(
      'twin',
      remembering,
      [],
      {},
      {
        CLOUDFLARE_API_TOKEN: JSON.parse(token.output).value,
        CLOUDFLARE_ACCOUNT_ID: acme.id,
      },
    );
    assert.equal(theirs.code, 0, theirs.output);
    for (const [cron, more] of [
      ['1 1 * * *', []],
      ['2 2 * * *', ['--account', 'Acme']],
    ] as const) {
      const ran = await platform.run('cron', ['run', 'twin', '--cron', cron, ...more]);
      assert.equal(ran.code, 0, ran.output);
    }
    const seen = async (host: string) =>
      JSON.parse((await platform.get(host, '/')).text).map((each: { cron: string }) => each.cron);
    assert.deepEqual(await seen('twin'), ['1 1 * * *']);
    assert.deepEqual(await seen(`twin.${acme.subdomain}`), ['2 2 * * *']);
    const logs = await logged('twin', /ran 2 2/, ['--account', 'Acme']);
    assert.doesNotMatch(logs, /ran 1 1/);
    assert.match(await logged('twin', /ran 2 2/), /ran 1 1/);
    const listed = await platform.run('cron', ['list', 'twin', '--account', 'Acme']);
    assert.match(listed.output, /No cron trigger of twin was due yet/);
    const none = await platform.run('cron', ['run', 'byhand', '--account', 'Acme']);
    assert.match(none.output, /Worker "byhand" is not deployed/);
  });

  await t.test('calls the listener of a service worker', async () => {
    const deployed = await deploy(
      'listener',
      `let seen = '';
       addEventListener('scheduled', (event) => { seen = event.cron; });
       addEventListener('fetch', (event) => event.respondWith(new Response(seen)));`,
      [],
    );
    assert.equal(deployed.code, 0, deployed.output);
    const ran = await platform.run('cron', ['run', 'listener', '--json']);
    assert.equal(ran.code, 0, ran.output);
    assert.deepEqual(JSON.parse(ran.output), { worker: 'listener', ok: true, error: '' });
    assert.equal((await platform.get('listener', '/')).text, '* * * * *');
  });

  await t.test('tells why an event failed', async () => {
    const deployed = await deploy(
      'failing',
      'export default { scheduled() { throw new RangeError("not now"); }, fetch() {} };',
      [],
    );
    assert.equal(deployed.code, 0, deployed.output);
    const ran = await platform.run('cron', ['run', 'failing']);
    assert.notEqual(ran.code, 0);
    assert.match(ran.output, /failing: the event failed/);
    const logs = await logged('failing', /exception/);
    assert.match(logs, /RangeError: not now/);
  });

  await t.test('says where there is no handler, and no Worker', async () => {
    const deployed = await deploy('deaf', 'export default { fetch: () => new Response() };', []);
    assert.equal(deployed.code, 0, deployed.output);
    const told = /TypeError: Handler does not export a scheduled\(\) function/;
    assert.match((await platform.run('cron', ['run', 'deaf'])).output, told);
    await platform.run('cron', ['run', 'deaf', '--cron', '1 1 1 1 *']);
    const logs = await logged('deaf', /cron 1 1 1 1 \* exception/);
    assert.equal(logs.match(/cron \* \* \* \* \* exception/g)?.length, 1, logs);
    assert.match(
      (await platform.run('cron', ['run', 'nobody'])).output,
      /Worker "nobody" is not deployed/,
    );
  });
});
