// A reporter for `node --test`: one line of JSON for each test that has ended,
// for tools/test/node_tests.ts.
import type { TestEvent } from 'node:test/reporters';

export default async function* lines(events: AsyncIterable<TestEvent>) {
  for await (const event of events) {
    if (event.type === 'test:pass') {
      const { name, skip = false, todo = false, details } = event.data;
      // Of a suite that is skipped the tests are not told.
      if (details.type === 'suite' && !skip) continue;
      yield `${JSON.stringify({ name, skipped: skip || todo })}\n`;
    } else if (event.type === 'test:fail' && event.data.details.type !== 'suite') {
      const { name, details } = event.data;
      yield `${JSON.stringify({ name, error: describe(details.error), skipped: false })}\n`;
    }
  }
}

function describe(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
