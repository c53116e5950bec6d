import { describe, expect, test } from 'vitest';
import { Worker, workerThat } from './testing/realm.ts';

const worker = new Worker();

test.each([
  [`new Response('x', { status: 204 })`, 'TypeError', 'null body status'],
  [`new Response('', { status: 600 })`, 'RangeError', 'outside 200 to 599'],
  [`new Response('', { statusText: 'a\\nb' })`, 'TypeError', 'control character'],
  [`new Response(null, { webSocket: {} })`, 'TypeError', '"webSocket" is not a WebSocket'],
  [`Response.redirect('/relative')`, 'TypeError', 'not an absolute URL'],
  [`Response.redirect('http://a/', 200)`, 'RangeError', 'none of 301'],
  [`Response.json(undefined)`, 'TypeError', 'not JSON serializable'],
])('%s throws a %s', async (source, name, message) => {
  const got = await worker.eval(`return ${source}`);
  expect(got).toMatch(new RegExp(`^${name}: `));
  expect(got).toContain(message);
});

describe('what is sent', () => {
  test('a Content-Type of the worker wins over that of the body', async () => {
    const sent = await workerThat(
      `return new Response('{}', { status: 201, headers: { 'content-type': 'application/json' } })`,
    ).send();
    expect(sent).toMatchObject({
      status: 201,
      headers: ['content-type', 'application/json'],
      contentType: null,
    });
  });

  test('headers that were touched hold the default Content-Type', async () => {
    const sent = await workerThat(`
      const response = new Response('x');
      response.headers.append('a', 'b');
      return response;`).send();
    expect(sent.headers).toEqual(['content-type', 'text/plain;charset=UTF-8', 'a', 'b']);
  });

  test('bytes are those at the time of construction', async () => {
    const sent = await workerThat(`
      const bytes = new TextEncoder().encode('before');
      const response = new Response(bytes);
      bytes.fill(0);
      return response;`).send();
    expect(sent.body).toBe('before');
  });

  test('a stream goes piece by piece, and the invocation ends with it', async () => {
    const worker = workerThat(`
      let count = 0;
      return new Response(new ReadableStream({
        pull(controller) {
          if (count === 3) controller.close();
          else controller.enqueue(new TextEncoder().encode('piece' + count++));
        },
      }));`);
    expect(await worker.send()).toMatchObject({
      length: -1,
      chunks: ['piece0', 'piece1', 'piece2'],
      ended: true,
      finished: true,
    });
  });

  test('a stream of text is refused with the way out', async () => {
    const worker = workerThat(`
      return new Response(new ReadableStream({ start(c) { c.enqueue('text') } }));`);
    const sent = await worker.send();
    expect(sent.aborted).toContain('new TextEncoderStream()');
    expect(worker.native.exceptions[0]?.message).toContain('new TextEncoderStream()');
    expect(sent.finished).toBe(true);
  });

  test('a slow client holds the stream back', async () => {
    const worker = workerThat(`
      globalThis.pulled = 0;
      return new Response(new ReadableStream({
        pull(controller) { controller.enqueue(new Uint8Array([65 + pulled++])) },
      }, { highWaterMark: 0 }));`);
    let release = () => {};
    worker.native.credit = new Promise((resolve) => {
      release = resolve;
    });
    const sent = await worker.send();
    expect(sent.chunks).toEqual(['A']);
    worker.native.clientGone = true;
    release();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(sent.aborted).toBe('the client is gone');
    expect(worker.native.exceptions).toEqual([]);
    expect(sent.finished).toBe(true);
  });

  test('HEAD cancels a stream and sends its head', async () => {
    const worker = workerThat(`
      return new Response(new ReadableStream({ cancel() { globalThis.cancelled = true } }));`);
    const sent = await worker.send({ method: 'HEAD' });
    expect(sent).toMatchObject({ status: 200, chunks: [], ended: true });
    expect(worker.run('cancelled')).toBe(true);
  });

  test('FixedLengthStream gives a length', async () => {
    const sent = await workerThat(`
      const { readable, writable } = new FixedLengthStream(4);
      const writer = writable.getWriter();
      ctx.waitUntil(writer.write(new TextEncoder().encode('four')).then(() => writer.close()));
      return new Response(readable);`).send();
    expect(sent).toMatchObject({ length: 4, chunks: ['four'], ended: true });
  });

  test("a request's body goes back without entering JS", async () => {
    const worker = workerThat('return new Response(request.body)');
    const body = worker.native.addBody(['a', 'b'], false);
    expect(await worker.send({ method: 'POST', body })).toMatchObject({
      forwarded: body,
      finished: true,
    });
  });

  test('a branch of it goes through JS', async () => {
    const worker = workerThat(`
      const [first, second] = request.body.tee();
      first.cancel();
      return new Response(second);`);
    const body = worker.native.addBody(['a', 'b'], true);
    expect(await worker.send({ method: 'POST', body })).toMatchObject({
      forwarded: 0,
      chunks: ['a', 'b'],
    });
  });
});

test('a clone holds the same content, whichever is read first', async () => {
  const got = await worker.eval(`
    const one = new Response('text');
    const two = one.clone();
    const stream = new Response(new Response('streamed').body);
    const three = stream.clone();
    return [await two.text(), await one.text(), await three.text(), await stream.text(), one.bodyUsed];`);
  expect(got).toEqual(['text', 'text', 'streamed', 'streamed', true]);
});

test('a body can be read once, and says so', async () => {
  const got = await worker.eval(`
    const response = new Response('x');
    await response.text();
    return response.json();`);
  expect(got).toContain('TypeError: Body has already been used');
});
