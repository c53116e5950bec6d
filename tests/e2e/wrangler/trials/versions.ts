// Versions side by side, deployments of them, and the way back.
import assert from 'node:assert/strict';
import { absentVersion, answering, type Project, type Trial, versionIn } from '../trial.ts';

const override = (project: Project, version: string) =>
  project.answer('/', {
    'Cloudflare-Workers-Version-Overrides': `${project.name}="${version}"`,
  });

export async function versions(trial: Trial) {
  const project = trial.project(
    'split',
    { 'index.js': answering('first') },
    { preview_urls: true },
  );
  const nobody = trial.project('nobody');
  let first = '';
  let second = '';

  await trial.does('versions upload', 'makes a version that gets no requests', async () => {
    first = versionIn(await project.ok(['deploy']));
    project.write({ 'index.js': answering('second') });
    const uploaded = await project.ok([
      ...['versions', 'upload', '--tag', 'v2', '--message', 'the second'],
    ]);
    second = versionIn(uploaded);
    assert.notEqual(second, first);
    assert.equal(await project.answer(), 'first');
    const preview = await trial.platform.get(`${second.slice(0, 8)}-${project.name}`);
    assert.equal(preview.text, 'second');
  });

  if (trial.release.hasAliases) {
    await trial.does('versions upload', 'gives a version another name', async () => {
      const other = trial.project(
        'aliased',
        { 'index.js': answering('aliased') },
        { preview_urls: true },
      );
      await other.ok(['deploy']);
      other.write({ 'index.js': answering('not deployed') });
      await other.says(['versions', 'upload', '--preview-alias', 'staging'], /staging-aliased-/);
      const seen = await trial.platform.get(`staging-${other.name}`);
      assert.equal(seen.text, 'not deployed');
      assert.equal(await other.answer(), 'aliased');
    });
  }

  await trial.refuses('versions upload', 'code that cannot start', async () => {
    const broken = trial.project('broken-version');
    await broken.ok(['deploy']);
    broken.write({ 'index.js': 'undefinedThing();\nexport default {};' });
    await broken.fails(['versions', 'upload'], /undefinedThing is not defined[\s\S]*code: 10021/);
    assert.equal(await broken.answer(), broken.name);
  });

  await trial.does('versions list', 'tells both, with message and tag', async () => {
    const list = await project.ok(['versions', 'list']);
    for (const each of [first, second, 'the second', 'v2']) assert.ok(list.includes(each), list);
    const json = JSON.parse(await project.ok(['versions', 'list', '--json']));
    assert.deepEqual(
      json.map(({ id }: { id: string }) => id),
      [first, second],
    );
  });

  await trial.refuses('versions list', 'a Worker that is not there', async () => {
    await nobody.fails(['versions', 'list'], /does not exist[\s\S]*code: 10007/);
  });

  await trial.does('versions view', 'tells of one', async () => {
    const view = await project.says(['versions', 'view', second], /the second/);
    for (const each of [second, 'v2', 'fetch', '2025-06-01']) assert.ok(view.includes(each), view);
    const json = JSON.parse(await project.ok(['versions', 'view', second, '--json']));
    assert.equal(json.id, second);
  });

  await trial.refuses('versions view', 'an id that is none, and one of no version', async () => {
    await project.fails(['versions', 'view', absentVersion], /has no version/);
    await project.fails(['versions', 'view', 'not-an-id'], /not-an-id|UUID/i);
  });

  const divide = (one: number, two: number) => [
    ...['versions', 'deploy', `${first}@${one}`, `${second}@${two}`, '--yes'],
  ];

  await trial.does('versions deploy', 'divides requests among versions', async () => {
    await project.says([...divide(100, 0), '--message', 'carefully'], /SUCCESS|Deployed/);
    for (let i = 0; i < 10; i++) assert.equal(await project.answer(), 'first');
    assert.equal(await override(project, second), 'second');
    await project.ok(divide(0, 100));
    for (let i = 0; i < 10; i++) assert.equal(await project.answer(), 'second');
  });

  await trial.refuses('versions deploy', 'percentages that make no whole', async () => {
    await project.fails(divide(60, 60), /100/);
    await project.fails(divide(130, -30), /percentage/i);
    await project.fails(['versions', 'deploy', `${first}@many`, '--yes'], /percentage|number/i);
  });

  await trial.refuses('versions deploy', 'a version that is not there', async () => {
    const deploy = ['versions', 'deploy', `${absentVersion}@100`, '--yes'];
    await project.fails(deploy, /version/i);
    await nobody.fails(deploy, /does not exist|10007/);
    assert.equal(await project.answer(), 'second');
  });

  await trial.does('deployments list', 'tells each, the newest last', async () => {
    const list = await project.ok(['deployments', 'list']);
    assert.equal(list.match(/Source:/g)?.length, 3, list);
    assert.match(list, /carefully/);
    const json = JSON.parse(await project.ok(['deployments', 'list', '--json']));
    assert.equal(json.length, 3);
  });

  await trial.does('deployments status', 'tells what answers', async () => {
    await project.says(['deployments', 'status'], new RegExp(`\\(100%\\) ${second}`));
    const json = JSON.parse(await project.ok(['deployments', 'status', '--json']));
    assert.equal(
      json.versions.find((each: { percentage: number }) => each.percentage === 100).version_id,
      second,
    );
  });

  await trial.refuses('deployments list', 'a Worker that is not there', async () => {
    await nobody.fails(['deployments', 'list'], /code: 10007/);
  });
  await trial.refuses('deployments view', 'and says what it is called now', async () => {
    await project.fails(['deployments', 'view'], /wrangler deployments status/);
  });
  await trial.refuses('deployments status', 'a Worker that is not there', async () => {
    await nobody.fails(['deployments', 'status'], /code: 10007/);
  });

  await trial.does('rollback', 'to a version, and to the one before', async () => {
    await project.ok(['rollback', first, '--yes', '--message', 'back']);
    for (let i = 0; i < 10; i++) assert.equal(await project.answer(), 'first');
    await project.says(['deployments', 'status'], /back/);
    await project.ok(['rollback', '--yes']);
    for (let i = 0; i < 10; i++) assert.equal(await project.answer(), 'second');
  });

  await trial.refuses(
    'rollback',
    'a version that is not there, a Worker that is not there',
    async () => {
      await project.fails(['rollback', absentVersion, '--yes'], /version/i);
      await nobody.fails(['rollback', '--yes'], /10007|does not exist/);
    },
  );

  await trial.refuses('versions upload', 'a Worker that is not there', async () => {
    await nobody.fails(['versions', 'upload'], /does not (yet )?exist/);
  });
}
