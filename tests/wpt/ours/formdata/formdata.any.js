// FormData, §4 of the standard of XHR, and its coding as multipart/form-data, HTML
// §4.10.21.7 and Fetch §5.3.

const pairs = (data) =>
  [...data].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]);
const roundTrip = async (data) => new Response(data).formData();

test(() => {
  assert_array_equals([...new FormData()], []);
  assert_array_equals([...new FormData(undefined)], []);
  assert_throws_js(TypeError, () => FormData());
  assert_equals(String(new FormData()), '[object FormData]');
}, 'A form of nothing');
for (const bad of [null, 1, 'a', {}, []])
  test(
    () => {
      assert_throws_js(TypeError, () => new FormData(bad));
    },
    `new FormData refuses ${JSON.stringify(bad)}`,
  );

// Values are converted.
for (const [given, text] of [
  [1, '1'],
  [null, 'null'],
  [undefined, 'undefined'],
  [{}, '[object Object]'],
  ['\ud800', '\ufffd'],
  ['a\udc00b', 'a\ufffdb'],
  ['a\nb', 'a\nb'],
  ['a\r\nb', 'a\r\nb'],
]) {
  for (const method of ['append', 'set']) {
    test(
      () => {
        const data = new FormData();
        data[method]('n', given);
        assert_equals(data.get('n'), text);
      },
      `${method}: the value ${JSON.stringify(given)} is ${JSON.stringify(text)}`,
    );
    test(
      () => {
        const data = new FormData();
        data[method](given, 'v');
        assert_equals(data.get(text), 'v');
        assert_true(data.has(text));
      },
      `${method}: the name ${JSON.stringify(given)} is ${JSON.stringify(text)}`,
    );
  }
}
// Files: "create an entry".
for (const method of ['append', 'set']) {
  test(() => {
    const data = new FormData();
    data[method]('n', new Blob(['a'], { type: 'a/b' }));
    const file = data.get('n');
    assert_true(file instanceof File);
    assert_equals(file.name, 'blob');
    assert_equals(file.type, 'a/b');
    assert_equals(file.size, 1);
  }, `${method}: a Blob becomes a File called blob`);
  test(() => {
    const data = new FormData();
    data[method]('n', new Blob(['a']), 'own.txt');
    assert_equals(data.get('n').name, 'own.txt');
  }, `${method}: a Blob gets the name`);
  test(() => {
    const data = new FormData();
    const file = new File(['a'], 'f.txt', { lastModified: 5 });
    data[method]('n', file);
    assert_equals(data.get('n').name, 'f.txt');
    assert_equals(data.get('n').lastModified, 5);
    data[method]('m', file, 'g.txt');
    assert_equals(data.get('m').name, 'g.txt');
  }, `${method}: a File keeps its name unless another is given`);
  test(() => {
    const data = new FormData();
    data[method]('n', new Blob(['a']), undefined);
    assert_equals(data.get('n').name, 'blob');
  }, `${method}: a name of undefined is none`);
  for (const bad of ['text', 1, null, {}])
    test(
      () => {
        assert_throws_js(TypeError, () => new FormData()[method]('n', bad, 'name'));
      },
      `${method}: a name goes with no ${JSON.stringify(bad)}`,
    );
  test(() => {
    assert_throws_js(TypeError, () => new FormData()[method]());
    assert_throws_js(TypeError, () => new FormData()[method]('a'));
    assert_throws_js(TypeError, () => FormData.prototype[method].call({}, 'a', 'b'));
    assert_equals(FormData.prototype[method].length, 2);
  }, `${method}: arguments, receiver, length`);
}
for (const method of ['get', 'getAll', 'has', 'delete'])
  test(() => {
    assert_throws_js(TypeError, () => new FormData()[method]());
    assert_throws_js(TypeError, () => FormData.prototype[method].call({}, 'a'));
    assert_equals(FormData.prototype[method].length, 1);
  }, `${method}: arguments, receiver, length`);

