// Secrets of versions, which wait for their deployment.
import assert from 'node:assert/strict';
import type { Trial } from '../trial.ts';

const telling = 'export default { fetch: (_, env) => new Response(`${env.ONE} ${env.TWO}`) };';

/** A version that `versions secret …` says that it has made. */
function madeIn(output: string): string {
  const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(output)?.[0];
  assert.ok(id, output);
  return id;
}

export async function versionSecrets(trial: Trial) {
  const project = trial.project('waiting', { 'index.js': telling });
  const nobody = trial.project('no-versions');
  const deploy = (id: string) => project.ok(['versions', 'deploy', `${id}@100`, '--yes']);

  await trial.does('versions secret put', 'makes a version that waits', async () => {
    await project.ok(['deploy']);
    const made = await project.ok(
      ['versions', 'secret', 'put', 'ONE', '--message', 'one'],
      'first',
    );
    assert.equal(await project.answer(), 'undefined undefined');
    await deploy(madeIn(made));
    assert.equal(await project.answer(), 'first undefined');
  });

  await trial.does('versions secret bulk', 'sets many in one version', async () => {
    project.write({ 'secrets.json': '{"ONE":"uno","TWO":"due"}' });
    const made = await project.ok(['versions', 'secret', 'bulk', 'secrets.json']);
    await deploy(madeIn(made));
    assert.equal(await project.answer(), 'uno due');
  });

  await trial.does('versions secret list', 'tells those of the deployment', async () => {
    const list = await project.says(['versions', 'secret', 'list'], /ONE/);
    assert.match(list, /TWO/);
    assert.ok(!/uno|due/.test(list), list);
  });

  await trial.does(
    'versions secret delete',
    'takes one away, in a version that waits',
    async () => {
      const made = await project.ok(['versions', 'secret', 'delete', 'ONE']);
      assert.equal(await project.answer(), 'uno due');
      await deploy(madeIn(made));
      assert.equal(await project.answer(), 'undefined due');
    },
  );

  const absent = /does not exist|10007|No versions|not found|10222/i;
  await trial.refuses('versions secret put', 'a Worker that is not there', async () => {
    const ended = await nobody.wrangler(['versions', 'secret', 'put', 'ONE'], 'x');
    assert.notEqual(ended.code, 0, ended.output);
    assert.match(ended.output, absent);
  });
  await trial.refuses('versions secret bulk', 'a Worker that is not there', async () => {
    nobody.write({ 'secrets.json': '{"ONE":"uno"}' });
    await nobody.fails(['versions', 'secret', 'bulk', 'secrets.json'], absent);
  });
  await trial.refuses('versions secret list', 'a Worker that is not there', async () => {
    await nobody.fails(['versions', 'secret', 'list'], absent);
  });
  await trial.refuses('versions secret delete', 'a Worker that is not there', async () => {
    await nobody.fails(['versions', 'secret', 'delete', 'ONE'], absent);
  });
}
