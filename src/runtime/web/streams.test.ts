// The Web Platform Tests judge the Streams Standard; here stands what they do
// not ask, and one walk through each class.
import { describe, expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

const worker = new Worker();

test('chunks pass a chain of transforms in order, and the end arrives', async () => {
  const got = await worker.eval(`
    const double = new TransformStream({
      transform(chunk, controller) { controller.enqueue(chunk); controller.enqueue(chunk) },
      flush(controller) { controller.enqueue('end') },
    });
    const seen = [];
    await ReadableStream.from(['a', 'b']).pipeThrough(double).pipeTo(new WritableStream({
      write(chunk) { seen.push(chunk) },
      close() { seen.push('closed') },
    }));
    return seen;`);
  expect(got).toEqual(['a', 'a', 'b', 'b', 'end', 'closed']);
});

test('the source is pulled only as far as the sink has room', async () => {
  const got = await worker.eval(`
    let pulled = 0;
    const source = new ReadableStream({ pull(controller) { controller.enqueue(pulled++) } }, { highWaterMark: 0 });
    let release;
    const sink = new WritableStream({ write: () => new Promise((resolve) => { release = resolve }) }, { highWaterMark: 2 });
    source.pipeTo(sink).catch(() => {});
    for (let i = 0; i < 50; i++) await null;
    const before = pulled;
    release();
    for (let i = 0; i < 50; i++) await null;
    return [before, pulled];`);
  expect(got).toEqual([2, 3]);
});

test('an error runs forward and cancels backward', async () => {
  const got = await worker.eval(`
    const log = [];
    const source = new ReadableStream({
      start(controller) { controller.enqueue('x') },
      cancel(reason) { log.push('cancelled: ' + reason.message) },
    });
    const broken = new TransformStream({ transform() { throw new Error('inside') } });
    const sink = new WritableStream({ abort(reason) { log.push('aborted: ' + reason.message) } });
    await source.pipeThrough(broken).pipeTo(sink).catch((error) => log.push('rejected: ' + error.message));
    return log.sort();`);
  expect(got).toEqual(['aborted: inside', 'cancelled: inside', 'rejected: inside']);
});

test('a pipe ends with its signal', async () => {
  const got = await worker.eval(`
    const controller = new AbortController();
    const piping = new ReadableStream().pipeTo(new WritableStream(), { signal: controller.signal });
    controller.abort(new RangeError('enough'));
    return piping;`);
  expect(got).toBe('RangeError: enough');
});

test('byte streams fill the buffer that a reader lends', async () => {
  const got = await worker.eval(`
    const stream = new ReadableStream({
      type: 'bytes',
      pull(controller) {
        const { view } = controller.byobRequest;
        view.set([1, 2, 3]);
        controller.byobRequest.respond(3);
      },
    });
    const reader = stream.getReader({ mode: 'byob' });
    const lent = new Uint8Array(8);
    const { value, done } = await reader.read(lent);
    return [[...value], value.buffer.byteLength, lent.byteLength, done];`);
  expect(got).toEqual([[1, 2, 3], 8, 0, false]);
});

test('buffers are lent as any kind of view, the youngest too', async () => {
  const got = await worker.eval(`
    const stream = new Blob([new Uint8Array([0, 0x3c, 0, 0x40])]).stream();
    const { value } = await stream.getReader({ mode: 'byob' }).read(new Float16Array(4));
    return [value.constructor.name, [...value]];`);
  expect(got).toEqual(['Float16Array', [1, 2]]);
});

test('both branches of a tee see everything, each at its own pace', async () => {
  const got = await worker.eval(`
    const [a, b] = ReadableStream.from([1, 2, 3]).tee();
    const read = async (stream) => { const all = []; for await (const chunk of stream) all.push(chunk); return all };
    return [await read(a), await read(b)];`);
  expect(got).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

test('leaving for await cancels the stream, or not when told so', async () => {
  const got = await worker.eval(`
    const cancelled = [];
    const make = (name) => new ReadableStream({
      pull(controller) { controller.enqueue(name) },
      cancel() { cancelled.push(name) },
    });
    for await (const chunk of make('default')) break;
    const kept = make('kept');
    for await (const chunk of kept.values({ preventCancel: true })) break;
    return [cancelled, kept.locked];`);
  expect(got).toEqual([['default'], false]);
});

describe("Workers' own", () => {
  test('FixedLengthStream insists on its length', async () => {
    const got = await worker.eval(`
      const write = async (text) => {
        const { readable, writable } = new FixedLengthStream(3);
        const body = new Response(readable).text();
        const writer = writable.getWriter();
        writer.write(new TextEncoder().encode(text)).catch(() => {});
        writer.close().catch(() => {});
        return body.catch((error) => error.message);
      };
      return [await write('abc'), await write('ab'), await write('abcd')];`);
    expect(got).toEqual([
      'abc',
      'FixedLengthStream: ended 1 bytes before its 3',
      'FixedLengthStream: more than the expected 3 bytes',
    ]);
  });

  test('IdentityTransformStream passes bytes and nothing else', async () => {
    const got = await worker.eval(`
      const through = (chunk) => {
        const { readable, writable } = new IdentityTransformStream();
        writable.getWriter().write(chunk).catch(() => {});
        return readable.getReader().read().then(({ value }) => [...value], (error) => error.message);
      };
      return [await through(new Uint8Array([1])), await through('text')];`);
    expect(got).toEqual([
      [1],
      'IdentityTransformStream: it takes bytes (an ArrayBuffer or a view), not string',
    ]);
  });
});
