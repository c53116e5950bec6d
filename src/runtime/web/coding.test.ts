import { brotliCompressSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Outbound, Sent } from './testing/fake_native.ts';
import { settled, Worker } from './testing/realm.ts';

const text = 'hello '.repeat(20);
const gzip = gzipSync(text);

let worker: Worker;

beforeEach(() => {
  worker = new Worker();
});

const outbound = () => [...worker.native.outbound.entries()];

// Lets the origin answer the first fetch; the handle of the body.
async function answer(headers: string[], body: Uint8Array = gzip): Promise<number> {
  const handle = worker.native.addBody([body.subarray(0, 9), body.subarray(9)], true);
  worker.answerFetch(outbound()[0]?.[0] as number, 200, headers, handle);
  await settled();
  return handle;
}

// What code that reads `response`, which came with that head and body, ends in.
async function read(source: string, headers: string[], body?: Uint8Array): Promise<unknown> {
  const result = worker.eval(`const response = await fetch('http://a/'); ${source}`);
  await settled();
  await answer(headers, body);
  return result;
}

// What a client gets of a Worker that makes its answer of `response` so.
async function relay(
  source: string,
  headers: string[],
  body: Uint8Array = gzip,
  accepted = 'gzip, deflate, br',
) {
  worker.start(`{ default: { async fetch(request) {
    const response = await fetch('http://a/');
    ${source}
  } } }`);
  const inv = worker.begin({ headers: ['accept-encoding', accepted] });
  await settled();
  const handle = await answer(headers, body);
  return { handle, sent: worker.answerOf(inv) };
}

function contentOf({ body, chunks }: Sent): string {
  return body ?? chunks.join('');
}

describe('a body that a fetch brought and that is read', () => {
  test.each([
    ['gzip', gzip],
    ['GZIP', gzip],
    ['br', brotliCompressSync(text)],
  ])('is decoded: %s', async (coding, body) => {
    const source = `return [await response.text(), response.headers.get('content-encoding')]`;
    expect(await read(source, ['content-encoding', coding], body)).toEqual([text, coding]);
  });

  test.each([
    ['arrayBuffer', `new TextDecoder().decode(await response.arrayBuffer())`],
    ['blob', `await (await response.blob()).text()`],
    ['body', `await new Response(response.body.pipeThrough(new IdentityTransformStream())).text()`],
    ['clone', `await response.clone().text()`],
    ['the response after its clone', `(response.clone(), await response.text())`],
    [
      'a Request made of it',
      `await new Request('http://a', { method: 'PUT', body: response.body }).text()`,
    ],
  ])('is decoded by %s', async (_, expression) => {
    expect(await read(`return ${expression}`, ['content-encoding', 'gzip'])).toBe(text);
  });

  test('is left as it came in a coding that Workers do not know either', async () => {
    const source = 'return (await response.arrayBuffer()).byteLength';
    expect(await read(source, ['content-encoding', 'zstd'])).toBe(gzip.length);
  });

  test('rejects when it is corrupt or cut short, and is cancelled', async () => {
    expect(
      await read('return response.text()', ['content-encoding', 'gzip'], gzip.subarray(0, 15)),
    ).toBe('TypeError: The gzip data ends too early');
    const handle = [...worker.native.bodies.keys()].at(-1) as number;
    expect(worker.native.bodies.get(handle)?.cancelled).toBe(true);
  });
});

