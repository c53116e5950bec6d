import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const where = '/?a[b][c]=d&list[]=1&list[]=2&x=1,2&e=%C3%A9+f&e=g&i[1]=b&i[0]=a&__proto__[z]=1&n';
  assert.deepEqual(await worker.json(where), {
    a: { b: { c: 'd' } },
    list: ['1', '2'],
    x: ['1', '2'],
    e: ['é f', 'g'],
    i: ['a', 'b'],
    n: '',
  });
  const answer = await worker.post('/', { a: { b: ['x', 'y z'] }, n: null, t: true });
  assert.deepEqual(JSON.parse(answer.text), [
    'a%5Bb%5D%5B0%5D=x&a%5Bb%5D%5B1%5D=y%20z&n=&t=true',
    'a[b]=x&a[b]=y%20z&t=true',
    'a.b%5B0%5D=x&a.b%5B1%5D=y+z&n=&t=true',
  ]);
};
