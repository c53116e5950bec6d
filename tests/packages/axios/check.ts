import assert from 'node:assert/strict';
import { jsonReply, type Received, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

function answer({ url, headers, body }: Received) {
  if (url === '/missing') return jsonReply({ why: 'gone' }, 404);
  if (url === '/never') return new Promise<never>(() => {});
  if (url === '/bytes') return { body: Buffer.from([0, 200, 255]) };
  const { 'content-type': type, 'x-ship': ship, authorization } = headers;
  return jsonReply({ url, type, ship, authorization, body: body.toString() });
}

export const start = () => startOrigin(answer);

export default async (worker: Worker) => {
  const { sent, data, ...rest } = await worker.json('/');
  const shared = { ship: 'nau', authorization: `Basic ${btoa('ana:segredo')}`, seen: true };
  assert.deepEqual(data, {
    url: '/echo?ids%5B%5D=3&ids%5B%5D=4&v=2',
    type: 'application/json',
    body: '{"list":[1,2]}',
    ...shared,
  });
  assert.match(sent.type, /^multipart\/form-data; ?boundary=/);
  assert.match(sent.body, /name="file"; filename="chart.txt"\r\n[\s\S]*\r\n\r\nchart\r\n/);
  assert.deepEqual(rest, {
    refused: { code: 'ERR_BAD_REQUEST', status: 404, data: { why: 'gone' } },
    late: 'ETIMEDOUT',
    canceled: true,
    bytes: [0, 200, 255],
  });
};
