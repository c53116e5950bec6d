import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  // {"a": [1, -1, 1.5, null], "é": "x"} as the specification of MessagePack has it.
  const bytes = Buffer.from('82a1619401ffcb3ff8000000000000c0a2c3a9a178', 'hex');
  const echo = await worker.get('/echo', { method: 'POST', body: bytes });
  assert.deepEqual(echo.body, bytes);
  assert.deepEqual(await worker.json('/'), {
    smaller: true,
    same: true,
    position: 38.7,
    when: '1498-05-20T00:00:00.000Z',
    big: `${2n ** 60n}`,
    set: [1, 2],
    many: [1, 'a', null],
  });
};
