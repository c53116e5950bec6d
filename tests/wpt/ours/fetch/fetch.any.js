// fetch(), Fetch Standard §4 and §5.6, from the server of tests/wpt/origin.ts.

const at = (path) => ORIGIN + path;
const query = (pairs) => new URLSearchParams(pairs).toString();
const echo = async (...args) => (await fetch(...args)).json();

// Methods and bodies arrive.
for (const method of ['GET', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'PROPFIND', 'QUERY'])
  promise_test(async () => {
    const { method: arrived, url } = await echo(at('/echo?a=b'), { method });
    assert_equals(arrived, method);
    assert_equals(url, '/echo?a=b');
  }, `fetch with ${method}`);
promise_test(async () => {
  const response = await fetch(at('/echo'), { method: 'HEAD' });
  assert_equals(response.status, 200);
  assert_equals(await response.text(), '');
}, 'fetch with HEAD has no body');
promise_test(async () => {
  const { url } = await echo(`${at('/echo?a')}#fragment`);
  assert_equals(url, '/echo?a');
}, 'A fragment is not sent');
promise_test(async () => {
  const response = await fetch(`${at('/echo')}#fragment`);
  assert_equals(response.url, at('/echo'));
  await response.text();
}, "A response's URL has no fragment");

for (const [what, body, type, text] of [
  ['text', () => 'ü', 'text/plain;charset=UTF-8', '\u00c3\u00bc'],
  ['an empty text', () => '', 'text/plain;charset=UTF-8', ''],
  [
    'URLSearchParams',
    () => new URLSearchParams('a=1&b=2'),
    'application/x-www-form-urlencoded;charset=UTF-8',
    'a=1&b=2',
  ],
  ['a Blob', () => new Blob(['abc'], { type: 'a/b' }), 'a/b', 'abc'],
  ['a Blob without a type', () => new Blob(['abc']), undefined, 'abc'],
  ['bytes', () => new Uint8Array([0, 255, 128]), undefined, '\u0000\u00ff\u0080'],
  ['an ArrayBuffer', () => new Uint8Array([1, 2]).buffer, undefined, '\u0001\u0002'],
  ['a stream', () => new Response('stream').body, undefined, 'stream'],
]) {
  promise_test(async () => {
    const arrived = await echo(at('/echo'), { method: 'POST', body: body(), duplex: 'half' });
    assert_equals(arrived.body, text);
    assert_equals(arrived.headers['content-type'], type);
  }, `A body of ${what} arrives with its type`);
  promise_test(async () => {
    const request = new Request(at('/echo'), { method: 'PUT', body: body(), duplex: 'half' });
    const arrived = await echo(request);
    assert_equals(arrived.body, text);
    assert_true(request.bodyUsed);
  }, `A request with a body of ${what} is sent and used`);
}
promise_test(async () => {
  const { headers } = await echo(at('/echo'), { method: 'POST' });
  assert_equals(headers['content-length'], '0');
}, 'POST without a body has a length of 0');
promise_test(async () => {
  const { headers } = await echo(at('/echo'), { method: 'POST', body: 'abc' });
  assert_equals(headers['content-length'], '3');
}, 'A known length is sent');
promise_test(async () => {
  const { headers } = await echo(at('/echo'));
  assert_equals(headers['content-length'], undefined);
}, 'GET has no length');
promise_test(async (t) => {
  const request = new Request(at('/body'), { method: 'POST', body: 'a' });
  await (await fetch(request)).text();
  await promise_rejects_js(t, TypeError, fetch(request));
}, 'A request is fetched once');
promise_test(async () => {
  const request = new Request(at('/body'), { method: 'POST', body: 'a' });
  const copy = request.clone();
  assert_equals(await (await fetch(request)).text(), 'a');
  assert_equals(await (await fetch(copy)).text(), 'a');
}, 'A clone is fetched too');
promise_test(async () => {
  const data = new FormData();
  data.append('a', 'ü');
  data.append('f', new File(['x\r\ny'], 'n"a.txt', { type: 'a/b' }));
  const response = await fetch(at('/body'), { method: 'POST', body: data });
  const back = await response.formData();
  assert_equals(back.get('a'), 'ü');
  assert_equals(back.get('f').name, 'n"a.txt');
  assert_equals(back.get('f').type, 'a/b');
  assert_equals(await back.get('f').text(), 'x\r\ny');
}, 'A form goes there and back');
promise_test(async () => {
  const bytes = new Uint8Array(300000).map((_, i) => i % 251);
  const response = await fetch(at('/body'), { method: 'POST', body: bytes });
  const back = await response.bytes();
  assert_equals(back.length, bytes.length);
  assert_true(back.every((byte, i) => byte === i % 251));
}, '300,000 bytes go there and back');
promise_test(async (t) => {
  const error = new Error('own');
  const body = new ReadableStream({
    start(controller) {
      controller.error(error);
    },
  });
  await promise_rejects_exactly(
    t,
    error,
    fetch(at('/body'), { method: 'POST', body, duplex: 'half' }).catch((reason) =>
      Promise.reject(reason?.cause === error ? error : reason),
    ),
  );
}, 'A body that errs rejects the fetch');

