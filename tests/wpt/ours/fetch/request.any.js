// Request, Fetch Standard §5.4, as far as Workers have it.

const url = 'http://example.com/path?query';

// The URL.
for (const [given, expected] of [
  ['http://example.com', 'http://example.com/'],
  ['HTTP://EXAMPLE.com/a b', 'http://example.com/a%20b'],
  ['http://example.com:80/', 'http://example.com/'],
  ['https://example.com/../x', 'https://example.com/x'],
  [new URL('http://example.com/u'), 'http://example.com/u'],
  [{ toString: () => 'http://example.com/o' }, 'http://example.com/o'],
]) {
  test(
    () => {
      assert_equals(new Request(given).url, expected);
    },
    `The URL ${String(given)} is parsed and serialized`,
  );
}
for (const bad of [
  '',
  'relative',
  '/path',
  '//host',
  'http://',
  'http://a b/',
  'http://[::1',
  undefined,
  null,
  {},
]) {
  test(
    () => {
      assert_throws_js(TypeError, () => new Request(bad));
    },
    `new Request refuses the URL ${String(bad)}`,
  );
}
test(() => {
  assert_throws_js(TypeError, () => new Request());
}, 'new Request wants an argument');
test(() => {
  assert_throws_js(TypeError, () => Request(url));
}, 'Request is called by new');

// Methods: §2.2.1, normalized and forbidden.
for (const method of ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']) {
  for (const given of [method, method.toLowerCase(), method[0] + method.slice(1).toLowerCase()])
    test(() => {
      assert_equals(new Request(url, { method: given }).method, method);
    }, `The method ${given} is ${method}`);
}
for (const method of ['PATCH', 'PROPFIND', 'QUERY', 'MKCOL', 'LINK'])
  test(() => {
    assert_equals(new Request(url, { method }).method, method);
  }, `The method ${method} stays`);
for (const method of [
  '',
  ' GET',
  'GET ',
  'G T',
  'GE\nT',
  'CONNECT',
  'connect',
  'TRACE',
  'trace',
  'TRACK',
  'track',
  'ÜBER',
  'A/B',
  '(',
])
  test(
    () => {
      assert_throws_js(TypeError, () => new Request(url, { method }));
    },
    `The method ${JSON.stringify(method)} is refused`,
  );
test(() => {
  assert_equals(new Request(url).method, 'GET');
  assert_equals(new Request(url, { method: undefined }).method, 'GET');
  assert_equals(new Request(new Request(url, { method: 'PUT' })).method, 'PUT');
  assert_equals(
    new Request(new Request(url, { method: 'PUT' }), { method: 'POST' }).method,
    'POST',
  );
}, 'The method comes from init, then from the request');

// Bodies and their types, §5.2 "extract".
for (const method of ['GET', 'HEAD'])
  for (const body of ['', 'a', new Uint8Array(1), new Blob(['a'])])
    test(
      () => {
        assert_throws_js(TypeError, () => new Request(url, { method, body }));
      },
      `${method} has no body of ${Object.prototype.toString.call(body)} ${JSON.stringify(body)}`,
    );
for (const body of [null, undefined])
  test(() => {
    const request = new Request(url, { body });
    assert_equals(request.body, null);
    assert_equals(request.headers.get('content-type'), null);
  }, `GET may have the body ${body}`);

