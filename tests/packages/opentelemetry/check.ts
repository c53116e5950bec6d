import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';

export default async (worker: Worker) => {
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  const { spans, outgoing, outside } = await worker.json('/', { headers: { traceparent } });
  assert.deepEqual(
    spans.map(({ name }: { name: string }) => name),
    ['two', 'one', 'request'],
  );
  const [two, one, root] = spans;
  assert.equal(root.parent, 'b7ad6b7169203331');
  assert.deepEqual([one.parent, two.parent], [root.id, root.id]);
  for (const span of spans) assert.equal(span.trace, traceId);
  // Each continuation finds its own span, though the two waits overlap.
  assert.deepEqual([one.attributes, two.attributes], [{ 'seen.by': 'one' }, { 'seen.by': 'two' }]);
  assert.deepEqual(root.events, ['exception']);
  assert.deepEqual(outgoing, { traceparent: `00-${traceId}-${root.id}-01` });
  assert.equal(outside, true);
};
