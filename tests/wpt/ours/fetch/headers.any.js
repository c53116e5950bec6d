// Headers, Fetch Standard §5.1, and the header lists of §2.2 behind it.

const combined = (headers) => [...headers].map(([name, value]) => `${name}: ${value}`);

// Names: a token of RFC 9110, lowercased when walked.
const badNames = [
  '',
  ' ',
  'a b',
  'a:',
  'a\u0000',
  'ü',
  '名',
  'a\n',
  'a(',
  'a)',
  'a,',
  'a/',
  'a;',
  'a<',
  'a=',
  'a>',
  'a?',
  'a@',
  'a[',
  'a\\',
  'a]',
  'a{',
  'a}',
  'a"',
  '\u0100',
  '\u007f',
];
const goodNames = [
  'a',
  'A-B',
  'x!',
  'x#',
  'x$',
  'x%',
  'x&',
  "x'",
  'x*',
  'x+',
  'x-',
  'x.',
  'x^',
  'x_',
  'x`',
  'x|',
  'x~',
  '0',
  '-',
];
const badValues = ['a\u0000b', 'a\rb', 'a\nb', 'a\r\nb', '\u0100', '名', '\u{1F600}'];

for (const method of ['append', 'set', 'get', 'has', 'delete']) {
  for (const name of badNames) {
    test(
      () => {
        assert_throws_js(TypeError, () => new Headers()[method](name, 'value'));
      },
      `Headers.${method} refuses the name ${JSON.stringify(name)}`,
    );
  }
}
for (const name of badNames) {
  test(
    () => {
      assert_throws_js(TypeError, () => new Headers([[name, 'value']]));
    },
    `new Headers refuses a sequence with the name ${JSON.stringify(name)}`,
  );
  test(
    () => {
      assert_throws_js(TypeError, () => new Headers({ [name]: 'value' }));
    },
    `new Headers refuses a record with the name ${JSON.stringify(name)}`,
  );
}
for (const name of goodNames) {
  test(() => {
    const headers = new Headers([[name, 'value']]);
    assert_equals(headers.get(name), 'value');
    assert_equals(headers.get(name.toUpperCase()), 'value');
    assert_true(headers.has(name.toLowerCase()));
    assert_array_equals([...headers.keys()], [name.toLowerCase()]);
  }, `The name ${name} is a token`);
}
for (const value of badValues) {
  test(
    () => {
      assert_throws_js(TypeError, () => new Headers({ a: value }));
      const headers = new Headers({ a: 'before' });
      assert_throws_js(TypeError, () => headers.append('a', value));
      assert_throws_js(TypeError, () => headers.set('a', value));
      assert_equals(headers.get('a'), 'before');
    },
    `The value ${JSON.stringify(value)} is refused and changes nothing`,
  );
}

// Normalize: §2.2.2, HTTP whitespace at both ends.
for (const [given, kept] of [
  ['', ''],
  [' ', ''],
  ['\t', ''],
  ['\n', ''],
  ['\r', ''],
  [' \t\r\n ', ''],
  [' a', 'a'],
  ['a ', 'a'],
  ['\ta\t', 'a'],
  ['\na\r', 'a'],
  [' a b ', 'a b'],
  ['a\tb', 'a\tb'],
  ['\u000ca', '\u000ca'],
  ['\u00a0a', '\u00a0a'],
  ['a\u000b', 'a\u000b'],
  ['é', 'é'],
  ['\u007f', '\u007f'],
  ['\u0001', '\u0001'],
  ['ÿ', 'ÿ'],
]) {
  for (const method of ['append', 'set']) {
    test(
      () => {
        const headers = new Headers();
        headers[method]('a', given);
        assert_equals(headers.get('a'), kept);
      },
      `Headers.${method} keeps ${JSON.stringify(given)} as ${JSON.stringify(kept)}`,
    );
  }
}

