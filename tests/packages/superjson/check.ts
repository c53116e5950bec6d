import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const { json, meta } = await worker.json('/');
  assert.equal(json.when, '1500-04-22T00:00:00.000Z');
  assert.deepEqual(json.table, [['1500-04-22T00:00:00.000Z', '/wind/gi']]);
  assert.deepEqual([json.zero, json.far, json.nothing, json.speed], ['-0', 'Infinity', null, 7]);
  assert.equal(json.url, 'https://example.com/x?y');
  assert.deepEqual(json.bytes, [1, 2]);
  assert.equal(json.error.message, 'far');
  assert.deepEqual(meta.values.speed, [['custom', 'knots']]);
  assert.deepEqual(meta.values.bytes, [['typed-array', 'Uint8Array']]);
  assert.deepEqual(meta.values['twice.0.deep'], ['bigint']);
  assert.deepEqual(meta.referentialEqualities, { 'twice.0': ['twice.1'], when: ['table.0.0'] });
  const sent = {
    json: { when: '1500-04-22T00:00:00.000Z', seen: ['x', 'x', 'y'], again: null },
    meta: { values: { when: ['Date'], seen: ['set'] }, referentialEqualities: { when: ['again'] } },
  };
  const got = await worker.post('/', sent);
  assert.deepEqual(JSON.parse(got.text), { year: 1500, seen: 2, same: true });
};