// Header fields, there and back.
for (const [name, value] of [
  ['x-a', 'b'],
  ['x-empty', ''],
  ['x-latin', 'é'],
  ['x-tab', 'a\tb'],
  ['user-agent', 'own'],
  ['accept', 'a/b'],
  ['cookie', 'a=b; c=d'],
  ['referer', 'http://a/'],
  ['origin', 'http://a'],
  ['authorization', 'Basic x'],
  ['range', 'bytes=0-'],
  ['if-none-match', '"e"'],
])
  promise_test(
    async () => {
      const { headers } = await echo(at('/echo'), { headers: { [name]: value } });
      assert_equals(headers[name], value);
    },
    `The field ${name}: ${JSON.stringify(value)} arrives`,
  );
promise_test(async () => {
  const { headers } = await echo(at('/echo'), {
    headers: [
      ['x-a', '1'],
      ['X-A', '2'],
    ],
  });
  assert_equals(headers['x-a'].replace(/,\s*/, ', '), '1, 2');
}, 'Fields of one name arrive both');
for (const [name, value] of [
  ['x-a', 'b'],
  ['x-empty', ''],
  ['x-upper', 'ABC'],
  ['etag', '"x"'],
  ['set-cookie', 'a=b; Path=/'],
  ['content-type', 'x/y'],
  ['x-long', 'a'.repeat(3000)],
])
  promise_test(async () => {
    const response = await fetch(at(`/headers?${query({ h: `${name}:${value}` })}`));
    assert_equals(response.headers.get(name), value);
    assert_throws_js(TypeError, () => response.headers.set('a', 'b'));
    await response.text();
  }, `The answer's field ${name} is there, and its headers do not change`);
promise_test(async () => {
  const response = await fetch(
    at(
      `/headers?${query([
        ['h', 'set-cookie:a=1'],
        ['h', 'set-cookie:b=2'],
      ])}`,
    ),
  );
  assert_array_equals(response.headers.getSetCookie(), ['a=1', 'b=2']);
  await response.text();
}, 'Two cookies come as two');

// Statuses.
for (const status of [
  200, 201, 203, 204, 205, 206, 226, 299, 304, 400, 401, 404, 405, 410, 418, 429, 451, 500, 503,
  599,
])
  promise_test(async () => {
    const response = await fetch(at(`/status?${query({ status })}`));
    assert_equals(response.status, status);
    assert_equals(response.ok, status >= 200 && status <= 299);
    assert_equals(response.type, 'basic' === response.type ? 'basic' : 'default');
    assert_equals(await response.text(), '');
    if ([204, 205, 304].includes(status)) assert_equals(response.body, null);
  }, `An answer of ${status}`);
for (const text of ['OK', 'Own Text', 'a'])
  promise_test(async () => {
    const response = await fetch(at(`/status?${query({ status: 250, text })}`));
    assert_equals(response.statusText, text);
    await response.text();
  }, `The status text ${text}`);