function abc() {
  const data = new FormData();
  for (const [name, value] of [
    ['a', '1'],
    ['b', '2'],
    ['a', '3'],
    ['c', '4'],
  ])
    data.append(name, value);
  return data;
}
test(() => {
  assert_array_equals(pairs(abc()).flat(), ['a', '1', 'b', '2', 'a', '3', 'c', '4']);
  assert_equals(abc().get('a'), '1');
  assert_equals(abc().get('x'), null);
  assert_array_equals(abc().getAll('a'), ['1', '3']);
  assert_array_equals(abc().getAll('x'), []);
  assert_true(abc().has('b'));
  assert_false(abc().has('B'));
}, 'get, getAll, has');
test(() => {
  const data = abc();
  data.set('a', '5');
  assert_array_equals(pairs(data).flat(), ['a', '5', 'b', '2', 'c', '4']);
  data.set('d', '6');
  assert_array_equals(pairs(data).flat(), ['a', '5', 'b', '2', 'c', '4', 'd', '6']);
}, 'set replaces the first and takes the others, or appends');
test(() => {
  const data = abc();
  data.delete('a');
  data.delete('x');
  assert_array_equals(pairs(data).flat(), ['b', '2', 'c', '4']);
}, 'delete takes all of a name');
test(() => {
  const data = abc();
  const seen = [];
  for (const [name] of data) {
    seen.push(name);
    data.delete(name);
  }
  assert_array_equals(seen, ['a', 'c']);
}, 'A walk goes by index');
test(() => {
  assert_array_equals([...abc().keys()], ['a', 'b', 'a', 'c']);
  assert_array_equals([...abc().values()], ['1', '2', '3', '4']);
  assert_equals(FormData.prototype[Symbol.iterator], FormData.prototype.entries);
  const seen = [];
  const self = {};
  const data = abc();
  data.forEach(function (value, name, form) {
    seen.push(name + value);
    assert_equals(this, self);
    assert_equals(form, data);
  }, self);
  assert_array_equals(seen, ['a1', 'b2', 'a3', 'c4']);
}, 'keys, values, entries, forEach');

// Encoding.
promise_test(async () => {
  const response = new Response(abc());
  const type = response.headers.get('content-type');
  const [, boundary] = type.match(/^multipart\/form-data; ?boundary=(?:"([^"]+)"|[^"]+)$/) && [
    null,
    type.split('boundary=')[1].replaceAll('"', ''),
  ];
  const text = await response.text();
  assert_true(text.startsWith(`--${boundary}\r\n`));
  assert_true(text.endsWith(`--${boundary}--\r\n`) || text.endsWith(`--${boundary}--`));
  assert_equals(text.split(`--${boundary}`).length, 6);
}, 'The boundary of the type parts the entries');
for (const [value, written] of [
  ['a"b', 'a%22b'],
  ['a\nb', 'a%0D%0Ab'],
  ['a\rb', 'a%0D%0Ab'],
  ['a\r\nb', 'a%0D%0Ab'],
  ['a%22b', 'a%22b'],
  ['ü', 'ü'],
  ["a'b", "a'b"],
  ['a\\b', 'a\\b'],
  ['a;b=c', 'a;b=c'],
]) {
  promise_test(
    async () => {
      const data = new FormData();
      data.append(value, 'v');
      assert_true((await new Response(data).text()).includes(`name="${written}"`));
    },
    `The name ${JSON.stringify(value)} is written as ${written}`,
  );
}
for (const [value, written] of [
  ['a"b', 'a%22b'],
  ['a\nb', 'a%0Ab'],
  ['a\rb', 'a%0Db'],
  ['a\r\nb', 'a%0D%0Ab'],
  ['ü', 'ü'],
])
  promise_test(
    async () => {
      const data = new FormData();
      data.append('f', new Blob(['x']), value);
      assert_true((await new Response(data).text()).includes(`filename="${written}"`));
    },
    `The file name ${JSON.stringify(value)} is written as ${written}`,
  );
for (const [value, written] of [
  ['a\nb', 'a\r\nb'],
  ['a\rb', 'a\r\nb'],
  ['a\r\nb', 'a\r\nb'],
  ['\n\r', '\r\n\r\n'],
])
  promise_test(
    async () => {
      const data = new FormData();
      data.append('n', value);
      assert_equals((await roundTrip(data)).get('n'), written);
    },
    `The value ${JSON.stringify(value)} arrives as ${JSON.stringify(written)}`,
  );
promise_test(async () => {
  const data = new FormData();
  data.append('f', new Blob(['x']));
  assert_true((await new Response(data).text()).includes('Content-Type: application/octet-stream'));
}, 'A file without a type is of octets');

// There and back.
for (const name of [
  'a',
  '',
  'ü',
  '名',
  'a"b',
  'a b',
  'a;b',
  'a=b',
  'a\\b',
  "a'b",
  '\u{1F600}',
  'name',
  'filename="x"',
])
  promise_test(
    async () => {
      const data = new FormData();
      data.append(name, 'v');
      data.append('f', new File(['x'], name || 'e'));
      const back = await roundTrip(data);
      assert_equals(back.get(name), 'v');
      assert_equals(back.get('f').name, name || 'e');
    },
    `The name ${JSON.stringify(name)} comes back`,
  );
