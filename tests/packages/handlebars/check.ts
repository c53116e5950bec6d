import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const days = [{ wind: 'N & E' }, { wind: '<none>' }];
  const full = await worker.post('/', { title: 'Log <1>', days, raw: '<hr>' });
  assert.equal(full.status, 200, full.text);
  assert.equal(
    full.text.trim(),
    '<h1>Log &lt;1&gt;</h1>\nday 1: N &amp; E' + 'day 2: &lt;none&gt;' + '<hr>',
  );
  const empty = await worker.post('/', { title: 'x', days: [] });
  assert.match(empty.text, /^<h1>x<\/h1>\nno days\n/);
};
