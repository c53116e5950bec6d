import assert from 'node:assert/strict';
import { jsonReply, type Origin, type Received, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

const chunk = (content: string) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;

let busy = 0;

function answer({ url, headers, body }: Received) {
  if (headers.authorization !== 'Bearer sk-test') return jsonReply({}, 401);
  if (url === '/v1/files') {
    const type = `${headers['content-type']}`;
    const part = body.toString();
    const name = /filename="([^"]+)"/.exec(part)?.[1];
    const whole = type.startsWith('multipart/form-data') && part.includes('{"a":1}\n');
    return jsonReply({ id: 'file-1', filename: name, bytes: whole ? 8 : 0 });
  }
  const { stream, messages } = JSON.parse(body.toString());
  const question = messages[0].content;
  if (question === 'busy' && busy++ === 0) {
    return { ...jsonReply({}, 429), headers: { 'retry-after-ms': '1' } };
  }
  if (question === 'wrong') {
    return jsonReply({ error: { message: 'no such model', type: 'invalid_request_error' } }, 404);
  }
  if (stream) {
    const body = [chunk('Terra '), chunk('à '), chunk('vista!'), 'data: [DONE]\n\n'];
    return { headers: { 'content-type': 'text/event-stream' }, body };
  }
  const call = { name: 'weather', arguments: '{"port":"Goa"}' };
  const message = {
    role: 'assistant',
    tool_calls: [{ id: 'c', type: 'function', function: call }],
  };
  const { body: text, ...reply } = jsonReply({
    choices: [{ message }],
    usage: { total_tokens: 9 },
  });
  return { ...reply, headers: { ...reply.headers, 'x-request-id': 'req_1' }, body: `${text}` };
}

export const start = () => startOrigin(answer);

export default async (worker: Worker, origin: Origin) => {
  const good = { call: { port: 'Goa' }, usage: 9, id: 'req_1' };
  assert.deepEqual(await worker.json('/?q=hi'), good);
  const [first] = origin.received;
  assert.match(`${first?.headers['user-agent']}`, /^OpenAI\/JS/);
  assert.equal(JSON.parse(`${first?.body}`).tools[0].function.name, 'weather');

  // A request that was refused as one too many is sent again.
  assert.deepEqual(await worker.json('/?q=busy'), good);
  assert.equal(origin.received.length, 3);
  assert.equal(origin.received[2]?.headers['x-stainless-retry-count'], '1');

  assert.deepEqual(await worker.json('/?q=wrong'), {
    name: 'NotFoundError',
    status: 404,
    message: '404 no such model',
  });
  assert.equal(await worker.text('/stream?q=land'), 'Terra à vista!');
  assert.deepEqual(await worker.json('/upload'), {
    id: 'file-1',
    filename: 'train.jsonl',
    bytes: 8,
  });
};
