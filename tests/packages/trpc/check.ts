import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const input = (value: unknown) => encodeURIComponent(JSON.stringify(value));
  assert.deepEqual(await worker.json(`/trpc/hello?input=${input({ name: 'Ana' })}`), {
    result: { data: 'Olá Ana' },
  });
  const bad = await worker.get(`/trpc/hello?input=${input({ name: 1 })}`);
  assert.equal(bad.status, 400);
  const { error } = JSON.parse(bad.text);
  assert.equal(error.data.code, 'BAD_REQUEST');
  assert.match(error.message, /expected string/);

  const batch = await worker.get(`/trpc/me,hello?batch=1&input=${input({ 1: { name: 'B' } })}`);
  assert.equal(batch.status, 207);
  const [first, second] = JSON.parse(batch.text);
  assert.equal(first.error.data.code, 'UNAUTHORIZED');
  assert.equal(second.result.data, 'Olá B');
  assert.deepEqual(
    (await worker.post('/trpc/add', [20, 22], { 'x-user': 'ana' })).text,
    '{"result":{"data":42}}',
  );
  assert.equal((await worker.get('/trpc/nothing')).status, 404);

  const waves = await worker.get('/trpc/waves', { headers: { accept: 'text/event-stream' } });
  assert.deepEqual(waves.text.match(/^data: \d$/gm), ['data: 1', 'data: 2', 'data: 3']);

  assert.deepEqual(await worker.json('/'), { answers: ['Olá Eva', 'ana'], sum: 5, requests: 2 });
};