for (const [value, text] of [
  [1, '1'],
  [null, 'null'],
  [undefined, 'undefined'],
  [true, 'true'],
  [[1, 2], '1,2'],
  [{ toString: () => 'own' }, 'own'],
]) {
  test(
    () => {
      assert_equals(new Headers({ a: value }).get('a'), text);
      assert_equals(new Headers([['a', value]]).get('a'), text);
    },
    `A value of type ${value === null ? 'null' : typeof value} becomes ${text}`,
  );
}
test(() => {
  assert_throws_js(TypeError, () => new Headers({ a: Symbol('s') }));
}, 'A symbol is no value');
test(() => {
  assert_throws_js(TypeError, () => new Headers({ [Symbol('s')]: 'a' }));
}, 'A symbol is no name');

// The constructor's argument: sequence<sequence<ByteString>> or record.
for (const bad of [null, 1, 'a', true, Symbol('s')]) {
  test(
    () => {
      assert_throws_js(TypeError, () => new Headers(bad));
    },
    `new Headers refuses ${String(bad)}`,
  );
}
for (const bad of [[['a']], [['a', 'b', 'c']], [[]], ['ab'], [1], [null]]) {
  test(
    () => {
      assert_throws_js(TypeError, () => new Headers(bad));
    },
    `new Headers refuses the sequence ${JSON.stringify(bad)}`,
  );
}
test(() => {
  assert_array_equals(combined(new Headers()), []);
  assert_array_equals(combined(new Headers(undefined)), []);
  assert_array_equals(combined(new Headers({})), []);
  assert_array_equals(combined(new Headers([])), []);
}, 'new Headers without entries');
test(() => {
  const inherited = Object.create({ a: '1' });
  inherited.b = '2';
  Object.defineProperty(inherited, 'c', { value: '3', enumerable: false });
  assert_array_equals(combined(new Headers(inherited)), ['b: 2']);
}, 'A record has the own enumerable properties');
test(() => {
  const log = [];
  const proxy = new Proxy(
    { b: '1', a: '2' },
    {
      get(target, key, receiver) {
        log.push(`get ${String(key)}`);
        return Reflect.get(target, key, receiver);
      },
      ownKeys(target) {
        log.push('ownKeys');
        return Reflect.ownKeys(target);
      },
      getOwnPropertyDescriptor(target, key) {
        log.push(`own ${String(key)}`);
        return Reflect.getOwnPropertyDescriptor(target, key);
      },
    },
  );
  new Headers(proxy);
  assert_array_equals(log, [
    'get Symbol(Symbol.iterator)',
    'ownKeys',
    'own b',
    'get b',
    'own a',
    'get a',
  ]);
}, 'A record is read in the order of Web IDL');
test(() => {
  const map = new Map([
    ['b', '2'],
    ['a', '1'],
  ]);
  assert_array_equals(combined(new Headers(map)), ['a: 1', 'b: 2']);
}, 'Any iterable of pairs will do');
test(() => {
  function* pairs() {
    yield ['a', '1'];
    yield new Set(['b', '2']);
  }
  assert_array_equals(combined(new Headers(pairs())), ['a: 1', 'b: 2']);
}, 'The pairs may be iterables themselves');
test(() => {
  const source = new Headers([
    ['a', '1'],
    ['a', '2'],
    ['set-cookie', 'x'],
    ['set-cookie', 'y'],
  ]);
  const copy = new Headers(source);
  source.set('a', '3');
  assert_array_equals(combined(copy), ['a: 1, 2', 'set-cookie: x', 'set-cookie: y']);
}, 'Headers from Headers are a copy');
test(() => {
  const headers = new Headers({ a: '1' });
  headers[Symbol.iterator] = function* () {
    yield ['b', '2'];
  };
  assert_array_equals(
    combined(new Headers(headers)).filter((line) => line.startsWith('b')),
    ['b: 2'],
  );
}, 'Headers whose iterator is another are read by it');

