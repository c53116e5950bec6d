import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Load } from './load.ts';

async function serving(answer: (count: number) => number | undefined) {
  let count = 0;
  const server = createServer((request, response) => {
    const status = answer(++count);
    if (status === undefined) request.socket.destroy();
    else response.writeHead(status).end(`${count}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close(), count: () => count };
}

/** Waits for a condition, never for a time. */
async function until(condition: () => boolean) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('every request that was sent has a sample when the load has stopped', async () => {
  const server = await serving(() => 200);
  const load = new Load({
    url: server.url,
    perSecond: 500,
    mark: ({ status }) => `${status}`,
  });
  await until(() => server.count() >= 50);
  const samples = await load.stop();
  server.close();
  expect(samples.length).toBe(server.count());
  expect(load.failures).toEqual([]);
  expect(samples.every(({ mark }) => mark === '200')).toBe(true);
});

test('a request without an answer is a failure with its reason', async () => {
  const server = await serving((count) => (count % 10 === 0 ? undefined : 200));
  const load = new Load({ url: server.url, perSecond: 500, keepAlive: false });
  await until(() => server.count() >= 40);
  await load.stop();
  server.close();
  expect(load.failures.length).toBeGreaterThanOrEqual(4);
  expect(load.failures[0]?.failure).toMatch(/hang up|reset/);
});
