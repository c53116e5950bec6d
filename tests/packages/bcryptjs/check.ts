import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

// From crypt_blowfish's own test vectors.
const known = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';

export default async (worker: Worker) => {
  const ask = async (password: string, hash?: string) =>
    JSON.parse((await worker.post('/', { password, hash })).text);
  assert.deepEqual(await ask('U*U', known), { same: true });
  assert.deepEqual(await ask('U*V', known), { same: false });
  const first = await ask('açúcar');
  const second = await ask('açúcar');
  assert.match(first.fresh, /^\$2b\$06\$.{53}$/);
  assert.notEqual(first.fresh, second.fresh);
  assert.equal(first.sync, second.sync);
  assert.deepEqual([first.rounds, first.truncates], [6, true]);
  assert.deepEqual(await ask('açúcar', first.fresh), { same: true });
};
