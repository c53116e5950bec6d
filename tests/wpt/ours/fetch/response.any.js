// Response, Fetch Standard §5.5.

for (const status of [200, 201, 299, 300, 304, 404, 418, 451, 499, 500, 599])
  test(() => {
    const response = new Response(null, { status });
    assert_equals(response.status, status);
    assert_equals(response.ok, status < 300);
  }, `The status ${status}`);
for (const status of [0, 1, 99, 100, 102, 199, 600, 999, 1000, -1, NaN, 'a', Infinity])
  test(() => {
    assert_throws_js(RangeError, () => new Response(null, { status }));
  }, `The status ${status} is refused`);
for (const [status, kept] of [
  ['204', 204],
  [200.7, 200],
  [65736, 200],
  [undefined, 200],
])
  test(
    () => {
      assert_equals(new Response(null, { status }).status, kept);
    },
    `The status ${JSON.stringify(status)} is converted to ${kept}`,
  );
for (const status of [204, 205, 304]) {
  for (const body of ['', 'a', new Uint8Array(0), new Blob([])])
    test(
      () => {
        assert_throws_js(TypeError, () => new Response(body, { status }));
      },
      `${status} has no body of ${Object.prototype.toString.call(body)} ${JSON.stringify(body)}`,
    );
  test(() => {
    assert_equals(new Response(null, { status }).body, null);
    assert_equals(new Response(undefined, { status }).body, null);
  }, `${status} may have null for a body`);
}
for (const statusText of ['', 'OK', 'Not Found', 'a\tb', 'Übel', '\u00ff', '!'])
  test(
    () => {
      assert_equals(new Response(null, { statusText }).statusText, statusText);
    },
    `The status text ${JSON.stringify(statusText)}`,
  );
for (const statusText of ['a\n', '\r', 'a\r\nb', '\u0000', '名', '\u0100', '\u007f', '\u0001'])
  test(
    () => {
      assert_throws_js(TypeError, () => new Response(null, { statusText }));
    },
    `The status text ${JSON.stringify(statusText)} is refused`,
  );

test(() => {
  const response = new Response();
  assert_equals(response.type, 'default');
  assert_equals(response.url, '');
  assert_false(response.redirected);
  assert_equals(response.status, 200);
  assert_true(response.ok);
  assert_equals(response.statusText, '');
  assert_equals(response.body, null);
  assert_false(response.bodyUsed);
  assert_array_equals([...response.headers], []);
}, 'A response of nothing');
for (const init of [1, 'a', true])
  test(
    () => {
      assert_throws_js(TypeError, () => new Response(null, init));
    },
    `init is no ${typeof init}`,
  );
test(() => {
  const headers = new Headers({ a: '1' });
  const response = new Response(null, { headers });
  headers.set('a', '2');
  assert_equals(response.headers.get('a'), '1');
  response.headers.set('a', '3');
  assert_equals(headers.get('a'), '2');
}, 'Headers are copied');
promise_test(async () => {
  const stream = new Response('a').body;
  stream.getReader();
  assert_throws_js(TypeError, () => new Response(stream));
}, 'A locked stream is no body');
promise_test(async () => {
  const { body } = new Response('a');
  await new Response(body).text();
  assert_throws_js(TypeError, () => new Response(body));
}, 'A stream that was read is no body');

// Response.error, §5.5.
test(() => {
  const response = Response.error();
  assert_equals(response.type, 'error');
  assert_equals(response.status, 0);
  assert_equals(response.statusText, '');
  assert_equals(response.body, null);
  assert_false(response.ok);
  assert_equals(response.url, '');
}, 'Response.error');
// Response.redirect.
for (const status of [301, 302, 303, 307, 308])
  test(() => {
    const response = Response.redirect('http://example.com/a', status);
    assert_equals(response.status, status);
    assert_equals(response.headers.get('location'), 'http://example.com/a');
    assert_equals(response.body, null);
    assert_false(response.redirected);
  }, `Response.redirect with ${status}`);
for (const status of [0, 200, 204, 300, 304, 305, 306, 309, 400, 500, NaN, 'a'])
  test(() => {
    assert_throws_js(RangeError, () => Response.redirect('http://example.com/a', status));
  }, `Response.redirect refuses ${status}`);
for (const url of ['', 'http://', 'http://[', 'relative'])
  test(
    () => {
      assert_throws_js(TypeError, () => Response.redirect(url));
    },
    `Response.redirect refuses the URL ${JSON.stringify(url)}`,
  );
