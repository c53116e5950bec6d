import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const order = {
  id: '3b241101-e2bb-4255-8caf-4136c566a962',
  email: 'ana@example.com',
  quantity: '3',
  kind: { type: 'book', pages: 320 },
};

export default async (worker: Worker) => {
  const good = await worker.post('/', { ...order, tags: [' Sea ', 'WIND'], extra: 1 });
  assert.equal(good.status, 200, good.text);
  assert.deepEqual(JSON.parse(good.text), { ...order, quantity: 3, tags: ['sea', 'wind'] });

  const bad = await worker.post('/', { ...order, email: 'ana', kind: { type: 'map', scale: '1' } });
  assert.equal(bad.status, 400);
  const { issues, pretty } = JSON.parse(bad.text);
  assert.deepEqual(
    issues.map(({ path }: { path: string[] }) => path.join('.')),
    ['email', 'kind.scale', 'quantity'],
  );
  assert.match(pretty, /✖ Invalid email address\n {2}→ at email/);

  const refined = await worker.post('/', { ...order, kind: { type: 'map', scale: '1:500' } });
  assert.deepEqual(JSON.parse(refined.text).issues[0], {
    code: 'custom',
    path: ['quantity'],
    message: 'one map at a time',
  });

  const schema = await worker.json('/');
  assert.equal(schema.properties.email.format, 'email');
  assert.equal(schema.properties.kind.oneOf.length, 2);
  assert.deepEqual(schema.required, ['id', 'email', 'quantity', 'kind']);
};
