import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const answer = await worker.get('/');
  assert.equal(answer.status, 200, answer.text);
  // Computed by hand from the wire format: tag, length, value.
  const text = Buffer.from('terra à vista');
  const entry = Buffer.concat([
    Buffer.from([0x0a, text.length]),
    text,
    Buffer.from([0x10, 0x80, 0xde, 0xa0, 0xcb, 0x05]),
    Buffer.from([0x1a, 0x02, 0x05, 0x18]),
    Buffer.from([0x28, 0x02]),
  ]);
  assert.deepEqual(
    answer.body,
    Buffer.concat([Buffer.from([0x0a, entry.length]), entry, Buffer.from([0x0a, 0])]),
  );
  assert.equal(answer.headers['x-wrong'], 'entries.text: string expected');

  const sketch = Buffer.from('0a120a0178320301020310ffffffffffffffff7f', 'hex');
  const big = await worker.get('/', { method: 'POST', body: sketch });
  assert.deepEqual(JSON.parse(big.text), {
    entries: [{ text: 'x', at: '9223372036854775807', sketch: 'AQID', weather: 'sketch' }],
  });
};
