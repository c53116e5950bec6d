// Who is asking.
import assert from 'node:assert/strict';
import type { Trial } from '../trial.ts';

export async function account(trial: Trial) {
  const project = trial.project('anybody');

  await trial.does('whoami', 'names the account', async () => {
    const output = await project.ok(['whoami']);
    assert.ok(output.includes(trial.platform.account), output);
  });

  await trial.refuses('whoami', 'a token that is not one, and none at all', async () => {
    const wrong = await project.wrangler(['whoami'], undefined, {
      CLOUDFLARE_API_TOKEN: 'not-a-token',
    });
    assert.match(wrong.output, /no such API token|10000|9109/);
    const none = await project.wrangler(['whoami'], undefined, { CLOUDFLARE_API_TOKEN: undefined });
    assert.match(none.output, /not authenticated|not logged in|wrangler login/);
  });

  await trial.does('deploy', 'finds the account where none is configured', async () => {
    const ended = await project.wrangler(['deploy'], undefined, {
      CLOUDFLARE_ACCOUNT_ID: undefined,
    });
    assert.equal(ended.code, 0, ended.output);
  });

  await trial.refuses('deploy', "an account that is not the token's", async () => {
    await project.fails(['deploy'], /code: \d+/, { CLOUDFLARE_ACCOUNT_ID: 'f'.repeat(32) });
  });
}
