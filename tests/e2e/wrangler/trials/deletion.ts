// `wrangler delete`.
import assert from 'node:assert/strict';
import type { Trial } from '../trial.ts';

export async function deletion(trial: Trial) {
  await trial.does('delete', 'a Worker answers no more', async () => {
    const project = trial.project('gone');
    await project.ok(['deploy']);
    assert.equal(await project.answer(), project.name);
    await project.ok(['delete']);
    assert.match(await project.answer(), /^404 /);
  });

  await trial.does('delete', 'one that another calls, when it is told to', async () => {
    const callee = trial.project('needed');
    await callee.ok(['deploy']);
    const services = [{ binding: 'NEEDED', service: callee.name }];
    await trial.project('needing', {}, { services }).ok(['deploy']);
    await callee.ok(['delete', '--force']);
    assert.match(await callee.answer(), /^404 /);
  });

  await trial.refuses('delete', 'a Worker that is not there', async () => {
    await trial.project('never').fails(['delete'], /does not exist|code: 10007|not found/i);
  });
}