const bodies = [
  ['text', () => 'täxt', 'text/plain;charset=UTF-8', 'täxt'],
  ['an empty text', () => '', 'text/plain;charset=UTF-8', ''],
  ['a number', () => 5, 'text/plain;charset=UTF-8', '5'],
  ['an object', () => ({}), 'text/plain;charset=UTF-8', '[object Object]'],
  [
    'URLSearchParams',
    () => new URLSearchParams('a=1&b=ü'),
    'application/x-www-form-urlencoded;charset=UTF-8',
    'a=1&b=%C3%BC',
  ],
  ['a Blob with a type', () => new Blob(['b'], { type: 'a/b' }), 'a/b', 'b'],
  ['a Blob without a type', () => new Blob(['b']), null, 'b'],
  ['a File', () => new File(['f'], 'name', { type: 'c/d' }), 'c/d', 'f'],
  ['an ArrayBuffer', () => new TextEncoder().encode('ab').buffer, null, 'ab'],
  ['a Uint8Array', () => new TextEncoder().encode('abc').subarray(1), null, 'bc'],
  ['a DataView', () => new DataView(new TextEncoder().encode('abc').buffer, 1, 1), null, 'b'],
  ['a Uint16Array', () => new Uint16Array(new TextEncoder().encode('abcd').buffer), null, 'abcd'],
  [
    'a Float64Array',
    () => new Float64Array(new TextEncoder().encode('abcdefgh').buffer),
    null,
    'abcdefgh',
  ],
  ['a ReadableStream', () => new Response('s').body, null, 's'],
];
for (const [what, body, type, text] of bodies) {
  promise_test(async () => {
    const request = new Request(url, { method: 'POST', body: body(), duplex: 'half' });
    assert_equals(request.headers.get('content-type'), type);
    assert_true(request.body instanceof ReadableStream);
    assert_false(request.bodyUsed);
    assert_equals(await request.text(), text);
    assert_true(request.bodyUsed);
  }, `A request's body of ${what}`);
  promise_test(async () => {
    const headers = { 'content-type': 'x/y' };
    const request = new Request(url, { method: 'POST', body: body(), headers, duplex: 'half' });
    assert_equals(request.headers.get('content-type'), 'x/y');
    await request.arrayBuffer();
  }, `A type that is given stays beside ${what}`);
  promise_test(async () => {
    const response = new Response(body());
    assert_equals(response.headers.get('content-type'), type);
    assert_equals(await response.text(), text);
  }, `A response's body of ${what}`);
}
promise_test(async () => {
  const bytes = new Uint8Array([97, 98]);
  const request = new Request(url, { method: 'POST', body: bytes });
  bytes[0] = 120;
  assert_equals(await request.text(), 'ab');
}, 'The bytes of a body are copied when it is made');

// Another request.
promise_test(async () => {
  const first = new Request(url, { method: 'POST', body: 'a', headers: { b: 'c' } });
  const second = new Request(first);
  assert_true(first.bodyUsed);
  assert_equals(second.headers.get('b'), 'c');
  assert_equals(await second.text(), 'a');
  assert_throws_js(TypeError, () => new Request(first));
}, 'A request from a request takes its body');
promise_test(async () => {
  const first = new Request(url, { method: 'POST', body: 'a' });
  const second = new Request(first, { body: 'b' });
  assert_false(first.bodyUsed);
  assert_equals(await second.text(), 'b');
  assert_equals(await first.text(), 'a');
}, 'A body of init leaves that of the request');
test(() => {
  const first = new Request(url, { headers: { a: '1' } });
  const second = new Request(first, { headers: { b: '2' } });
  assert_array_equals([...second.headers].flat(), ['b', '2']);
  const third = new Request(first);
  third.headers.set('a', '3');
  assert_equals(first.headers.get('a'), '1');
}, 'Headers of init replace those of the request, else they are copied');
test(() => {
  const first = new Request(url, { method: 'POST', body: 'a' });
  assert_throws_js(TypeError, () => new Request(first, { method: 'GET' }));
}, 'A body goes on to no GET');

// Other members.
for (const redirect of ['follow', 'manual'])
  test(() => {
    assert_equals(new Request(url, { redirect }).redirect, redirect);
    assert_equals(new Request(new Request(url, { redirect })).redirect, redirect);
  }, `The redirect mode ${redirect}`);
for (const redirect of ['', 'Follow', 'none', null, 1])
  test(
    () => {
      assert_throws_js(TypeError, () => new Request(url, { redirect }));
    },
    `The redirect mode ${JSON.stringify(redirect)} is refused`,
  );
