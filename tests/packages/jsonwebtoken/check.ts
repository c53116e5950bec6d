import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const sign = async (algorithm: string, key: string) =>
    (await worker.post('/', { claims: { sub: 'ana' }, algorithm, key })).text;
  const verify = async (token: string, key: string, options = {}) =>
    JSON.parse((await worker.post('/', { token, key, options })).text);

  const token = await sign('HS256', 'segredo');
  const [header, payload, signature] = token.split('.');
  assert.equal(
    createHmac('sha256', 'segredo').update(`${header}.${payload}`).digest('base64url'),
    signature,
  );
  const { sub, iss, iat, exp } = await verify(token, 'segredo', { issuer: 'caravel' });
  assert.deepEqual([sub, iss, exp - iat], ['ana', 'caravel', 3600]);
  const wrong = { name: 'JsonWebTokenError', message: 'invalid signature' };
  assert.deepEqual(await verify(token, 'outro'), wrong);
  assert.equal((await verify(token, 'segredo', { audience: 'shop' })).name, 'JsonWebTokenError');
  const late = await verify(token, 'segredo', { clockTimestamp: exp + 1 });
  assert.deepEqual([late.name, late.message], ['TokenExpiredError', 'jwt expired']);

  const long = await sign('HS512', 'segredo');
  assert.equal((await verify(long, 'segredo')).sub, 'ana');
  const refused = await verify(long, 'segredo', { algorithms: ['HS256'] });
  assert.equal(refused.message, 'invalid algorithm');
};