describe('a body that a fetch brought and that is answered with', () => {
  test('goes on as it came, by C++ alone', async () => {
    const { handle, sent } = await relay('return response', ['content-encoding', 'gzip']);
    expect(sent).toMatchObject({ forwarded: handle, headers: ['content-encoding', 'gzip'] });
    expect(worker.native.loaded).toEqual(['content_coding']);
  });

  test.each(['gzip', 'deflate, GZIP ; q=0.5, br', 'x-gzip', 'br,gzip', 'gzip;q=0, gzip;q=0.01'])(
    'does so for a client that accepts %s',
    async (accepted) => {
      const { handle, sent } = await relay(
        'return response',
        ['content-encoding', 'gzip'],
        gzip,
        accepted,
      );
      expect(sent).toMatchObject({ forwarded: handle, headers: ['content-encoding', 'gzip'] });
    },
  );

  test.each(['', 'identity', 'br', 'gzip;q=0', 'gzip \t; q=0.0 , br', 'gzipped', 'gzip b'])(
    'is decoded for a client that accepts "%s"',
    async (accepted) => {
      const { sent } = await relay(
        'return response',
        ['content-encoding', 'gzip', 'x', 'y'],
        gzip,
        accepted,
      );
      expect(contentOf(sent)).toBe(text);
      expect(sent).toMatchObject({
        forwarded: 0,
        headers: ['x', 'y', 'vary', 'Accept-Encoding'],
      });
    },
  );

  test.each([
    ['Origin', ['vary', 'Origin', 'vary', 'Accept-Encoding']],
    ['Origin, accept-encoding', ['vary', 'Origin, accept-encoding']],
    ['*', ['vary', '*']],
  ])('says once that it varies when it is decoded under "Vary: %s"', async (vary, headers) => {
    const { sent } = await relay(
      'return response',
      ['content-encoding', 'gzip', 'vary', vary],
      gzip,
      'identity',
    );
    expect(sent.headers).toEqual(headers);
  });

  test.each(['gzip', 'br'])(
    'is decoded at once for a client that follows %s with blanks without end',
    async (coding) => {
      const { sent } = await relay(
        'return response',
        ['content-encoding', coding],
        coding === 'gzip' ? gzip : brotliCompressSync(text),
        `${coding}${' '.repeat(100_000)}x`,
      );
      expect(contentOf(sent)).toBe(text);
    },
  );

  test('does so too under headers that were copied', async () => {
    const { handle, sent } = await relay(
      `const copy = new Response(response.body, response);
      copy.headers.set('x', 'y');
      return copy;`,
      ['content-encoding', 'gzip', 'content-length', '50'],
    );
    expect(sent).toMatchObject({ forwarded: handle, length: 50 });
  });

  test('is decoded when the headers do not say its coding', async () => {
    const { sent } = await relay('return new Response(response.body)', [
      'content-encoding',
      'gzip',
      'content-length',
      '50',
    ]);
    expect(sent).toMatchObject({ forwarded: 0, length: -1, ended: true, finished: true });
    expect(contentOf(sent)).toBe(text);
  });

  test('aborts the answer when it is corrupt', async () => {
    const { sent } = await relay(
      'return new Response(response.body)',
      ['content-encoding', 'gzip'],
      Buffer.from('these bytes are no gzip'),
    );
    expect(sent.aborted).toContain('incorrect header check');
    expect(sent.finished).toBe(true);
  });
});

describe('an answer whose headers name a coding', () => {
  test.each([
    ['a string', `new Response((await response.text()).toUpperCase(), response)`],
    [
      'bytes',
      `new Response(new TextEncoder().encode((await response.text()).toUpperCase()), response)`,
    ],
    [
      'a stream',
      `new Response(response.body.pipeThrough(new TransformStream({
        transform: (chunk, controller) => controller.enqueue(
          new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase())),
      })), response)`,
    ],
  ])('is sent plain, and says so, when it is made of %s', async (_, expression) => {
    const { sent } = await relay(`return ${expression}`, ['content-encoding', 'gzip', 'x', 'y']);
    expect(contentOf(sent)).toBe(text.toUpperCase());
    expect(sent.headers).toEqual(expect.arrayContaining(['x', 'y']));
    expect(sent.headers).not.toContain('content-encoding');
  });

  test('keeps its bytes and the header with encodeBody "manual"', async () => {
    worker.start(`{ default: { fetch: () => new Response('encoded', {
      encodeBody: 'manual', headers: { 'content-encoding': 'gzip' } }) } }`);
    const sent = await worker.send();
    expect(sent.headers).toContain('content-encoding');
    expect(sent.body).toBe('encoded');
  });

  test('keeps them in a coding that is the own affair of the Worker', async () => {
    worker.start(`{ default: { fetch: () => new Response('encoded', {
      headers: { 'content-encoding': 'zstd' } }) } }`);
    expect((await worker.send()).headers).toContain('zstd');
  });
});

describe('a fetch', () => {
  const headersOf = (request: Outbound | undefined) => request?.headers;

  test('asks for what is decoded, unless the Worker asks for its own or for a range', async () => {
    worker.eval(`fetch('http://a/');
      fetch('http://a/', { headers: { 'Accept-Encoding': 'zstd' } });
      fetch('http://a/', { headers: { Range: 'bytes=0-9' } })`);
    await settled();
    expect(outbound().map(([, request]) => headersOf(request))).toEqual([
      ['accept-encoding', 'br, gzip'],
      ['accept-encoding', 'zstd'],
      ['range', 'bytes=0-9', 'accept-encoding', 'identity'],
    ]);
  });

  test.each([
    ['decoded', '', text],
    ['as it came under a header that says so', `'content-encoding': 'gzip'`, gzip.toString()],
  ])('sends a body that another brought %s', async (_, headers, expected) => {
    worker.eval(`const response = await fetch('http://a/');
      await fetch('http://b/', { method: 'PUT', body: response.body, headers: {${headers}} });`);
    await settled();
    const handle = worker.native.addBody([gzip], true);
    const head = ['content-encoding', 'gzip'];
    worker.answerFetch(outbound()[0]?.[0] as number, 200, head, handle);
    await settled();
    expect(outbound()[1]?.[1]).toMatchObject({ ended: true });
    expect(outbound()[1]?.[1].chunks.join('')).toBe(expected);
  });
});
