import assert from 'node:assert/strict';
import { jsonReply, type Origin, type Received, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

const event = (type: string, more: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const message = { id: 'msg', type: 'message', role: 'assistant', model: 'claude-x' };

function answer({ url, headers, body }: Received) {
  assert.equal(url, '/v1/messages');
  if (headers.authorization !== 'Bearer sk-ant' || !headers['anthropic-version'])
    return jsonReply({}, 401);
  const { stream, messages } = JSON.parse(body.toString());
  if (messages[0].content === 'too much') {
    return jsonReply({ type: 'error', error: { type: 'overloaded_error', message: 'later' } }, 529);
  }
  const usage = { input_tokens: 3, output_tokens: 1 };
  if (!stream) return jsonReply({ ...message, content: [{ type: 'text', text: 'Olá' }], usage });
  const delta = (text: string) =>
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
  return {
    headers: { 'content-type': 'text/event-stream' },
    body: [
      event('message_start', { message: { ...message, content: [], usage } }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      delta('Terra à '),
      event('ping', {}),
      delta('vista'),
      event('content_block_stop', { index: 0 }),
      event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } }),
      event('message_stop', {}),
    ],
  };
}

export const start = () => startOrigin(answer);

export default async (worker: Worker, origin: Origin) => {
  const post = (where: string, body: string) => worker.get(where, { method: 'POST', body });
  const plain = JSON.parse((await post('/', 'olá?')).text);
  assert.deepEqual(plain.content, [{ type: 'text', text: 'Olá' }]);
  const streamed = JSON.parse((await post('/stream', 'olá?')).text);
  assert.deepEqual(streamed, {
    heard: ['Terra à ', 'vista'],
    content: [{ type: 'text', text: 'Terra à vista' }],
    usage: { input_tokens: 3, output_tokens: 5 },
    stop_reason: 'end_turn',
  });
  const before = origin.received.length;
  const refused = await post('/', 'too much');
  assert.deepEqual(JSON.parse(refused.text), { type: 'OverloadedError', status: 529 });
  assert.equal(origin.received.length, before + 2);
};