// Redirects: §4.4.
for (const status of [301, 302, 303, 307, 308]) {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH']) {
    const toGet =
      (status === 303 && !['GET', 'HEAD'].includes(method)) ||
      ([301, 302].includes(status) && method === 'POST');
    promise_test(
      async () => {
        const hasBody = ['POST', 'PUT', 'PATCH'].includes(method);
        const response = await fetch(at(`/redirect?${query({ status, to: '/echo?there' })}`), {
          method,
          ...(hasBody ? { body: 'abc', headers: { 'content-type': 'a/b' } } : {}),
        });
        assert_equals(response.status, 200);
        assert_true(response.redirected);
        assert_equals(response.url, at('/echo?there'));
        if (method === 'HEAD') return;
        const arrived = await response.json();
        assert_equals(arrived.method, toGet ? 'GET' : method);
        assert_equals(arrived.body, hasBody && !toGet ? 'abc' : '');
        if (hasBody) assert_equals(arrived.headers['content-type'], toGet ? undefined : 'a/b');
      },
      `${status} follows ${method} with ${toGet ? 'GET' : method}`,
    );
  }
  promise_test(async () => {
    const response = await fetch(at(`/redirect?${query({ status, to: '/echo' })}`), {
      redirect: 'manual',
    });
    assert_equals(response.status, status);
    assert_equals(response.headers.get('location'), '/echo');
    assert_false(response.redirected);
    assert_equals(await response.text(), 'moved');
  }, `${status} is the answer in the mode "manual"`);
}
for (const status of [300, 304, 305, 306, 200, 201])
  promise_test(async () => {
    const response = await fetch(at(`/redirect?${query({ status, to: '/echo' })}`));
    assert_equals(response.status, status);
    assert_false(response.redirected);
    await response.text();
  }, `${status} with a Location is no redirect`);
promise_test(async () => {
  const response = await fetch(at('/nowhere'));
  assert_equals(response.status, 302);
  assert_equals(await response.text(), 'stays');
}, 'A redirect without a Location is the answer');
for (const to of ['http://', 'http://[', 'http://a b/'])
  promise_test(async (t) => {
    await promise_rejects_js(t, TypeError, fetch(at(`/redirect?${query({ status: 302, to })}`)));
  }, `A redirect to ${to} rejects`);
for (const to of ['data:text/plain,a', 'ftp://example.com/', 'mailto:a@b', 'blob:null/x'])
  promise_test(async (t) => {
    await promise_rejects_js(t, TypeError, fetch(at(`/redirect?${query({ status: 302, to })}`)));
  }, `A redirect to the scheme of ${to} rejects`);
for (const [to, url] of [
  ['echo?a', '/echo?a'],
  ['./echo', '/echo'],
  ['?status=302&to=/echo', '/echo'],
  ['/x/../echo', '/echo'],
  ['/echo#f', '/echo'],
])
  promise_test(async () => {
    const response = await fetch(at(`/redirect?${query({ status: 302, to })}`));
    assert_equals(response.url, at(url));
    await response.text();
  }, `A redirect to ${to} is resolved`);
promise_test(async () => {
  const response = await fetch(at('/chain?count=20'));
  assert_equals(response.status, 200);
  assert_true(response.redirected);
  await response.text();
}, '20 redirects are followed');
promise_test(async (t) => {
  await promise_rejects_js(t, TypeError, fetch(at('/chain?count=21')));
}, '21 redirects reject');
promise_test(async () => {
  const response = await fetch(at('/echo'));
  assert_false(response.redirected);
  assert_equals(response.url, at('/echo'));
  const copy = response.clone();
  assert_equals(copy.url, response.url);
  await Promise.all([copy.text(), response.text()]);
}, 'url and redirected of an answer, and of its clone');

// Content codings.
for (const coding of ['gzip', 'br'])
  promise_test(async () => {
    const response = await fetch(at(`/coded?${query({ coding, text: 'plain text' })}`));
    assert_equals(await response.text(), 'plain text');
    assert_equals(response.headers.get('content-encoding'), coding);
  }, `A body in ${coding} is decoded`);

