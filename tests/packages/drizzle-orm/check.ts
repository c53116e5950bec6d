import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const day = (year: number) => `${year}-03-09T00:00:00.000Z`;

export default async (worker: Worker) => {
  const { joined, nested, statement, rolledBack } = await worker.json('/');
  assert.deepEqual(joined, [
    { name: 'Gama', ships: 21, sailed: day(1502) },
    { name: 'Cabral', ships: 13, sailed: day(1500) },
  ]);
  assert.deepEqual(nested, [
    {
      id: 1,
      name: 'Gama',
      voyages: [
        { ports: ['Calecute'], sailed: day(1497) },
        { ports: [], sailed: day(1502) },
      ],
    },
    { id: 2, name: 'Cabral', voyages: [{ ports: ['Porto Seguro', 'Cochim'], sailed: day(1500) }] },
  ]);
  assert.deepEqual(statement, {
    sql: 'select "id", "captain_id", "ships", "sailed", "ports" from "voyages" where "voyages"."ships" = ?',
    params: [4],
  });
  assert.equal(rolledBack, true);
};
