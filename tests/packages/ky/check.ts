import assert from 'node:assert/strict';
import { jsonReply, type Received, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

let tries = 0;

function answer({ url, headers, body }: Received) {
  if (url === '/unsteady') return ++tries < 3 ? { status: 503 } : { body: `after ${tries}` };
  if (url === '/missing') return { status: 404 };
  if (url === '/never') return new Promise<never>(() => {});
  const { 'content-type': type, 'x-hook': hook } = headers;
  return jsonReply({ url, type, hook, body: body.toString() });
}

export const start = () => startOrigin(answer);

export default async (worker: Worker) => {
  assert.deepEqual(await worker.json('/'), {
    json: { url: '/echo?a=1', type: 'application/json', hook: 'yes', body: '{"port":"Goa"}' },
    unsteady: 'after 3',
    refused: { known: true, status: 404 },
    late: true,
    form: {
      url: '/echo',
      type: 'application/x-www-form-urlencoded;charset=UTF-8',
      hook: 'yes',
      body: 'q=a+b',
    },
    seen: ['200', '503', '503', '200', '404', '200'],
  });
};
