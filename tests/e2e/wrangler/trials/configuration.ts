// What a project's configuration says beside its code.
import assert from 'node:assert/strict';
import { answering, type Trial } from '../trial.ts';

const telling = (...names: string[]) =>
  `export default { fetch: (_, env) => Response.json([${names.map((name) => `env.${name} ?? null`)}]) };`;

export async function configuration(trial: Trial) {
  const { platform } = trial;

  await trial.does('deploy', 'environments are Workers of their own', async () => {
    const project = trial.project(
      'envs',
      { 'index.js': telling('WHERE') },
      { vars: { WHERE: 'on top' }, env: { staging: { vars: { WHERE: 'in staging' } } } },
    );
    await project.ok(['deploy', '--env', 'staging']);
    assert.deepEqual(JSON.parse((await platform.get(`${project.name}-staging`)).text), [
      'in staging',
    ]);
    assert.match(await project.answer(), /^404 /);
  });

  await trial.does('deploy', 'keep_vars keeps variables that are not configured', async () => {
    const project = trial.project(
      'kept',
      { 'index.js': telling('ONE', 'TWO') },
      { vars: { ONE: 'one', TWO: { n: 2 } } },
    );
    await project.ok(['deploy']);
    project.configure({ keep_vars: true, vars: { ONE: 'uno' } });
    await project.ok(['deploy']);
    assert.deepEqual(JSON.parse(await project.answer()), ['uno', { n: 2 }]);
    project.configure({});
    await project.ok(['deploy', '--keep-vars']);
    assert.deepEqual(JSON.parse(await project.answer()), ['uno', { n: 2 }]);
    await project.ok(['deploy']);
    assert.deepEqual(JSON.parse(await project.answer()), [null, null]);
  });

  await trial.does('deploy', '--var and --name stand in for the configuration', async () => {
    const project = trial.project('named', { 'index.js': telling('ONE') });
    await project.ok(['deploy', '--var', 'ONE:1', '--name', `${project.name}-other`]);
    assert.deepEqual(JSON.parse((await platform.get(`${project.name}-other`)).text), ['1']);
    assert.match(await project.answer(), /^404 /);
  });

  await trial.does('deploy', 'a service binding, version metadata and limits', async () => {
    const callee = trial.project('callee', {
      'index.js': `import { WorkerEntrypoint } from 'cloudflare:workers';
        export default class extends WorkerEntrypoint { add(a, b) { return a + b; } }`,
    });
    await callee.ok(['deploy']);
    const caller = trial.project(
      'caller',
      {
        'index.js': `export default { fetch: async (_, env) =>
          Response.json([await env.SUM.add(2, 3), typeof env.VERSION.id]) };`,
      },
      {
        services: [{ binding: 'SUM', service: callee.name }],
        version_metadata: { binding: 'VERSION' },
        limits: { cpu_ms: 1000 },
      },
    );
    await caller.ok(['deploy']);
    assert.deepEqual(JSON.parse(await caller.answer()), [5, 'string']);
  });

  await trial.does('deploy', 'a rate limit', async () => {
    // The namespace is of the account: other releases count in it under keys of their own.
    const { key } = trial.release;
    const limit = { name: 'LIMIT', namespace_id: '1', simple: { limit: 2, period: 60 } };
    const project = trial.project(
      'limited',
      {
        'index.js': `export default { fetch: async (_, env) =>
          new Response(String((await env.LIMIT.limit({ key: '${key}' })).success)) };`,
      },
      trial.release.hasRateLimits
        ? { ratelimits: [limit] }
        : { unsafe: { bindings: [{ type: 'ratelimit', ...limit }] } },
    );
    await project.ok(['deploy']);
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await project.answer());
    // A minute may begin in between, and another two are let through.
    assert.equal(answers[0], 'true');
    assert.ok(answers.includes('false'), answers.join());
  });

  await trial.does('deploy', 'workers_dev: false takes the address away', async () => {
    const project = trial.project('hidden');
    await project.ok(['deploy']);
    assert.equal(await project.answer(), project.name);
    project.configure({ workers_dev: false });
    project.write({ 'index.js': answering('nobody sees this') });
    await project.ok(['deploy']);
    assert.match(await project.answer(), /^404 /);
  });

  await trial.refuses('deploy', 'a configuration that is not one', async () => {
    const project = trial.project('wrong', {}, { routes: 'not a list' });
    await project.fails(['deploy'], /routes/);
    project.configure({ compatibility_date: '2025-13-01' });
    await project.fails(['deploy'], /2025-13-01/);
    project.configure({ limits: { cpu_ms: 0 } });
    await project.fails(['deploy'], /cpu_ms/);
  });

  await trial.does('types', 'writes them, and asks nothing of the API', async () => {
    const project = trial.project('typed', {}, { vars: { GREETING: 'hello' } });
    const before = trial.bench.recorder.calls.length;
    await project.says(['types'], /GREETING/);
    const { release } = trial;
    const own = trial.bench.recorder.calls
      .slice(before)
      .filter(({ caller }) => caller.command === 'types' && caller.release === release);
    assert.deepEqual(own, []);
  });

  await trial.refuses('types', 'a configuration that is not there', async () => {
    await trial.project('untyped').fails(['types', '--config', 'absent.json'], /absent\.json/);
  });
}
