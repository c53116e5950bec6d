import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const ask = async (crew: unknown, login: unknown) =>
    JSON.parse((await worker.post('/', { crew, login })).text);
  assert.deepEqual(await ask({ name: ' Pero ', age: '31', role: 'pilot', more: 1 }, 'pero'), {
    crew: { name: 'Pero', age: 31, role: 'pilot' },
    login: 'pero',
  });
  assert.deepEqual(await ask({ name: 'x', age: 'no', born: '31.12.' }, 'taken'), {
    crew: {
      nested: {
        name: ['name too short'],
        age: ['Invalid integer: Received NaN', 'Invalid value: Expected >=16 but received NaN'],
        role: ['Invalid key: Expected "role" but received undefined'],
        born: ['Invalid date: Received "31.12."'],
      },
    },
    login: ['taken already'],
  });
  const young = await ask({ name: 'Rui', age: 20, role: 'pilot' }, 1);
  assert.deepEqual(young, {
    crew: { root: ['pilots are thirty or older'] },
    login: ['Invalid type: Expected string but received 1'],
  });
};
