import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const ship = {
  name: 'Gabriel',
  kind: 'nau',
  crew: 60,
  ports: ['Goa'],
  sailed: '1497-07-08T00:00:00Z',
};

export default async (worker: Worker) => {
  const ask = async (ship: unknown, list: unknown) =>
    JSON.parse((await worker.post('/', { ship, list })).text);
  assert.deepEqual(await ask(ship, { value: 1, next: { value: 2 } }), {
    ship: { ...ship, sailed: '1497-07-08T00:00:00.000Z' },
    list: true,
    wider: false,
  });
  const wrong = await ask(
    { ...ship, name: '', crew: 1.5, kind: 'x' },
    { value: 1, next: { value: '2' } },
  );
  assert.deepEqual(wrong.ship.toSorted(), ['crew divisor', 'kind union', 'name minLength']);
  assert.equal(wrong.list, false);
  assert.deepEqual((await ask({ ...ship, kind: 'bote' }, {})).ship, [' predicate']);
};
