// The Cache API over the caches of a host.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { esModule, Platform } from '../../tools/platform/platform.ts';

let platform: Platform;

before(async () => {
  platform = await Platform.start(['--shards', '2']);
});
after(() => platform.stop());

// Runs `body` in a Worker of its own; what it returns.
async function run(name: string, body: string): Promise<unknown> {
  await platform.deploy(name, [
    esModule(`
      const url = 'http://cached.example/a?b';
      const text = async (response) => response && [response.status, await response.text()];
      const answer = (body, headers = {}, status = 200) =>
        new Response(body, { status, headers: { 'cache-control': 'max-age=60', ...headers } });
      const refused = async (work) => { try { await work(); return 'taken' } catch (error) { return error.message } };
      export default { async fetch() {
        const cache = caches.default;
        return Response.json(await (async () => {${body}})() ?? null);
      } };`),
  ]);
  return JSON.parse((await platform.get(name)).text);
}

test('what was put is matched, until it is deleted', async () => {
  const got = await run(
    'put',
    `const before = await cache.match(url);
     await cache.put(url, answer('kept', { 'x-mine': '1', 'content-type': 'text/html' }, 203));
     const found = await cache.match(new Request(url + '#part'));
     const head = [...'x-mine cf-cache-status age content-type content-length'.split(' ')]
       .map((name) => found.headers.get(name));
     return [before === undefined, head, await text(found), await text(await cache.match(url)),
       await cache.delete(url), await cache.match(url) === undefined, await cache.delete(url)];`,
  );
  assert.deepEqual(got, [
    true,
    ['1', 'HIT', '0', 'text/html', '4'],
    [203, 'kept'],
    [203, 'kept'],
    true,
    true,
    false,
  ]);
});

test('caches are apart by their names', async () => {
  const got = await run(
    'names',
    `const other = await caches.open('other \\u00e4');
     await other.put(url, answer('other'));
     return [await cache.match(url) === undefined, await text(await other.match(url)),
       await text(await (await caches.open('other \\u00e4')).match(url)),
       await (await caches.open('default')).match(url) === undefined];`,
  );
  assert.deepEqual(got, [true, [200, 'other'], [200, 'other'], true]);
});

test('the Workers of an account share its caches', async () => {
  await run('writes', `await cache.put(url + 'shared', answer('from another'))`);
  const got = await run('reads', `return text(await cache.match(url + 'shared'))`);
  assert.deepEqual(got, [200, 'from another']);
});

test('an answer is kept as its headers say', async () => {
  const got = await run(
    'control',
    `const kept = async (headers, status) => {
       await cache.delete(url);
       await cache.put(url, new Response('x', { headers, status }));
       return await cache.match(url) !== undefined;
     };
     const date = (seconds) => new Date(Date.now() + seconds * 1000).toUTCString();
     return [
       await kept({}), await kept({}, 404), await kept({}, 500),
       await kept({ 'cache-control': 'no-store' }), await kept({ 'cache-control': 'max-age=9, private' }),
       await kept({ 'cache-control': 'max-age=0' }), await kept({ 'cache-control': 'max-age=0, s-maxage=9' }),
       await kept({ expires: date(60) }), await kept({ expires: date(-60) }), await kept({ expires: 'soon' }),
       await kept({ 'cache-control': 'max-age=9', age: '9' }),
       await kept({ 'cache-control': 'max-age=9', 'set-cookie': 'a=b' }),
       await kept({ 'cache-control': 'max-age=9, private=Set-Cookie', 'set-cookie': 'a=b' }),
       (await cache.match(url)).headers.get('set-cookie'),
     ];`,
  );
  assert.deepEqual(got, [
    ...[true, true, false],
    ...[false, false, false, true],
    ...[true, false, false],
    ...[false, false, true],
    null,
  ]);
});

