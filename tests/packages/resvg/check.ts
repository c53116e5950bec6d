import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import type { Worker } from '../worker.ts';

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1">
  <rect width="1" height="1" fill="#00f"/><circle cx="1.5" cy="0.5" r="0.4" fill="#f00"/></svg>`;

/** The pixels of a PNG of 8-bit RGBA whose lines are not filtered or by Sub, Up. */
function pixels(png: Buffer) {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const size = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + size));
    at += size + 12;
  }
  const lines = inflateSync(Buffer.concat(data));
  assert.equal(lines.length, height * (1 + width * 4));
  return { width, height, lines };
}

export default async (worker: Worker) => {
  const answer = await worker.get('/?width=40', { method: 'POST', body: svg });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['x-size'], '40x20');
  const { width, height, lines } = pixels(answer.body);
  assert.deepEqual([width, height], [40, 20]);
  // The first line's first pixel is blue, whatever the filter.
  assert.deepEqual([...lines.subarray(1, 5)], [0, 0, 255, 255]);
  const larger = await worker.get('/?width=400', { method: 'POST', body: svg });
  assert.ok(larger.body.length > answer.body.length);
  const wrong = await worker.get('/', { method: 'POST', body: '<svg' });
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /SVG|root node|unexpected end/i);
};
