// Transfer of streams, Streams §8.2: by structuredClone() and by MessagePort.postMessage().

const transferred = (stream) => structuredClone(stream, { transfer: [stream] });
const posted = (stream) =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = ({ data }) => resolve(data);
    port1.postMessage(stream, [stream]);
  });
const chunksOf = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};

for (const [way, give] of [
  ['structuredClone', async (stream) => transferred(stream)],
  ['postMessage', posted],
]) {
  promise_test(async () => {
    const stream = ReadableStream.from([1, { a: [2] }, 'three']);
    const given = await give(stream);
    assert_true(given instanceof ReadableStream);
    assert_not_equals(given, stream);
    assert_true(stream.locked);
    assert_false(given.locked);
    const chunks = await chunksOf(given);
    assert_equals(JSON.stringify(chunks), '[1,{"a":[2]},"three"]');
  }, `${way}: a ReadableStream goes on where it is given`);

  promise_test(async () => {
    const written = [];
    let closed = false;
    const stream = new WritableStream({
      write: (chunk) => void written.push(chunk),
      close() {
        closed = true;
      },
    });
    const given = await give(stream);
    assert_true(given instanceof WritableStream);
    assert_true(stream.locked);
    const writer = given.getWriter();
    await writer.write('a');
    await writer.write({ b: 1 });
    await writer.close();
    while (!closed) await new Promise((resolve) => setTimeout(resolve));
    assert_equals(JSON.stringify(written), '["a",{"b":1}]');
  }, `${way}: a WritableStream goes on where it is given`);

  promise_test(async () => {
    const stream = new TransformStream({
      transform: (chunk, controller) => controller.enqueue(chunk * 2),
    });
    const given = await give(stream);
    assert_true(given instanceof TransformStream);
    assert_true(stream.readable.locked && stream.writable.locked);
    const doubled = chunksOf(ReadableStream.from([1, 2, 3]).pipeThrough(given));
    assert_array_equals(await doubled, [2, 4, 6]);
  }, `${way}: a TransformStream goes on where it is given`);
}

promise_test(async () => {
  const chunk = { a: 1 };
  const stream = transferred(ReadableStream.from([chunk]));
  const [copy] = await chunksOf(stream);
  assert_not_equals(copy, chunk);
  assert_equals(copy.a, 1);
}, 'Chunks are clones');

promise_test(async () => {
  let twice = ReadableStream.from(['x']);
  for (let i = 0; i < 3; i++) twice = transferred(twice);
  assert_array_equals(await chunksOf(twice), ['x']);
}, 'A stream goes through several hands');

promise_test(async () => {
  const bytes = new Response('a body').body;
  assert_equals(await new Response(transferred(bytes)).text(), 'a body');
}, 'The body of a Response goes');

promise_test(async (t) => {
  const error = new RangeError('of the source');
  const stream = new ReadableStream({
    start(controller) {
      controller.error(error);
    },
  });
  const reader = transferred(stream).getReader();
  const got = await reader.read().then(t.unreached_func('read'), (each) => each);
  assert_true(got instanceof RangeError);
  assert_not_equals(got, error);
  assert_equals(got.message, 'of the source');
}, 'An error of the source comes over');

promise_test(async () => {
  const { promise, resolve } = Promise.withResolvers();
  const stream = transferred(new ReadableStream({ cancel: resolve }));
  await stream.cancel('enough');
  assert_equals(await promise, 'enough');
}, 'A cancel comes back to the source');

promise_test(async () => {
  const { promise, resolve } = Promise.withResolvers();
  const stream = transferred(new WritableStream({ abort: resolve }));
  await stream.abort('no more');
  assert_equals(await promise, 'no more');
}, 'An abort comes to the sink');

promise_test(async (t) => {
  const writer = transferred(
    new WritableStream({
      write() {
        throw new TypeError('of the sink');
      },
    }),
  ).getWriter();
  await writer.write('a');
  const error = await writer.closed.then(t.unreached_func('closed'), (each) => each);
  assert_equals(error.message, 'of the sink');
}, 'An error of the sink comes back');

promise_test(async (t) => {
  const { promise, resolve } = Promise.withResolvers();
  const source = new ReadableStream({
    start(controller) {
      controller.enqueue(() => {});
    },
    cancel: resolve,
  });
  const reader = transferred(source).getReader();
  const error = await reader.read().then(t.unreached_func('read'), (each) => each);
  assert_equals(error.name, 'DataCloneError');
  assert_equals((await promise).name, 'DataCloneError');
}, 'A chunk that cannot be cloned ends both sides');

promise_test(async () => {
  let pulls = 0;
  const stream = transferred(
    new ReadableStream(
      {
        pull(controller) {
          controller.enqueue(++pulls);
        },
      },
      { highWaterMark: 0 },
    ),
  );
  const reader = stream.getReader();
  await reader.read();
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve));
  // One more waits on the way: the writable end has a high water mark of one.
  assert_less_than_equal(pulls, 3);
}, 'Nothing is pulled that nobody asks for');

for (const [what, make] of [
  ['ReadableStream', () => new ReadableStream()],
  ['WritableStream', () => new WritableStream()],
  ['TransformStream', () => new TransformStream()],
]) {
  test(() => {
    const stream = make();
    assert_throws_dom('DataCloneError', () => structuredClone(stream));
    assert_throws_dom('DataCloneError', () => structuredClone({ stream }));
  }, `A ${what} that is not transferred is not cloned`);
  test(() => {
    const stream = make();
    (stream.readable ?? stream)[stream instanceof WritableStream ? 'getWriter' : 'getReader']();
    assert_throws_dom('DataCloneError', () => transferred(stream));
  }, `A ${what} that is locked is not transferred`);
  test(() => {
    const stream = make();
    assert_throws_dom('DataCloneError', () =>
      structuredClone(stream, { transfer: [stream, stream] }),
    );
    assert_false((stream.readable ?? stream).locked);
  }, `A ${what} that stands twice in the list is not transferred`);
  test(() => {
    const stream = make();
    const buffer = new ArrayBuffer(1);
    const value = {
      stream,
      get bad() {
        return () => {};
      },
    };
    assert_throws_dom('DataCloneError', () =>
      structuredClone(value, { transfer: [stream, buffer] }),
    );
    assert_false((stream.readable ?? stream).locked);
  }, `A ${what} stays where it is when the clone fails`);
}

test(() => {
  const stream = new ReadableStream();
  const value = {
    stream,
    get later() {
      return stream.getReader() && 1;
    },
  };
  assert_throws_dom('DataCloneError', () => structuredClone(value, { transfer: [stream] }));
}, 'A stream that a getter locks meanwhile is not transferred');

promise_test(async () => {
  const { readable, writable } = new TransformStream();
  const given = structuredClone({ readable, writable }, { transfer: [readable, writable] });
  const writer = given.writable.getWriter();
  const read = given.readable.getReader().read();
  await writer.write('through');
  assert_equals((await read).value, 'through');
}, 'Both sides of a TransformStream go by themselves');

test(() => {
  const stream = new TransformStream();
  assert_throws_dom('DataCloneError', () =>
    structuredClone(0, { transfer: [stream, stream.readable] }),
  );
}, 'A side does not go beside its TransformStream');
