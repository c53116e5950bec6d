import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const answer = await worker.get('/', { headers: { cookie: 'visits=4; port=%C3%89vora; q="x"' } });
  assert.deepEqual(answer.headers['set-cookie'], [
    'visits=5; Path=/; HttpOnly; SameSite=Lax',
    'name=S%C3%A3o%3B%20Rafael; Max-Age=60; Secure; Partitioned',
  ]);
  const { cookies, read, refused } = JSON.parse(answer.text);
  assert.deepEqual(cookies, { visits: '4', port: 'Évora', q: '"x"' });
  assert.deepEqual([read[0].sameSite, read[1].value, read[1].maxAge], ['lax', 'São; Rafael', 60]);
  assert.match(refused, /name is invalid/);
};
