import assert from 'node:assert/strict';
import { crc32, deflateSync } from 'node:zlib';
import type { Worker } from '../worker.ts';

/** A PNG of RGBA whose upper half is red, the lower blue. */
function png(width: number, height: number) {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 6], 8);
  const line = (y: number) => {
    const pixel = y < height / 2 ? [255, 0, 0, 255] : [0, 0, 255, 255];
    return Buffer.from([0, ...Array.from({ length: width }, () => pixel).flat()]);
  };
  const lines = Buffer.concat(Array.from({ length: height }, (_, y) => line(y)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export default async (worker: Worker) => {
  const body = png(64, 32);
  const ask = async (where: string) => {
    const answer = await worker.get(where, { method: 'POST', body });
    assert.equal(answer.status, 200, answer.text);
    return answer;
  };
  const small = await ask('/?width=16');
  assert.deepEqual([small.headers['x-size'], small.headers['x-first']], ['16x8', '255,0,0,255']);
  assert.deepEqual([small.body.readUInt32BE(16), small.body.readUInt32BE(20)], [16, 8]);
  assert.equal((await ask('/?flip')).headers['x-first'], '0,0,255,255');
  const [r, g, b] = `${(await ask('/?gray')).headers['x-first']}`.split(',');
  assert.ok(r === g && g === b && r !== '255');
  assert.equal((await ask('/?webp')).body.toString('latin1', 8, 12), 'WEBP');
  assert.equal((await worker.get('/', { method: 'POST', body: 'no image' })).status, 500);
};
