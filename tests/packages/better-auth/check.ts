import assert from 'node:assert/strict';
import { startPostgres } from '../servers.ts';
import type { Worker } from '../worker.ts';

export const start = startPostgres;

export default async (worker: Worker) => {
  const origin = { origin: 'http://better-auth.localhost' };
  const ask = (where: string, body: unknown) => worker.post(`/api/auth${where}`, body, origin);
  const tables = ['account', 'session', 'user', 'verification'];
  assert.deepEqual((await worker.json('/migrate')).toSorted(), tables);
  assert.equal((await worker.get('/me')).status, 401);
  assert.deepEqual(await worker.json('/api/auth/ok'), { ok: true });

  const ana = { email: 'ana@example.com', password: 'mar português' };
  const short = await ask('/sign-up/email', { ...ana, name: 'Ana', password: 'mar' });
  assert.equal(JSON.parse(short.text).code, 'PASSWORD_TOO_SHORT');
  const up = await ask('/sign-up/email', { ...ana, name: 'Ana' });
  assert.equal(up.status, 200, up.text);
  assert.equal((await ask('/sign-up/email', { ...ana, name: 'Ana' })).status, 422);

  const wrong = await ask('/sign-in/email', { ...ana, password: 'mar espanhol' });
  assert.equal(wrong.status, 401);
  const signedIn = await ask('/sign-in/email', ana);
  assert.equal(signedIn.status, 200, signedIn.text);
  const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
  assert.match(cookie, /^better-auth\.session_token=.*HttpOnly; SameSite=Lax$/);
  const headers = { cookie: cookie.split(';')[0] ?? '', ...origin };
  const me = { name: 'Ana', email: 'ana@example.com' };
  assert.deepEqual(await worker.json('/me', { headers }), me);
  const bearer = { authorization: `Bearer ${signedIn.headers['set-auth-token']}` };
  assert.deepEqual(await worker.json('/me', { headers: bearer }), me);
  const forged = { cookie: headers.cookie.replace(/.{6}$/, 'AAAAAA') };
  assert.equal((await worker.get('/me', { headers: forged })).status, 401);

  assert.equal((await worker.post('/api/auth/sign-out', {}, headers)).status, 200);
  assert.equal((await worker.get('/me', { headers })).status, 401);
};
