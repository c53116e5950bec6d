// The Body mixin, Fetch Standard §5.3: how bodies are consumed, once.

const url = 'http://example.com/';
const kinds = [
  [
    'Request',
    (body, headers = {}) => new Request(url, { method: 'POST', body, headers, duplex: 'half' }),
  ],
  ['Response', (body, headers = {}) => new Response(body, { headers })],
];
const readers = ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'];
const form = { 'content-type': 'application/x-www-form-urlencoded' };
// Something that every reader takes: a form that is JSON as well.
const bodyFor = (reader) => (reader === 'json' ? '1' : 'a=1');

for (const [kind, make] of kinds) {
  for (const reader of readers) {
    promise_test(async () => {
      const holder = make(bodyFor(reader), form);
      assert_false(holder.bodyUsed);
      const reading = holder[reader]();
      assert_true(reading instanceof Promise);
      assert_true(holder.bodyUsed);
      await reading;
    }, `${kind}.${reader} uses the body at once`);
    for (const second of readers)
      promise_test(async (t) => {
        const holder = make(bodyFor(reader), form);
        await holder[reader]();
        await promise_rejects_js(t, TypeError, holder[second]());
      }, `${kind}: ${reader}, then ${second}`);
    promise_test(async (t) => {
      const holder = make('a=1', form);
      const lock = holder.body.getReader();
      await promise_rejects_js(t, TypeError, holder[reader]());
      assert_false(holder.bodyUsed);
      lock.releaseLock();
    }, `${kind}.${reader} of a locked body rejects and does not use it`);
    promise_test(async (t) => {
      const error = new Error('own');
      const stream = new ReadableStream({
        pull(controller) {
          controller.error(error);
        },
      });
      await promise_rejects_exactly(t, error, make(stream, form)[reader]());
    }, `${kind}.${reader} rejects as the stream does`);
    for (const chunk of ['text', 1, {}, null, [1]])
      promise_test(
        async (t) => {
          const stream = new ReadableStream({
            start(controller) {
              controller.enqueue(chunk);
              controller.close();
            },
          });
          await promise_rejects_js(t, TypeError, make(stream, form)[reader]());
        },
        `${kind}.${reader} refuses a stream of ${JSON.stringify(chunk)}`,
      );
    promise_test(async (t) => {
      await promise_rejects_js(t, TypeError, self[kind].prototype[reader].call({}));
    }, `${kind}.prototype.${reader} rejects for another receiver`);
    test(() => {
      assert_equals(self[kind].prototype[reader].length, 0);
      assert_true(Object.getOwnPropertyDescriptor(self[kind].prototype, reader).enumerable);
    }, `${kind}.prototype.${reader} has no parameters`);
  }

  // Without a body.
  promise_test(async (t) => {
    assert_equals(await make(null).text(), '');
    assert_equals((await make(null).arrayBuffer()).byteLength, 0);
    assert_equals((await make(null).bytes()).length, 0);
    assert_equals((await make(null).blob()).size, 0);
    await promise_rejects_js(t, SyntaxError, make(null).json());
    await promise_rejects_js(t, TypeError, make(null).formData());
  }, `${kind} without a body`);
  promise_test(async () => {
    const holder = make(null);
    await holder.text();
    assert_false(holder.bodyUsed);
    await holder.text();
  }, `${kind} without a body is never used`);

  // What the readers give.
  promise_test(async () => {
    const bytes = await make('aü').bytes();
    assert_true(bytes instanceof Uint8Array);
    assert_array_equals(bytes, [97, 0xc3, 0xbc]);
    assert_equals(bytes.buffer.byteLength, 3);
  }, `${kind}.bytes`);
  promise_test(async () => {
    const blob = await make('a', { 'content-type': 'Text/HTML; charset=utf-8' }).blob();
    assert_true(blob instanceof Blob);
    assert_equals(blob.type, 'text/html;charset=utf-8');
    assert_equals(await blob.text(), 'a');
  }, `${kind}.blob has the type`);
  for (const [bytes, text] of [
    [[0xef, 0xbb, 0xbf, 0x61], 'a'],
    [[0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
    [[0xff, 0x61], '\ufffda'],
    [[0xc3], '\ufffd'],
    [[0xe2, 0x82, 0x61], '\ufffda'],
    [[0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
    [[0xfe, 0xff, 0, 0x61], '\ufffd\ufffd\u0000a'],
    [[], ''],
    [[0], '\u0000'],
  ])
    promise_test(
      async () => {
        assert_equals(await make(new Uint8Array(bytes)).text(), text);
      },
      `${kind}.text decodes ${bytes.join(' ')}`,
    );
  promise_test(async () => {
    const stream = new ReadableStream({
      start(controller) {
        for (const byte of [0xe2, 0x82, 0xac]) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    assert_equals(await make(stream).text(), '€');
  }, `${kind}.text joins a character that comes in parts`);
  promise_test(async () => {
    assert_equals(await make('a', { 'content-type': 'text/plain;charset=utf-16' }).text(), 'a');
  }, `${kind}.text is UTF-8, whatever the type says`);
  for (const [text, value] of [
    ['1', 1],
    ['"a"', 'a'],
    [' null ', null],
    ['\ufeff[1]', undefined],
  ])
    promise_test(
      async () => {
        const found = await make(text).json();
        if (value !== undefined) assert_equals(found, value);
        else assert_array_equals(found, [1]);
      },
      `${kind}.json of ${JSON.stringify(text)}`,
    );
  for (const text of ['', ' ', '{', 'undefined', "'a'", '{a:1}', '[1,]', '\u00a01'])
    promise_test(
      async (t) => {
        await promise_rejects_js(t, SyntaxError, make(text).json());
      },
      `${kind}.json refuses ${JSON.stringify(text)}`,
    );

  // Forms, by the type.
  for (const type of [
    '',
    'text/plain',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'application/json',
    'multipart/mixed; boundary=a',
  ])
    promise_test(
      async (t) => {
        const headers = type === '' ? {} : { 'content-type': type };
        const bytes = new TextEncoder().encode('a=1');
        await promise_rejects_js(t, TypeError, make(bytes, headers).formData());
      },
      `${kind}.formData refuses the type ${JSON.stringify(type)}`,
    );
  for (const type of [
    'application/x-www-form-urlencoded',
    'APPLICATION/X-WWW-Form-urlencoded',
    'application/x-www-form-urlencoded;charset=utf-16',
    ' application/x-www-form-urlencoded ; a=b',
  ])
    promise_test(
      async () => {
        const data = await make('a=1&b=%C3%BC+c&a=2&&d', { 'content-type': type }).formData();
        assert_array_equals([...data].flat(), ['a', '1', 'b', 'ü c', 'a', '2', 'd', '']);
      },
      `${kind}.formData of the type ${JSON.stringify(type)}`,
    );

  // The stream.
  promise_test(async () => {
    const { body } = make('abc');
    const chunks = [];
    for await (const chunk of body) chunks.push(...chunk);
    assert_equals(String.fromCharCode(...chunks), 'abc');
  }, `${kind}.body is walked`);
  promise_test(async () => {
    const holder = make('abc');
    const reader = holder.body.getReader();
    assert_false(holder.bodyUsed);
    await reader.read();
    assert_true(holder.bodyUsed);
  }, `${kind}.bodyUsed after a read`);
  promise_test(async () => {
    const holder = make('abc');
    await holder.body.cancel();
    assert_true(holder.bodyUsed);
  }, `${kind}.bodyUsed after a cancel`);
  promise_test(async () => {
    let reason;
    const stream = new ReadableStream({
      cancel(why) {
        reason = why;
      },
    });
    await make(stream).body.cancel('enough');
    assert_equals(reason, 'enough');
  }, `${kind}: a cancel reaches the source`);
  test(() => {
    const holder = make('abc');
    assert_equals(holder.body, holder.body);
    assert_false(holder.body.locked);
  }, `${kind}.body is one object`);
  promise_test(async () => {
    const holder = make('abc');
    const [one, two] = holder.body.tee();
    assert_equals(await new Response(one).text(), 'abc');
    assert_equals(await new Response(two).text(), 'abc');
    assert_true(holder.body.locked);
  }, `${kind}: a body is teed`);
  promise_test(async () => {
    const reader = make('abcdef').body.getReader({ mode: 'byob' });
    const { value, done } = await reader.read(new Uint8Array(4));
    assert_false(done);
    assert_equals(String.fromCharCode(...value), 'abcd');
  }, `${kind}.body is a byte stream`);
  promise_test(async () => {
    const holder = make('abc');
    const piped = holder.body.pipeThrough(
      new TransformStream({
        transform(chunk, controller) {
          controller.enqueue(chunk.map((byte) => byte - 32));
        },
      }),
    );
    assert_equals(await new Response(piped).text(), 'ABC');
    assert_true(holder.bodyUsed);
  }, `${kind}.body is piped`);
}
