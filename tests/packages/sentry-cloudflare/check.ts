import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { type Origin, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

export const start = () => startOrigin(() => ({ body: '{}' }));

/** Items of all envelopes that have come so far, by type. */
function items(origin: Origin, type: string) {
  return origin.received.flatMap(({ body }) => {
    const [, ...lines] = body.toString().split('\n').filter(Boolean);
    const found = [];
    for (let at = 0; at + 1 < lines.length; at += 2) {
      if (JSON.parse(`${lines[at]}`).type === type) found.push(JSON.parse(`${lines[at + 1]}`));
    }
    return found;
  });
}

/** They are sent behind the answer. */
async function arrived(origin: Origin, type: string, count: number) {
  const end = performance.now() + 20_000;
  while (items(origin, type).length < count && performance.now() < end) await setTimeout(5);
  const found = items(origin, type);
  assert.equal(found.length, count, origin.received.map(({ body }) => `${body}`).join('\n\n'));
  return found;
}

export default async (worker: Worker, origin: Origin) => {
  const failed = await worker.get('/chart?q=1', { headers: { 'user-agent': 'me' } });
  assert.equal(failed.status, 500);
  const [event] = await arrived(origin, 'event', 1);
  const [exception] = event.exception.values;
  assert.deepEqual([exception.type, exception.value], ['RangeError', 'off the map']);
  assert.ok(exception.stacktrace.frames.length > 0);
  assert.equal(exception.mechanism.handled, false);
  assert.equal(event.tags.port, 'Goa');
  assert.equal(event.breadcrumbs.at(-1).message, 'cast off');
  assert.equal(event.request.query_string, 'q=1');
  assert.equal(event.release, 'ship@1');
  assert.match(`${origin.received[0]?.url}`, /^\/api\/42\/envelope\//);

  const [{ items: spans }] = await arrived(origin, 'span', 1);
  const [sail, request] = spans;
  assert.deepEqual([sail.name, sail.parent_span_id], ['sail', request.span_id]);
  assert.equal(request.attributes['url.path'].value, '/chart');
  assert.equal(request.trace_id, event.contexts.trace.trace_id);

  assert.equal(await worker.text('/message'), 'told');
  const [, message] = await arrived(origin, 'event', 2);
  assert.deepEqual([message.message, message.level], ['land ahoy', 'warning']);
};
