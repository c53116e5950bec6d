// The way of a plain request, through what build.mjs wrote.
import { describe, expect, test } from 'vitest';
import { Worker, workerThat } from './testing/realm.ts';

describe('a hello', () => {
  test('is sent as the string that it is, in one native call', async () => {
    const worker = new Worker();
    worker.start(`{ default: { fetch() { return new Response('hi') } } }`);
    const sent = await worker.send();
    expect(sent).toMatchObject({
      status: 200,
      headers: null,
      contentType: 'text/plain;charset=UTF-8',
      body: 'hi',
      finished: true,
    });
  });

  test('loads no lazy module, though it reads the request and answers with JSON', async () => {
    const worker = workerThat(`
      const { name } = await request.json();
      const url = new URL(request.url);
      const key = request.headers.get('X-Key');
      return Response.json({ name, path: url.pathname, key, method: request.method });`);
    const body = worker.native.addBody(['{"name":"Ada"}'], true);
    const sent = await worker.send({
      method: 'POST',
      url: 'http://worker.localhost/a?b=c',
      headers: ['x-key', '42'],
      body,
    });
    expect(sent.body).toBe('{"name":"Ada","path":"/a","key":"42","method":"POST"}');
    expect(sent.contentType).toBe('application/json');
    expect(worker.native.loaded).toEqual([]);
  });

  test('may come from a class that extends WorkerEntrypoint', async () => {
    const worker = new Worker();
    const exports = worker.dispatch.cloudflareWorkers({});
    Object.assign(worker.run('globalThis') as object, {
      WorkerEntrypoint: exports.WorkerEntrypoint,
    });
    worker.start(
      `{ default: class extends WorkerEntrypoint { fetch() { return new Response(this.env.WORD) } } }`,
      { WORD: 'yes' },
    );
    expect((await worker.send()).body).toBe('yes');
  });
});

describe('a handler that goes wrong', () => {
  test('fails with what it threw', async () => {
    const sent = await workerThat(`throw new RangeError('too far')`).send();
    expect(sent.failed).toMatchObject({ name: 'RangeError', message: 'too far' });
    expect(sent.failed?.stack).toContain('too far');
    expect(sent.finished).toBe(true);
  });

  test('fails when it gives no Response', async () => {
    const sent = await workerThat(`return 'text'`).send();
    expect(sent.failed?.message).toContain("did not resolve to 'Response'");
  });

  test('fails when a body is sent twice', async () => {
    const worker = workerThat(`
      globalThis.kept ??= new Response('once');
      return globalThis.kept;`);
    expect((await worker.send()).body).toBe('once');
    expect((await worker.send()).failed?.message).toContain('already been used');
  });
});

test('an invocation is finished when its waitUntil has settled, not before', async () => {
  const worker = workerThat(`
    ctx.waitUntil(new Promise((resolve) => { globalThis.done = resolve }));
    return new Response('early');`);
  const sent = await worker.send();
  expect(sent).toMatchObject({ body: 'early', finished: false });
  worker.run('done()');
  await new Promise(setImmediate);
  expect(sent.finished).toBe(true);
});

test('a main module without handlers is named as such', () => {
  expect(new Worker().start('{ default: function () {} }')).toMatchObject({
    fetch: false,
    problem: expect.stringContaining('does not extend WorkerEntrypoint'),
  });
  expect(new Worker().start('{}')).toMatchObject({
    problem: expect.stringContaining('no default export'),
  });
});

describe('passThroughOnException', () => {
  test.each([
    ['throws', 'throw new RangeError("no")'],
    ['rejects', 'return Promise.reject(new RangeError("no"))'],
  ])('leaves it at error 1101 when the handler %s', async (_, body) => {
    const sent = await workerThat(`ctx.passThroughOnException(); ${body}`).send();
    expect(sent.failed).toMatchObject({ name: 'RangeError', message: 'no' });
    expect(sent).toMatchObject({ status: 0, body: null, finished: true });
  });

  test('changes nothing of an answer', async () => {
    const sent = await workerThat(
      `return new Response(String(ctx.passThroughOnException()))`,
    ).send();
    expect(sent).toMatchObject({ status: 200, body: 'undefined', failed: null });
  });

  test('is a method of its context alone', async () => {
    const sent = await workerThat(
      `const { passThroughOnException } = ctx;
      try { passThroughOnException.call({}); } catch (error) { return new Response(error.name) }`,
    ).send();
    expect(sent.body).toBe('TypeError');
  });
});