test('what cannot be cached is refused with the reason', async () => {
  const got = await run(
    'refused',
    `return [
       await refused(() => cache.put(new Request(url, { method: 'POST' }), answer('x'))),
       await refused(() => cache.put(url, answer('x', {}, 206))),
       await refused(() => cache.put(url, answer('x', { vary: 'a, *' }))),
       await refused(() => cache.put('no url', answer('x'))),
       await refused(() => cache.put(url, 'text')),
       await refused(() => new Cache()),
     ];`,
  );
  assert.deepEqual(got, [
    'cache.put: the method of the request is POST, not GET',
    'cache.put: a response of status 206 is a part, which is not cached',
    'cache.put: a response with "Vary: *" can never be matched',
    'Request: "no url" is not an absolute URL',
    'cache.put: parameter 2 is not of type "Response"',
    'Illegal constructor',
  ]);
});

test('the method is looked at, unless it is to be ignored', async () => {
  const got = await run(
    'method',
    `await cache.put(url, answer('x'));
     const post = new Request(url, { method: 'POST' });
     return [await cache.match(post) === undefined, await cache.delete(post),
       await text(await cache.match(post, { ignoreMethod: true })), await cache.delete(post, { ignoreMethod: true })];`,
  );
  assert.deepEqual(got, [true, false, [200, 'x'], true]);
});

test('Vary chooses among the answers of a URL', async () => {
  const got = await run(
    'vary',
    `const asking = (language) => new Request(url, { headers: language ? { 'accept-language': language } : {} });
     for (const language of ['de', 'en'])
       await cache.put(asking(language), answer(language, { vary: 'Accept-Language' }));
     return [await text(await cache.match(asking('de'))), await text(await cache.match(asking('en'))),
       await cache.match(asking('fr')) === undefined, await cache.match(url) === undefined,
       await cache.delete(url), await cache.match(asking('de')) === undefined];`,
  );
  assert.deepEqual(got, [[200, 'de'], [200, 'en'], true, true, true, true]);
});

test('conditions and ranges are answered from the whole', async () => {
  const got = await run(
    'ranges',
    `const last = 'Wed, 21 Oct 2015 07:28:00 GMT';
     await cache.put(url, answer('0123456789', { etag: '"e"', 'last-modified': last }));
     const asking = async (headers) => {
       const found = await cache.match(new Request(url, { headers }));
       return [found.status, found.headers.get('content-range'), await found.text()];
     };
     return [
       await asking({ 'if-none-match': '"x", W/"e"' }), await asking({ 'if-none-match': '"x"' }),
       await asking({ 'if-modified-since': last }),
       await asking({ 'if-modified-since': 'Wed, 21 Oct 2015 07:27:59 GMT' }),
       await asking({ range: 'bytes=2-4' }), await asking({ range: 'bytes=7-' }), await asking({ range: 'bytes=-2' }),
       await asking({ range: 'bytes=10-' }), await asking({ range: 'lines=1-2' }), await asking({ range: 'bytes=1-2,4-5' }),
       await asking({ range: 'bytes=2-4', 'if-range': '"other"' }),
     ];`,
  );
  const whole = [200, null, '0123456789'];
  assert.deepEqual(got, [
    [304, null, ''],
    whole,
    [304, null, ''],
    whole,
    [206, 'bytes 2-4/10', '234'],
    [206, 'bytes 7-9/10', '789'],
    [206, 'bytes 8-9/10', '89'],
    [416, 'bytes */10', ''],
    whole,
    whole,
    whole,
  ]);
});

test('streams go in and out, and what is too large is not kept', async () => {
  const got = await run(
    'streams',
    `const stream = (count) => new ReadableStream({
       pull(controller) {
         if (count-- === 0) controller.close();
         else controller.enqueue(new Uint8Array(65536));
       } });
     await cache.put(url, answer(stream(20)));
     const found = await cache.match(url);
     const size = (await found.arrayBuffer()).byteLength;
     await cache.put(url + '2', answer(stream(300)));
     return [size, await cache.match(url + '2') === undefined];`,
  );
  assert.deepEqual(got, [20 * 65_536, true]);
});
