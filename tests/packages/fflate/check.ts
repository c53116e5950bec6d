import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const text = 'wind and wave '.repeat(500);
  const files = { 'log/one.txt': text, 'é.gz': 'stored' };
  const zip = await worker.post('/zip', files);
  assert.equal(zip.body.toString('latin1', 0, 2), 'PK');
  assert.ok(zip.body.length < 500, `${zip.body.length}`);
  const list = await worker.get('/list', { method: 'POST', body: zip.body });
  assert.deepEqual(JSON.parse(list.text), files);
  const zlib = await worker.get('/zlib', { method: 'POST', body: text });
  assert.equal(inflateSync(zlib.body).toString(), text);
  const both = await worker.get('/', { method: 'POST', body: text });
  assert.deepEqual(JSON.parse(both.text), { theirs: text, ours: text });
};
