import assert from 'node:assert/strict';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const body = 'ondas do mar de Vigo '.repeat(300);
  const post = (where: string, bytes: string | Buffer) =>
    worker.get(where, { method: 'POST', body: bytes });
  const zipped = await post('/gzip', body);
  assert.equal(gunzipSync(zipped.body).toString(), body);
  assert.equal((await post('/ungzip', gzipSync(body))).text, body);
  const wrong = await post('/ungzip', 'no gzip at all');
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /incorrect header check/);
  assert.deepEqual(JSON.parse((await post('/', body)).text), {
    same: true,
    smaller: true,
    raw: 'ondas',
  });
};