for (const value of [
  '',
  'a',
  'ü名\u{1F600}',
  '--',
  '\r\n',
  '\r\n--',
  '--\r\n\r\n',
  'a: b\r\n\r\nc',
  '\u0000',
])
  promise_test(
    async () => {
      const data = new FormData();
      data.append('n', value);
      data.append('f', new File([value], 'x', { type: 'a/b' }));
      const back = await roundTrip(data);
      assert_equals(back.get('n'), value);
      assert_equals(await back.get('f').text(), value);
      assert_equals(back.get('f').type, 'a/b');
    },
    `The value ${JSON.stringify(value)} comes back`,
  );
promise_test(async () => {
  const bytes = new Uint8Array(256).map((_, i) => i);
  const data = new FormData();
  data.append('f', new Blob([bytes]));
  assert_array_equals([...(await (await roundTrip(data)).get('f').bytes())], [...bytes]);
}, 'Every byte of a file comes back');
promise_test(async () => {
  assert_array_equals([...(await roundTrip(new FormData()))], []);
}, 'A form of nothing comes back');
promise_test(async () => {
  assert_array_equals(pairs(await roundTrip(abc())).flat(), pairs(abc()).flat());
}, 'The order comes back');

// Decoding what others wrote.
const decode = (text, boundary = 'b') =>
  new Response(new TextEncoder().encode(text), {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  }).formData();
const part = (head, body) => `--b\r\n${head}\r\n\r\n${body}\r\n`;
for (const [what, text, expected] of [
  ['one entry', `${part('Content-Disposition: form-data; name="a"', '1')}--b--\r\n`, ['a', '1']],
  [
    'no line at the end',
    `${part('Content-Disposition: form-data; name="a"', '1')}--b--`,
    ['a', '1'],
  ],
  [
    'a lower-case field',
    `${part('content-disposition: form-data; name="a"', '1')}--b--\r\n`,
    ['a', '1'],
  ],
  [
    'an upper-case field',
    `${part('CONTENT-DISPOSITION: form-data; name="a"', '1')}--b--\r\n`,
    ['a', '1'],
  ],
  [
    'other fields',
    `${part('X-A: b\r\nContent-Disposition: form-data; name="a"\r\nX-C: d', '1')}--b--\r\n`,
    ['a', '1'],
  ],
  [
    'a type of a value',
    `${part('Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain', '1')}--b--\r\n`,
    ['a', '1'],
  ],
  [
    'escapes',
    `${part('Content-Disposition: form-data; name="a%22b%0D%0A"', '1')}--b--\r\n`,
    ['a"b\r\n', '1'],
  ],
  [
    'two entries',
    `${part('Content-Disposition: form-data; name="a"', '1')}${part('Content-Disposition: form-data; name="a"', '2')}--b--\r\n`,
    ['a', '1', 'a', '2'],
  ],
  ['an empty value', `${part('Content-Disposition: form-data; name="a"', '')}--b--\r\n`, ['a', '']],
  [
    'a file',
    `${part('Content-Disposition: form-data; name="a"; filename="f"', '1')}--b--\r\n`,
    ['a', 'f'],
  ],
  [
    'a file without a name',
    `${part('Content-Disposition: form-data; name="a"; filename=""', '')}--b--\r\n`,
    ['a', ''],
  ],
])
  promise_test(async () => {
    assert_array_equals(pairs(await decode(text)).flat(), expected);
  }, `Decoding: ${what}`);
promise_test(async () => {
  const data = await decode(
    `${part('Content-Disposition: form-data; name="a"; filename="f"', '1')}--b--\r\n`,
  );
  assert_equals(data.get('a').type, 'text/plain');
}, 'A file without a type is of text/plain');
promise_test(async () => {
  const text = `--b c\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b c--\r\n`;
  assert_equals((await decode(text, '"b c"')).get('a'), '1');
}, 'A boundary in quotes');
for (const [what, text] of [
  ['nothing', ''],
  ['no boundary', 'abc'],
  ['another boundary', '--c\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--c--\r\n'],
  ['no name', `${part('Content-Disposition: form-data', '1')}--b--\r\n`],
  ['no disposition', `${part('X-A: b', '1')}--b--\r\n`],
  ['another disposition', `${part('Content-Disposition: attachment; name="a"', '1')}--b--\r\n`],
  ['no end', part('Content-Disposition: form-data; name="a"', '1')],
  ['no blank line', '--b\r\nContent-Disposition: form-data; name="a"\r\n--b--\r\n'],
])
  promise_test(async (t) => {
    await promise_rejects_js(t, TypeError, decode(text));
  }, `Decoding refuses ${what}`);