// Abort, §5.6 steps 4 and 11.
promise_test(async (t) => {
  await promise_rejects_dom(t, 'AbortError', fetch(at('/echo'), { signal: AbortSignal.abort() }));
}, 'A signal that was aborted before rejects');
promise_test(async (t) => {
  const reason = new Error('own');
  await promise_rejects_exactly(
    t,
    reason,
    fetch(at('/echo'), { signal: AbortSignal.abort(reason) }),
  );
}, 'It rejects with the reason');
for (const reason of [undefined, 'text', 0, null, { an: 'object' }])
  promise_test(
    async () => {
      const controller = new AbortController();
      const waiting = fetch(at('/silent'), { signal: controller.signal });
      controller.abort(reason);
      const found = await waiting.then(
        () => 'no rejection',
        (why) => why,
      );
      assert_equals(found, controller.signal.reason);
    },
    `Aborted while it waits, with ${JSON.stringify(reason)}`,
  );
promise_test(async (t) => {
  const controller = new AbortController();
  const response = await fetch(at('/unending'), { signal: controller.signal });
  const reader = response.body.getReader();
  await reader.read();
  const reading = reader.read();
  controller.abort();
  await promise_rejects_dom(t, 'AbortError', reading);
}, 'Aborted in the body, a read rejects');
promise_test(async (t) => {
  const controller = new AbortController();
  const response = await fetch(at('/unending'), { signal: controller.signal });
  const reading = response.text();
  controller.abort();
  await promise_rejects_dom(t, 'AbortError', reading);
}, 'Aborted in the body, text() rejects');
promise_test(async () => {
  const controller = new AbortController();
  const response = await fetch(at('/echo'), { signal: controller.signal });
  await response.text();
  controller.abort();
  assert_equals(response.status, 200);
}, 'Aborted afterwards, nothing happens');
promise_test(async (t) => {
  const waiting = fetch(at('/silent'), { signal: AbortSignal.timeout(20) });
  await promise_rejects_dom(t, 'TimeoutError', waiting);
}, 'A timeout rejects as one');
promise_test(async (t) => {
  const request = new Request(at('/echo'), { signal: AbortSignal.abort() });
  await promise_rejects_dom(t, 'AbortError', fetch(request));
}, "A request's signal counts");
promise_test(async () => {
  const request = new Request(at('/echo'), { signal: AbortSignal.abort() });
  const response = await fetch(request, { signal: null });
  assert_equals(response.status, 200);
  await response.text();
}, 'A signal of null takes it away');
promise_test(async () => {
  const response = await fetch(at('/unending'));
  await response.body.cancel();
  assert_true(response.bodyUsed);
}, 'A body without an end is cancelled');
promise_test(async (t) => {
  const response = await fetch(at('/broken'));
  await response.text().then(
    () => assert_unreached('it ended'),
    (error) => assert_true(error instanceof Error),
  );
}, 'A body that breaks off rejects');

// Failures are rejections.
for (const bad of ['', 'relative', '/path', 'http://', 'http://[', undefined, null])
  promise_test(
    async (t) => {
      await promise_rejects_js(t, TypeError, fetch(bad));
    },
    `fetch of ${String(bad)} rejects`,
  );
for (const bad of [
  'ftp://example.com/',
  'file:///etc/passwd',
  'mailto:a@b',
  'about:blank',
  'javascript:1',
  'x:y',
])
  promise_test(async (t) => {
    await promise_rejects_js(t, TypeError, fetch(bad));
  }, `fetch of the scheme of ${bad} rejects`);
promise_test(async (t) => {
  await promise_rejects_js(t, TypeError, fetch());
}, 'fetch without an argument rejects');
promise_test(async (t) => {
  await promise_rejects_js(t, TypeError, fetch(at('/echo'), { method: 'GET', body: 'a' }));
  await promise_rejects_js(t, TypeError, fetch(at('/echo'), { method: 'TRACE' }));
  await promise_rejects_js(t, TypeError, fetch(at('/echo'), { headers: { 'a b': 'c' } }));
}, 'What new Request throws, fetch rejects');
test(() => {
  assert_equals(self.fetch.length, 1);
  assert_equals(self.fetch.name, 'fetch');
}, 'fetch: length and name');