test(() => {
  assert_equals(Response.redirect('http://example.com').status, 302);
  assert_equals(
    Response.redirect('HTTP://example.com').headers.get('location'),
    'http://example.com/',
  );
  assert_throws_js(TypeError, () => Response.redirect());
}, 'Response.redirect: default status, a serialized URL, an argument');
// Response.json.
for (const [value, text] of [
  [null, 'null'],
  [0, '0'],
  ['a', '"a"'],
  [[1, undefined], '[1,null]'],
  [{ a: { b: 1 }, c: undefined }, '{"a":{"b":1}}'],
  [{ toJSON: () => 'own' }, '"own"'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ['ü\ud800', '"ü\\ud800"'],
])
  promise_test(async () => {
    const response = Response.json(value);
    assert_equals(response.status, 200);
    assert_equals(response.headers.get('content-type'), 'application/json');
    assert_equals(await response.text(), text);
  }, `Response.json of ${text}`);
for (const [what, value] of [
  ['undefined', undefined],
  ['a function', () => {}],
  ['a symbol', Symbol('s')],
])
  test(() => {
    assert_throws_js(TypeError, () => Response.json(value));
  }, `Response.json refuses ${what}`);
test(() => {
  const ring = {};
  ring.ring = ring;
  assert_throws_js(TypeError, () => Response.json(ring));
  assert_throws_js(TypeError, () => Response.json(1n));
  assert_throws_js(TypeError, () => Response.json());
}, 'Response.json refuses rings, big numbers and nothing');
test(() => {
  const error = new Error('own');
  assert_throws_exactly(error, () =>
    Response.json({
      get a() {
        throw error;
      },
    }),
  );
}, 'Response.json throws what a getter throws');
test(() => {
  const response = Response.json({}, { status: 201, statusText: 'Made', headers: { a: 'b' } });
  assert_equals(response.status, 201);
  assert_equals(response.statusText, 'Made');
  assert_equals(response.headers.get('a'), 'b');
  assert_equals(response.headers.get('content-type'), 'application/json');
  const typed = Response.json({}, { headers: { 'content-type': 'x/y' } });
  assert_equals(typed.headers.get('content-type'), 'x/y');
}, 'Response.json takes init; a type that is given stays');
for (const status of [204, 205, 304])
  test(() => {
    assert_throws_js(TypeError, () => Response.json({}, { status }));
  }, `Response.json has no ${status}`);

// Clone.
promise_test(async () => {
  const response = new Response('abc', { status: 201, statusText: 'x', headers: { a: '1' } });
  const copy = response.clone();
  copy.headers.set('a', '2');
  assert_equals(response.headers.get('a'), '1');
  assert_equals(copy.status, 201);
  assert_equals(copy.statusText, 'x');
  assert_equals(await response.text(), 'abc');
  assert_equals(await copy.text(), 'abc');
}, 'clone has all, and a body of its own');
promise_test(async () => {
  const response = new Response('a');
  await response.text();
  assert_throws_js(TypeError, () => response.clone());
}, 'What was read is not cloned');
test(() => {
  const response = new Response('a');
  const reader = response.body.getReader();
  assert_throws_js(TypeError, () => response.clone());
  reader.releaseLock();
  response.clone();
}, 'What is locked is not cloned, unlocked it is');
promise_test(async () => {
  const copy = new Response('abc').clone();
  assert_equals(await copy.clone().text(), 'abc');
  assert_equals(await copy.text(), 'abc');
}, 'A clone is cloned');
promise_test(async () => {
  const response = new Response(null);
  const copy = response.clone();
  assert_equals(copy.body, null);
  assert_equals(await copy.text(), '');
}, 'A clone of a response without a body');

// Shape.
for (const name of [
  'type',
  'url',
  'redirected',
  'status',
  'ok',
  'statusText',
  'headers',
  'body',
  'bodyUsed',
])
  test(() => {
    const own = Object.getOwnPropertyDescriptor(Response.prototype, name);
    assert_equals(typeof own.get, 'function');
    assert_true(own.enumerable && own.configurable);
    assert_throws_js(TypeError, () => own.get.call({}));
  }, `Response.prototype.${name} is a getter of responses`);
for (const [name, length] of [
  ['error', 0],
  ['redirect', 1],
  ['json', 1],
])
  test(() => {
    assert_equals(Response[name].length, length);
    assert_true(Object.getOwnPropertyDescriptor(Response, name).enumerable);
  }, `Response.${name}: length ${length}, enumerable`);
test(() => {
  const response = new Response();
  assert_equals(response.headers, response.headers);
  assert_equals(String(response), '[object Response]');
  assert_equals(Response.length, 0);
  assert_throws_js(TypeError, () => Response());
}, 'Response: same headers, tag, length, new');
