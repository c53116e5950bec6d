import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const faults = async (value: unknown) => JSON.parse((await worker.post('/', value)).text);
  assert.deepEqual(await faults({ name: 'Érico', ports: ['Lisboa'] }), []);
  assert.deepEqual(await faults({ name: 'Érico', ports: ['Lisboa', 'Goa'], crew: 3 }), []);
  assert.deepEqual((await faults({ name: 'é', ports: ['Goa', 'Goa'], x: 1 })).toSorted(), [
    ' additionalProperties',
    '/name minLength',
    '/name pattern',
    '/ports uniqueItems',
    '/ports/0 const',
  ]);
  assert.deepEqual((await faults({ name: 'Ana', ports: ['Lisboa'], crew: 201 })).toSorted(), [
    '/crew maximum',
    '/ports minItems',
  ]);
};
