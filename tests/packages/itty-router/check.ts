import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  assert.deepEqual(await worker.json('/v1/books'), [{ title: 'Dune', year: 1965 }]);
  assert.equal((await worker.json('/v1/books/dune')).year, 1965);
  const missing = await worker.get('/v1/books/emma');
  assert.equal(missing.status, 404);
  assert.deepEqual(JSON.parse(missing.text), { status: 404, error: 'no book emma' });
  assert.deepEqual(await worker.json('/v1/search/a/b?x=1&y=2&y=3'), {
    params: { where: 'a/b' },
    query: { x: '1', y: ['2', '3'] },
  });
  const echo = await worker.post('/v1/echo', { deep: [1, null] });
  assert.deepEqual(JSON.parse(echo.text), { content: { deep: [1, null] } });
  assert.equal((await worker.get('/v1/books/dune', { method: 'DELETE' })).status, 403);
  const headers = { 'x-role': 'admin' };
  const deleted = await worker.get('/v1/books/dune', { method: 'DELETE', headers });
  assert.deepEqual(JSON.parse(deleted.text), { deleted: 'dune' });
  assert.equal((await worker.get('/v1/bug')).status, 500);
  assert.equal((await worker.get('/elsewhere')).status, 404);
};
