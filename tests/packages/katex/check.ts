import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const post = (body: string) => worker.get('/', { method: 'POST', body });
  const good = await post('\\frac{a^2}{\\sqrt{b}} \\in \\RR');
  assert.equal(good.status, 200, good.text);
  assert.match(
    good.text,
    /<mfrac><msup><mi>a<\/mi><mn>2<\/mn><\/msup><msqrt><mi>b<\/mi><\/msqrt><\/mfrac>/,
  );
  assert.match(good.text, /<mo>∈<\/mo><mi mathvariant="double-struck">R<\/mi>/);
  const bad = await post('\\frac{a}{');
  assert.equal(bad.status, 400);
  assert.match(bad.text, /^9: Unexpected end of input|^9: Expected '}'/);
};
