import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const post = (where: string, body: string) => worker.get(where, { method: 'POST', body });
  const rows = Array.from({ length: 5000 }, (_, i) => `"ship, ${i % 3}",${i}`);
  const big = await post('/', `\ufeffship,crew\n${rows.join('\n')}\n`);
  assert.equal(big.status, 200, big.text);
  assert.deepEqual(JSON.parse(big.text), {
    records: 5000,
    crews: { 'ship, 0': 4165833, 'ship, 1': 4167500, 'ship, 2': 4164167 },
  });
  const small = await post('/sync', 'a,b\n1, "x ""y"""\n2.5,\n');
  assert.deepEqual(JSON.parse(small.text), [
    { a: 1, b: 'x "y"' },
    { a: 2.5, b: '' },
  ]);
  const wrong = await post('/sync', 'a,b\n1\n');
  assert.deepEqual(JSON.parse(wrong.text), { code: 'CSV_RECORD_INCONSISTENT_COLUMNS', lines: 2 });
};