test(() => {
  assert_equals(new Request(url).redirect, 'follow');
}, 'The redirect mode without one');
for (const signal of [1, 'a', {}, true])
  test(
    () => {
      assert_throws_js(TypeError, () => new Request(url, { signal }));
    },
    `The signal ${JSON.stringify(signal)} is refused`,
  );
for (const signal of [null, undefined])
  test(() => {
    const request = new Request(url, { signal });
    assert_true(request.signal instanceof AbortSignal);
    assert_false(request.signal.aborted);
  }, `The signal ${signal}`);
test(() => {
  const controller = new AbortController();
  const request = new Request(url, { signal: controller.signal });
  const copy = request.clone();
  const next = new Request(request);
  assert_false(request.signal.aborted);
  controller.abort('why');
  for (const { signal } of [request, copy, next]) {
    assert_true(signal.aborted);
    assert_equals(signal.reason, 'why');
  }
}, 'A signal reaches the request, its clone and what is made of it');
test(() => {
  const request = new Request(url, { signal: AbortSignal.abort('early') });
  assert_true(request.signal.aborted);
  assert_equals(request.signal.reason, 'early');
}, 'A signal that was aborted before');
test(() => {
  const log = [];
  const init = new Proxy({}, { get: (_, key) => void log.push(String(key)) });
  new Request(url, init);
  for (const member of ['body', 'headers', 'method', 'redirect', 'signal'])
    assert_true(log.includes(member), member);
  assert_equals(new Set(log).size, log.length, 'each is read once');
}, 'Members of init are read once each');
for (const init of [1, 'a', true])
  test(
    () => {
      assert_throws_js(TypeError, () => new Request(url, init));
    },
    `init is no ${typeof init}`,
  );
test(() => {
  assert_equals(new Request(url, null).method, 'GET');
  assert_equals(new Request(url, () => {}).method, 'GET');
}, 'init may be null or a function');

// Clone.
promise_test(async () => {
  const request = new Request(url, { method: 'POST', body: 'abc', headers: { a: '1' } });
  const copy = request.clone();
  copy.headers.set('a', '2');
  assert_equals(request.headers.get('a'), '1');
  assert_equals(copy.method, 'POST');
  assert_equals(copy.url, url);
  assert_equals(await copy.text(), 'abc');
  assert_equals(await request.text(), 'abc');
}, 'clone has all, and a body of its own');
promise_test(async () => {
  const request = new Request(url, { method: 'POST', body: 'a' });
  await request.text();
  assert_throws_js(TypeError, () => request.clone());
}, 'What was read is not cloned');
test(() => {
  const request = new Request(url, { method: 'POST', body: 'a' });
  request.body.getReader();
  assert_throws_js(TypeError, () => request.clone());
}, 'What is locked is not cloned');

// Shape.
for (const name of [
  'method',
  'url',
  'headers',
  'body',
  'bodyUsed',
  'redirect',
  'signal',
  'keepalive',
  'cache',
  'integrity',
])
  test(() => {
    const own = Object.getOwnPropertyDescriptor(Request.prototype, name);
    assert_equals(typeof own.get, 'function');
    assert_true(own.enumerable && own.configurable);
    assert_throws_js(TypeError, () => own.get.call({}));
  }, `Request.prototype.${name} is a getter of requests`);
for (const name of ['method', 'url', 'headers', 'redirect', 'signal'])
  test(() => {
    const request = new Request(url);
    assert_throws_js(TypeError, () => {
      request[name] = 'x';
    });
  }, `request.${name} is read only`);
test(() => {
  const request = new Request(url);
  assert_equals(request.headers, request.headers);
  assert_equals(request.signal, request.signal);
  assert_equals(String(request), '[object Request]');
  assert_equals(Request.length, 1);
}, 'Request: same objects, tag and length');
