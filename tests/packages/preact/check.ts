import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  assert.equal(
    await worker.text('/'),
    '<ul><li data-fleet="India" class="ship">Gabriel: 60</li>' +
      '<li data-fleet="India" class="ship">Rafael &amp; co: 60</li></ul>' +
      '<img alt srcset="a.png 2x"/>',
  );
  assert.equal(await worker.text('/late'), '<!--$s--><b>late</b><!--/$s-->');
};
