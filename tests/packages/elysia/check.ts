import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  assert.equal(await worker.text('/'), 'Olá');
  assert.deepEqual(await worker.json('/ports/41?deep=true'), { id: 42, query: { deep: true } });
  assert.equal((await worker.get('/ports/x')).status, 422);
  const made = await worker.post('/ships', { name: 'Nau' });
  assert.deepEqual(
    [made.status, made.headers['x-ship'], made.text],
    [201, 'Nau', '{"name":"Nau"}'],
  );
  assert.equal((await worker.post('/ships', { name: 'N' })).status, 422);
  assert.equal((await worker.get('/admin')).status, 403);
  const admin = await worker.get('/admin', { headers: { 'x-role': 'admin' } });
  assert.equal(admin.text, 'admin');
  assert.match(`${admin.headers['set-cookie']}`, /^seen=yes; .*HttpOnly/);
  const missing = await worker.get('/nowhere');
  assert.deepEqual([missing.status, missing.text], [404, 'no such port']);
  assert.ok((await worker.json('/calls')).calls > 0);
};