// Combine, sort, and walk: §2.2.
test(() => {
  const headers = new Headers([
    ['b', '1'],
    ['a', '2'],
    ['B', '3'],
    ['A', '4'],
  ]);
  assert_array_equals(combined(headers), ['a: 2, 4', 'b: 1, 3']);
  assert_equals(headers.get('a'), '2, 4');
}, 'Values of one name are combined, names sorted');
test(() => {
  const headers = new Headers([
    ['a', ''],
    ['a', ''],
  ]);
  assert_equals(headers.get('a'), ', ');
}, 'Empty values are combined too');
test(() => {
  const headers = new Headers([
    ['b', '1'],
    ['a', '2'],
    ['b', '3'],
  ]);
  headers.set('b', '4');
  assert_array_equals(combined(headers), ['a: 2', 'b: 4']);
}, 'set replaces all of a name');
test(() => {
  const headers = new Headers([
    ['b', '1'],
    ['B', '3'],
    ['c', '5'],
  ]);
  headers.delete('B');
  headers.delete('absent');
  assert_array_equals(combined(headers), ['c: 5']);
}, 'delete takes all of a name');
test(() => {
  assert_equals(new Headers().get('a'), null);
  assert_false(new Headers().has('a'));
}, 'get of what is not there is null');
test(() => {
  const names = ['z', 'a-', 'a', 'a0', 'a_', 'aa', '0', '-', '~', '!'];
  const headers = new Headers(names.map((name) => [name, 'v']));
  assert_array_equals([...headers.keys()], names.toSorted());
}, 'Names are sorted by byte');
test(() => {
  const headers = new Headers([
    ['a', '1'],
    ['c', '3'],
  ]);
  const seen = [];
  for (const [name] of headers) {
    seen.push(name);
    if (name === 'a') headers.append('b', '2');
  }
  assert_array_equals(seen, ['a', 'b', 'c']);
}, 'A walk sees what is appended behind it');
test(() => {
  const headers = new Headers([
    ['b', '1'],
    ['c', '3'],
  ]);
  const seen = [];
  for (const [name] of headers) {
    seen.push(name);
    if (seen.length === 1) headers.append('a', '2');
  }
  assert_array_equals(seen, ['b', 'b', 'c']);
}, 'A walk goes by index');
test(() => {
  const headers = new Headers([
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
  ]);
  const seen = [];
  for (const [name] of headers) {
    seen.push(name);
    headers.delete(name);
  }
  assert_array_equals(seen, ['a', 'c']);
}, 'A walk that deletes leaves out every second');

// Set-Cookie.
test(() => {
  const headers = new Headers();
  assert_array_equals(headers.getSetCookie(), []);
  headers.append('set-cookie', 'a=1; Expires=Wed, 01 Jan 2025 00:00:00 GMT');
  headers.append('Set-Cookie', 'b=2');
  assert_array_equals(headers.getSetCookie(), [
    'a=1; Expires=Wed, 01 Jan 2025 00:00:00 GMT',
    'b=2',
  ]);
}, 'getSetCookie gives each by itself');
test(() => {
  const headers = new Headers([
    ['set-cookie', 'a'],
    ['set-cookie', 'a'],
  ]);
  assert_array_equals(headers.getSetCookie(), ['a', 'a']);
  assert_array_equals(combined(headers), ['set-cookie: a', 'set-cookie: a']);
}, 'Equal cookies stay two');
test(() => {
  const headers = new Headers([
    ['set-cookie', 'a'],
    ['set-cookie', 'b'],
  ]);
  assert_equals(headers.get('set-cookie'), 'a, b');
}, 'get combines cookies');
test(() => {
  const headers = new Headers([
    ['set-cookie', 'a'],
    ['set-cookie', 'b'],
  ]);
  headers.set('set-cookie', 'c');
  assert_array_equals(headers.getSetCookie(), ['c']);
  headers.delete('set-cookie');
  assert_array_equals(headers.getSetCookie(), []);
}, 'set and delete know cookies');
test(() => {
  const headers = new Headers([
    ['z', '1'],
    ['set-cookie', 'b'],
    ['a', '2'],
    ['set-cookie', 'a'],
  ]);
  assert_array_equals(combined(headers), ['a: 2', 'set-cookie: b', 'set-cookie: a', 'z: 1']);
}, 'Cookies are walked in place and in order');
test(() => {
  assert_array_equals(new Headers([['set-cookie', '']]).getSetCookie(), ['']);
}, 'An empty cookie is one');
test(() => {
  assert_array_equals(new Headers([['set-cookie2', 'a']]).getSetCookie(), []);
}, 'Set-Cookie2 is none');

