import { describe, expect, test } from 'vitest';
import { Worker, workerThat } from './testing/realm.ts';

const worker = new Worker();

test.each([
  [`new Request('/path')`, 'not an absolute URL'],
  [`new Request('http://user:pw@host/')`, 'credentials'],
  [`new Request('http://a/', { method: 'TRACE' })`, 'not allowed'],
  [`new Request('http://a/', { method: 'a b' })`, 'not a method'],
  [`new Request('http://a/', { body: 'x' })`, 'a GET request cannot have a body'],
  [`new Request('http://a/', { redirect: 'away' })`, 'redirect is "away"'],
  [`new Request('http://a/', { signal: {} })`, 'not an AbortSignal'],
])('%s throws a TypeError', async (source, message) => {
  const got = await worker.eval(`return ${source}`);
  expect(got).toMatch(/^TypeError: /);
  expect(got).toContain(message);
});

test('methods are put in upper case where the standard says so', async () => {
  const got = await worker.eval(
    `return ['get', 'patch', 'own'].map((method) => new Request('http://a/', { method }).method)`,
  );
  expect(got).toEqual(['GET', 'PATCH', 'own']);
});

test('a request made of a request takes its body along', async () => {
  const got = await worker.eval(`
    const first = new Request('http://a/', { method: 'POST', body: 'content' });
    const second = new Request(first, { headers: { b: 'c' } });
    return [first.bodyUsed, second.headers.get('b'), await second.text()];`);
  expect(got).toEqual([true, 'c', 'content']);
});

describe('a request that arrived', () => {
  const echo = (expression: string) =>
    workerThat(`return Response.json(await (async () => ${expression})() ?? null)`);

  async function answer(worker: Worker, send: Parameters<Worker['send']>[0]): Promise<unknown> {
    const sent = await worker.send(send);
    return sent.failed?.message ?? JSON.parse(sent.body ?? 'null');
  }

  test('shows cf as parsed JSON, one object each time', async () => {
    const worker = echo(`[request.cf.colo, request.cf === request.cf]`);
    expect(await answer(worker, { cf: '{"colo":"LOCAL"}' })).toEqual(['LOCAL', true]);
  });

  test('gives a body that is still arriving', async () => {
    const worker = echo('request.text()');
    const body = worker.native.addBody(['first '], false);
    const inv = worker.begin({ method: 'POST', body });
    await new Promise(setImmediate);
    worker.native.feed(body, 'second');
    worker.native.endBody(body);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(worker.answerOf(inv).body).toBe('"first second"');
  });

  test('rejects reading when the connection is lost', async () => {
    const worker = echo('request.arrayBuffer()');
    const body = worker.native.addBody(['first '], false);
    worker.native.endBody(body, new Error('connection lost'));
    expect(await answer(worker, { method: 'POST', body })).toBe('connection lost');
  });

  test('gives its bytes to a BYOB reader', async () => {
    const worker = new Worker();
    worker.start(`{ default: { async fetch(request) {
      const reader = request.body.getReader({ mode: 'byob' });
      const { value } = await reader.readAtLeast(3, new Uint8Array(8));
      return Response.json([...value]);
    } } }`);
    const body = worker.native.addBody(['a', 'b', 'c'], true);
    expect(await answer(worker, { method: 'POST', body })).toEqual([97, 98, 99]);
  });

  test('tells a source how much a BYOB reader waits for', async () => {
    const worker = new Worker();
    const got = await worker.eval(`
      const wanted = [];
      const stream = new ReadableStream({
        type: 'bytes',
        pull({ byobRequest }) {
          wanted.push(byobRequest.atLeast);
          byobRequest.view[0] = 1;
          byobRequest.respond(2);
          wanted.push(byobRequest.atLeast);
        },
      });
      await stream.getReader({ mode: 'byob' }).readAtLeast(3, new Uint8Array(8));
      return wanted;`);
    expect(got).toEqual([3, null, 1, null]);
  });

  test('fires abort at its signal when the client goes away', async () => {
    const worker = workerThat(`
      globalThis.seen = '';
      request.signal.addEventListener('abort', () => { seen = request.signal.reason.name });
      await new Promise(() => {});`);
    const inv = worker.begin();
    worker.leave(inv);
    expect(worker.run('seen')).toBe('AbortError');
  });

  test('leaves a body that it did not read to C++', async () => {
    const worker = echo('1');
    const body = worker.native.addBody(['never read'], false);
    await answer(worker, { method: 'POST', body });
    expect(worker.native.bodies.get(body)).toMatchObject({ cancelled: false });
    expect(worker.native.loaded).toEqual([]);
  });
});

describe('formData()', () => {
  const read = (type: string, text: string) =>
    worker.eval(`
      const form = await new Response(${JSON.stringify(text)}, {
        headers: { 'content-type': ${JSON.stringify(type)} },
      }).formData();
      const show = async (value) =>
        typeof value === 'string' ? value : [value.name, value.type, await value.text()];
      const all = [];
      for (const [name, value] of form) all.push([name, await show(value)]);
      return all;`);

  test('reads multipart with fields, files and escaped names', async () => {
    const text = [
      '--sep',
      'Content-Disposition: form-data; name="a%22b"',
      '',
      'one\r\ntwo',
      '--sep',
      'content-disposition: form-data; name=file; filename="x.txt"',
      'Content-Type: text/x',
      '',
      '',
      '--sep--',
      '',
    ].join('\r\n');
    expect(await read('multipart/form-data; boundary=sep', text)).toEqual([
      ['a"b', 'one\r\ntwo'],
      ['file', ['x.txt', 'text/x', '']],
    ]);
  });

  test('reads urlencoded forms', async () => {
    expect(await read('application/x-www-form-urlencoded', 'a=1+2&b=%C3%A4&a=')).toEqual([
      ['a', '1 2'],
      ['b', 'ä'],
      ['a', ''],
    ]);
  });

  test.each([
    ['multipart/form-data; boundary=sep', '--sep\r\nno end', 'header of a part'],
    ['multipart/form-data; boundary=sep', 'nothing', 'without its closing boundary'],
    ['multipart/form-data', '', 'no boundary'],
    ['text/plain', 'x', 'Content-Type is "text/plain"'],
  ])('refuses %s of "%s"', async (type, text, message) => {
    expect(await read(type, text)).toContain(message);
  });

  test('what FormData writes, formData() reads', async () => {
    const got = await worker.eval(`
      const form = new FormData();
      form.append('text', 'line\\nbreak');
      form.append('file', new File(['bytes'], 'na"me.bin', { type: 'x/y' }));
      const back = await new Response(form).formData();
      return [back.get('text'), back.get('file').name, back.get('file').type, await back.get('file').text()];`);
    expect(got).toEqual(['line\r\nbreak', 'na"me.bin', 'x/y', 'bytes']);
  });
});
