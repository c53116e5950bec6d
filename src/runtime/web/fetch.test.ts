import { beforeEach, describe, expect, test } from 'vitest';
import type { Outbound } from './testing/fake_native.ts';
import { settled, Worker } from './testing/realm.ts';

let worker: Worker;

beforeEach(() => {
  worker = new Worker();
});

// Starts `source`, runs until it waits for the network, and gives the promise of
// its result with the outbound requests so far.
async function begin(source: string) {
  const result = worker.eval(source);
  await settled();
  return { result, requests: [...worker.native.outbound.entries()] };
}

function last(): [number, Outbound] {
  return [...worker.native.outbound.entries()].at(-1) as [number, Outbound];
}

// Answers the newest outbound request.
async function answer(status: number, headers: string[] = [], body: string[] | null = null) {
  const handle = body === null ? 0 : worker.native.addBody(body, true);
  worker.answerFetch(last()[0], status, headers, handle);
  await settled();
  return handle;
}

test('a plain request, and its answer', async () => {
  const { result, requests } = await begin(`
    const response = await fetch('http://origin/path#part', { headers: { a: 'b' } });
    return [response.status, response.url, response.headers.get('x'), await response.text()];`);
  expect(requests[0]?.[1]).toMatchObject({
    inv: 1_000,
    method: 'GET',
    url: 'http://origin/path',
    headers: ['a', 'b', 'accept-encoding', 'br, gzip'],
    body: null,
  });
  await answer(200, ['x', 'y'], ['con', 'tent']);
  expect(await result).toEqual([200, 'http://origin/path', 'y', 'content']);
});

test('an answer that is returned is pumped by C++', async () => {
  worker.start(`{ default: { fetch: () => fetch('http://origin/') } }`);
  const inv = worker.begin();
  await settled();
  const handle = await answer(206, ['content-length', '7'], ['content']);
  expect(worker.answerOf(inv)).toMatchObject({
    status: 206,
    forwarded: handle,
    length: 7,
    finished: true,
  });
});

test('an answer to HEAD has the length in its headers, not in its body', async () => {
  worker.start(`{ default: { fetch: () => fetch('http://origin/', { method: 'HEAD' }) } }`);
  const inv = worker.begin();
  await settled();
  await answer(200, ['content-length', '7'], []);
  expect(worker.answerOf(inv)).toMatchObject({ length: -1, headers: ['content-length', '7'] });
});

test('an answer rewritten as a stream goes through the transform', async () => {
  worker.start(`{ default: { async fetch() {
    const upstream = await fetch('http://origin/');
    const upper = new TransformStream({
      transform(text, controller) { controller.enqueue(text.toUpperCase()) },
    });
    const body = upstream.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(upper)
      .pipeThrough(new TextEncoderStream());
    return new Response(body, upstream);
  } } }`);
  const inv = worker.begin();
  await settled();
  await answer(200, ['x-from', 'origin'], ['hä', 'llo']);
  const sent = worker.answerOf(inv);
  expect(sent.chunks.join('')).toBe('HÄLLO');
  expect(sent.headers).toEqual(['x-from', 'origin']);
  expect(sent).toMatchObject({ ended: true, finished: true });
});

describe('bodies that are sent', () => {
  test('a string goes with the head', async () => {
    const { requests } = await begin(`await fetch('http://a/', { method: 'POST', body: 'text' })`);
    expect(requests[0]?.[1]).toMatchObject({
      body: 'text',
      headers: ['content-type', 'text/plain;charset=UTF-8', 'accept-encoding', 'br, gzip'],
    });
  });

  test('a stream follows piece by piece', async () => {
    await begin(`
      const body = new ReadableStream({
        start(controller) {
          for (const text of ['a', 'b']) controller.enqueue(new TextEncoder().encode(text));
          controller.close();
        },
      });
      await fetch('http://a/', { method: 'POST', body });`);
    expect(last()[1]).toMatchObject({ body: null, chunks: ['a', 'b'], ended: true });
  });

  test('the body of the request that arrived is passed on', async () => {
    worker.start(`{ default: { fetch: (request) => fetch(new Request('http://a/', request)) } }`);
    const body = worker.native.addBody(['x', 'y'], true);
    worker.begin({ method: 'PUT', headers: ['a', 'b'], body });
    await settled();
    expect(last()[1]).toMatchObject({ method: 'PUT', chunks: ['x', 'y'], ended: true });
    expect(last()[1].headers).toEqual(['a', 'b', 'accept-encoding', 'br, gzip']);
  });

  test('a stream that fails takes the fetch along', async () => {
    const { result } = await begin(`
      const body = new ReadableStream({ start(c) { c.error(new Error('broken')) } });
      return fetch('http://a/', { method: 'POST', body });`);
    expect(await result).toBe('Error: broken');
    expect(last()[1].aborted).toBe(true);
  });
});

