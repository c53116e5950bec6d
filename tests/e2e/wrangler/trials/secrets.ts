// Secrets of a Worker, live when the command ends.
import assert from 'node:assert/strict';
import type { Trial } from '../trial.ts';

const telling = 'export default { fetch: (_, env) => new Response(`${env.ONE} ${env.TWO}`) };';

export async function secrets(trial: Trial) {
  const project = trial.project('secrets', { 'index.js': telling });
  const nobody = trial.project('no-secrets');

  await trial.does('secret put', 'before there is a Worker, and beside one', async () => {
    const early = trial.project('early', { 'index.js': telling });
    await early.ok(['secret', 'put', 'ONE'], 'one');
    await early.ok(['deploy']);
    assert.equal(await early.answer(), 'one undefined');
    await project.ok(['deploy']);
    await project.says(['secret', 'put', 'ONE'], /Success/, 'first');
    assert.equal(await project.answer(), 'first undefined');
  });

  await trial.refuses('secret put', 'a name that a variable has, a wrong token', async () => {
    const clash = trial.project('clash', {}, { vars: { ONE: 'plain' } });
    await clash.ok(['deploy']);
    const ended = await clash.wrangler(['secret', 'put', 'ONE'], 'hidden');
    assert.notEqual(ended.code, 0, ended.output);
    assert.match(ended.output, /ONE/);
    assert.ok(!ended.output.includes('hidden'), ended.output);
    const wrong = await project.wrangler(['secret', 'put', 'TWO'], 'x', {
      CLOUDFLARE_API_TOKEN: 'not-a-token',
    });
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.output, /no such API token/);
  });

  await trial.does('secret bulk', 'sets many, and keeps them with a deployment', async () => {
    project.write({ 'secrets.json': '{"ONE":"uno","TWO":"due"}' });
    await project.ok(['secret', 'bulk', 'secrets.json']);
    assert.equal(await project.answer(), 'uno due');
    await project.ok(['secret', 'bulk'], '{"TWO":"zwei"}');
    assert.equal(await project.answer(), 'uno zwei');
    await project.ok(['deploy']);
    assert.equal(await project.answer(), 'uno zwei');
  });

  await trial.refuses('secret bulk', 'what is no JSON, a file that is not there', async () => {
    project.write({ 'broken.json': 'nothing like it: {' });
    await project.fails(['secret', 'bulk', 'broken.json'], /JSON|parse|dotenv|valid/i);
    await project.fails(['secret', 'bulk', 'absent.json'], /absent\.json|ENOENT|not found/i);
  });

  await trial.does('secret list', 'tells names, never values', async () => {
    const list = await project.says(['secret', 'list'], /ONE/);
    assert.match(list, /TWO/);
    assert.ok(!/uno|zwei/.test(list), list);
  });

  await trial.refuses('secret list', 'a Worker that is not there', async () => {
    await nobody.fails(['secret', 'list'], /not found|does not exist/i);
  });

  await trial.does('secret delete', 'takes one away', async () => {
    await project.says(['secret', 'delete', 'ONE'], /Success/);
    assert.equal(await project.answer(), 'undefined zwei');
  });

  await trial.refuses('secret delete', 'one that is not there', async () => {
    await project.fails(['secret', 'delete', 'ONE'], /has no secret "ONE"/);
    await nobody.fails(['secret', 'delete', 'ONE'], /10007|does not exist/);
  });
}