// Guards, §5.1: "immutable" and "response"; Workers have no forbidden headers.
for (const method of ['append', 'set', 'delete']) {
  test(() => {
    const { headers } = Response.redirect('http://example.com/');
    assert_throws_js(TypeError, () => headers[method]('a', 'b'));
  }, `Headers of Response.redirect refuse ${method}`);
  test(() => {
    const { headers } = Response.error();
    assert_throws_js(TypeError, () => headers[method]('a', 'b'));
  }, `Headers of Response.error refuse ${method}`);
}
for (const name of [
  'accept-charset',
  'cookie',
  'date',
  'dnt',
  'expect',
  'host',
  'origin',
  'referer',
  'te',
  'via',
  'proxy-a',
  'sec-a',
  'access-control-request-headers',
]) {
  test(() => {
    const request = new Request('http://example.com/', { headers: { [name]: 'v' } });
    assert_equals(request.headers.get(name), 'v');
  }, `A request of a Worker may have ${name}`);
}
for (const name of ['set-cookie', 'set-cookie2']) {
  test(() => {
    const response = new Response('', { headers: { [name]: 'v' } });
    assert_equals(response.headers.get(name), 'v');
  }, `A response of a Worker may have ${name}`);
}

// Shape: Web IDL.
for (const [method, length] of [
  ['append', 2],
  ['delete', 1],
  ['get', 1],
  ['getSetCookie', 0],
  ['has', 1],
  ['set', 2],
  ['entries', 0],
  ['keys', 0],
  ['values', 0],
  ['forEach', 1],
]) {
  test(() => {
    assert_equals(Headers.prototype[method].length, length);
    const own = Object.getOwnPropertyDescriptor(Headers.prototype, method);
    assert_true(own.enumerable && own.writable && own.configurable);
  }, `Headers.prototype.${method}: length ${length}, enumerable`);
  test(() => {
    assert_throws_js(TypeError, () => Headers.prototype[method].call({}, 'a', 'b'));
  }, `Headers.prototype.${method} wants Headers`);
  if (length > 0)
    test(() => {
      assert_throws_js(TypeError, () => new Headers()[method]());
    }, `Headers.prototype.${method} wants its arguments`);
}
test(() => {
  assert_throws_js(TypeError, () => Headers());
}, 'Headers is called by new');
test(() => {
  assert_equals(Headers.length, 0);
  assert_equals(Headers.name, 'Headers');
  assert_equals(String(new Headers()), '[object Headers]');
  assert_equals(Headers.prototype[Symbol.iterator], Headers.prototype.entries);
}, 'Headers: length, name, tag and iterator');
test(() => {
  const iterator = new Headers({ a: '1' }).entries();
  assert_equals(String(iterator), '[object Headers Iterator]');
  assert_equals(iterator[Symbol.iterator](), iterator);
  assert_throws_js(TypeError, () => iterator.next.call({}));
}, 'The iterator of Headers');
test(() => {
  const seen = [];
  const self = {};
  const headers = new Headers({ a: '1', b: '2' });
  headers.forEach(function (...args) {
    seen.push([this === self, ...args]);
  }, self);
  assert_equals(seen.length, 2);
  assert_array_equals(seen[0], [true, '1', 'a', headers]);
  assert_array_equals(seen[1], [true, '2', 'b', headers]);
}, 'forEach: receiver and arguments');
for (const bad of [undefined, null, 1, {}, 'f'])
  test(
    () => {
      assert_throws_js(TypeError, () => new Headers({ a: '1' }).forEach(bad));
    },
    `forEach refuses ${typeof bad} ${String(bad)}`,
  );
