import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const { version, size, rows, svg } = await worker.json('/?text=https%3A%2F%2Fexample.com');
  assert.deepEqual([version, size, rows.length], [2, 25, 625]);
  // The three corners' squares.
  const row = (index: number) => rows.slice(index * size, (index + 1) * size);
  assert.equal(row(0).slice(0, 8), '11111110');
  assert.equal(row(3).slice(-8), '01011101');
  assert.equal(row(size - 1).slice(0, 8), '11111110');
  assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 27 27"/);
  const long = await worker.json(`/?text=${'x'.repeat(500)}`);
  assert.ok(long.version > 10);
  assert.notEqual((await worker.json('/?text=other')).rows, rows);
};