describe('redirects', () => {
  test('a POST becomes a GET without body and without its headers', async () => {
    const { result } = await begin(`
      const response = await fetch('http://a/x', { method: 'POST', body: 'text' });
      return [response.redirected, response.url];`);
    await answer(302, ['location', '/y?z']);
    expect(last()[1]).toMatchObject({
      method: 'GET',
      url: 'http://a/y?z',
      headers: ['accept-encoding', 'br, gzip'],
      body: null,
    });
    await answer(200);
    expect(await result).toEqual([true, 'http://a/y?z']);
  });

  test('307 keeps method and body', async () => {
    await begin(`await fetch('http://a/', { method: 'POST', body: 'text' })`);
    await answer(307, ['location', 'http://a/b']);
    expect(last()[1]).toMatchObject({ method: 'POST', body: 'text' });
  });

  test('credentials do not follow to another origin', async () => {
    await begin(
      `await fetch('http://a/', { headers: { authorization: 'x', cookie: 'y', b: 'c' } })`,
    );
    await answer(302, ['location', 'https://a/']);
    expect(last()[1].headers).toEqual(['b', 'c', 'accept-encoding', 'br, gzip']);
  });

  test('manual gives the redirect itself', async () => {
    const { result } = await begin(`
      const response = await fetch('http://a/', { redirect: 'manual' });
      return [response.status, response.headers.get('location')];`);
    await answer(301, ['location', '/b']);
    expect(await result).toEqual([301, '/b']);
  });

  test.each([
    [{ redirect: 'error' }, '/b', 'redirect is "error"'],
    [{}, 'ftp://a/', 'neither an http nor an https URL'],
    [{}, 'http://', 'which is no URL'],
  ])('with %j, to %s is refused', async (init, location, message) => {
    const { result } = await begin(`return fetch('http://a/', ${JSON.stringify(init)})`);
    await answer(302, ['location', location]);
    expect(await result).toContain(message);
  });

  test('twenty are followed, not more', async () => {
    const { result } = await begin(`return fetch('http://a/')`);
    for (let i = 0; i <= 20; i++) await answer(302, ['location', `/${i}`]);
    expect(await result).toContain('more than 20 redirects');
    expect(worker.native.outbound.size).toBe(21);
  });

  test('a stream cannot be sent again', async () => {
    const { result } = await begin(`
      const body = new ReadableStream({ start(c) { c.close() } });
      return fetch('http://a/', { method: 'POST', body });`);
    await answer(307, ['location', '/b']);
    expect(await result).toContain('the body was a stream');
  });
});

describe('an abort', () => {
  test('before the answer ends the exchange', async () => {
    const { result } = await begin(`
      globalThis.controller = new AbortController();
      return fetch('http://a/', { signal: controller.signal });`);
    worker.run('controller.abort()');
    expect(await result).toBe('AbortError: The operation was aborted');
    expect(last()[1].aborted).toBe(true);
  });

  test('after the answer ends its body', async () => {
    const { result } = await begin(`
      globalThis.controller = new AbortController();
      const response = await fetch('http://a/', { signal: controller.signal });
      return response.text();`);
    const handle = worker.native.addBody(['part'], false);
    worker.answerFetch(last()[0], 200, [], handle);
    await settled();
    worker.run('controller.abort()');
    expect(await result).toContain('Error');
    expect(worker.native.bodies.get(handle)?.cancelled).toBe(true);
  });

  test('that happened already starts nothing', async () => {
    const { result, requests } = await begin(
      `return fetch('http://a/', { signal: AbortSignal.abort(new RangeError('no')) })`,
    );
    expect(await result).toBe('RangeError: no');
    expect(requests).toEqual([]);
  });
});

test('a failed connection rejects with its reason', async () => {
  const { result } = await begin(`return fetch('http://a/')`);
  worker.failFetch(last()[0], 'connection refused');
  expect(await result).toBe('TypeError: connection refused');
});

test('the global scope may not fetch', async () => {
  worker.start(`{
    default: {},
    started: fetch('http://a/').catch((error) => { globalThis.message = error.message }),
  }`);
  await settled();
  expect(worker.run('message')).toContain('Disallowed operation called within global scope');
  expect(worker.native.outbound.size).toBe(0);
});
