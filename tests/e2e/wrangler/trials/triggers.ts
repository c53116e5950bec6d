// Routes, custom domains and cron triggers: with a deployment, and alone.
import assert from 'node:assert/strict';
import { ask } from '../../../../tools/platform/http.ts';
import { answering, type Trial } from '../trial.ts';

export async function triggers(trial: Trial) {
  const { platform, release } = trial;
  const zone = `${release.key}.example`;
  const added = await platform.ask('POST', '/zones', {
    name: zone,
    origin: 'http://127.0.0.1:9', // nobody asks it
  });
  assert.ok(added.success, JSON.stringify(added.errors));
  const at = async (host: string, where = '/') =>
    (await ask(`http://127.0.0.1:${new URL(platform.http).port}${where}`, { host })).text;
  const crons = async (path: string) => {
    const { result } = await platform.ask<{ schedules: { cron: string }[] }>('GET', path);
    return result.schedules.map(({ cron }) => cron);
  };

  await trial.does('deploy', 'routes, which the next deployment replaces', async () => {
    const project = trial.project('routed', {}, { routes: [`${zone}/a/*`, `${zone}/b/*`] });
    await project.says(['deploy'], new RegExp(`${zone}/a/\\*`));
    assert.equal(await at(zone, '/a/x'), project.name);
    assert.equal(await at(zone, '/b/x'), project.name);
    project.configure({ routes: [{ pattern: `${zone}/a/*`, zone_name: zone }] });
    await project.ok(['deploy']);
    assert.equal(await at(zone, '/a/x'), project.name);
    assert.notEqual(await at(zone, '/b/x'), project.name);
  });

  await trial.does('deploy', 'a custom domain', async () => {
    const host = `shop.${zone}`;
    const project = trial.project(
      'domain',
      {},
      {
        routes: [{ pattern: host, custom_domain: true }],
      },
    );
    await project.says(['deploy'], new RegExp(`${host} \\(custom domain`));
    assert.equal(await at(host), project.name);
  });

  await trial.does('deploy', 'cron triggers, which an empty list takes away', async () => {
    const project = trial.project(
      'clock',
      { 'index.js': 'export default { scheduled() {} };' },
      { triggers: { crons: ['0 5 * * *', '30 6 * * 1'] } },
    );
    await project.says(['deploy'], /schedule: 0 5 \* \* \*/);
    assert.deepEqual(await crons(project.path('/schedules')), ['0 5 * * *', '30 6 * * 1']);
    project.configure({ triggers: { crons: [] } });
    await project.ok(['deploy']);
    assert.deepEqual(await crons(project.path('/schedules')), []);
  });

  await trial.refuses('deploy', 'a route of another Worker, and one without a zone', async () => {
    await trial.project('taken', {}, { routes: [`${zone}/taken/*`] }).ok(['deploy']);
    const thief = trial.project('thief', {}, { routes: [`${zone}/taken/*`] });
    await thief.fails(['deploy'], new RegExp(`taken-${release.key}`));
    const lost = trial.project('lost', {}, { routes: ['absent.example/*'], workers_dev: true });
    await lost.fails(['deploy'], /caravel zone add/);
  });

  await trial.refuses('deploy', 'a cron expression that is none', async () => {
    const project = trial.project(
      'noclock',
      { 'index.js': 'export default { scheduled() {} };' },
      { triggers: { crons: ['61 * * * *'] } },
    );
    await project.fails(['deploy'], /61/);
  });

  await trial.does('triggers deploy', 'changes them without the code', async () => {
    const project = trial.project('moved', {}, { routes: [`${zone}/moved/*`] });
    await project.ok(['deploy']);
    project.write({ 'index.js': answering('not deployed') });
    project.configure({
      routes: [`${zone}/elsewhere/*`],
      triggers: { crons: ['15 7 * * *'] },
    });
    await project.says(['triggers', 'deploy'], /elsewhere/);
    assert.equal(await at(zone, '/elsewhere/'), project.name);
    assert.notEqual(await at(zone, '/moved/'), project.name);
    assert.deepEqual(await crons(project.path('/schedules')), ['15 7 * * *']);
  });

  await trial.refuses(
    'triggers deploy',
    'a Worker that is not there, a wrong expression',
    async () => {
      const absent = trial.project('absent', {}, { triggers: { crons: ['15 7 * * *'] } });
      await absent.fails(['triggers', 'deploy'], /does not exist|code: 10007/);
      const project = trial.project('present', {}, { triggers: { crons: ['15 7 * * *'] } });
      await project.ok(['deploy']);
      project.configure({ triggers: { crons: ['* * *'] } });
      await project.fails(['triggers', 'deploy'], /\* \* \*/);
    },
  );
}
