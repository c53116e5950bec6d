// structuredClone, HTML §2.7: values, identity, what is refused, what is transferred.

const tag = (value) => Object.prototype.toString.call(value);

for (const value of [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  1.5,
  NaN,
  Infinity,
  -Infinity,
  '',
  'a',
  '\ud800',
  0n,
  -(2n ** 70n),
])
  test(
    () => {
      assert_equals(structuredClone(value), value);
      assert_equals(structuredClone([value])[0], value);
      assert_equals(structuredClone(new Map([[value, 1]])).get(value), 1);
    },
    `The primitive ${typeof value} ${Object.is(value, -0) ? '-0' : JSON.stringify(String(value))}`,
  );
// As text, for comparison: JSON, with what JSON does not know.
const shown = (value) =>
  JSON.stringify(value instanceof Map || value instanceof Set ? [...value] : value, (_, each) =>
    typeof each === 'bigint' || each instanceof BigInt ? `${each}n` : each,
  );
const typedArrays = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];
for (const [what, value] of [
  ['a boxed boolean', new Boolean(false)],
  ['a boxed number', new Number(-0)],
  ['a boxed text', new String('a')],
  ['a boxed big number', Object(5n)],
  ['a date', new Date(1e12)],
  ['an invalid date', new Date(NaN)],
  ['a regular expression', /a(b)?/giu],
  ['a map', new Map([[1, { a: 2 }]])],
  ['a set', new Set(['a', [1]])],
  ['a sparse array', Object.assign([1], { 2: 3 })],
  ['an object', { a: 1, b: { c: [] } }],
  ['an array with a name', Object.assign([1], { own: 2 })],
  ['an ArrayBuffer', new ArrayBuffer(8)],
  ['a DataView', new DataView(new ArrayBuffer(8), 2, 4)],
  ...typedArrays.map((Type) => [`a ${Type.name}`, new Type(new ArrayBuffer(32), 8, 2)]),
])
  test(() => {
    const copy = structuredClone(value);
    assert_not_equals(copy, value);
    assert_equals(tag(copy), tag(value));
    assert_equals(Object.getPrototypeOf(copy), Object.getPrototypeOf(value));
    assert_array_equals(Reflect.ownKeys(copy), Reflect.ownKeys(value));
    assert_equals(shown(copy), shown(value));
    if (ArrayBuffer.isView(value)) {
      assert_equals(copy.byteOffset, value.byteOffset);
      assert_equals(copy.buffer.byteLength, value.buffer.byteLength);
    }
  }, `A copy of ${what}`);
for (const Type of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])
  test(() => {
    const error = new Type('why', { cause: { deep: 1 } });
    error.own = 5;
    const copy = structuredClone(error);
    assert_equals(Object.getPrototypeOf(copy), Type.prototype);
    assert_equals(copy.message, 'why');
    assert_equals(copy.name, Type.name);
    assert_equals(copy.cause.deep, 1);
    assert_equals(typeof copy.stack, 'string');
    assert_false('own' in copy);
  }, `A copy of ${Type.name}`);
test(() => {
  class Own extends Error {}
  const copy = structuredClone(Object.assign(new Own('a'), { name: 'Other' }));
  assert_equals(Object.getPrototypeOf(copy), Error.prototype);
  assert_equals(copy.message, 'a');
}, 'An error of an own class becomes an Error');
test(() => {
  const error = new DOMException('why', 'AbortError');
  const copy = structuredClone(error);
  assert_true(copy instanceof DOMException);
  assert_equals(copy.name, 'AbortError');
  assert_equals(copy.code, 20);
  assert_equals(copy.message, 'why');
}, 'A copy of a DOMException');
promise_test(async () => {
  const blob = structuredClone(new Blob(['abc'], { type: 'a/b' }));
  assert_equals(blob.type, 'a/b');
  assert_equals(await blob.text(), 'abc');
  const file = structuredClone(new File(['abc'], 'f', { lastModified: 5 }));
  assert_true(file instanceof File);
  assert_equals(file.name, 'f');
  assert_equals(file.lastModified, 5);
}, 'Copies of a Blob and a File');

// Identity.
test(() => {
  const shared = {};
  const copy = structuredClone({
    a: shared,
    b: shared,
    list: [shared],
    map: new Map([[shared, shared]]),
  });
  assert_equals(copy.a, copy.b);
  assert_equals(copy.a, copy.list[0]);
  assert_equals(copy.map.get(copy.a), copy.a);
  assert_not_equals(copy.a, shared);
}, 'What is one stays one');
test(() => {
  const ring = { list: [] };
  ring.list.push(ring);
  ring.map = new Map([[ring, ring]]);
  const copy = structuredClone(ring);
  assert_equals(copy.list[0], copy);
  assert_equals(copy.map.get(copy), copy);
}, 'Rings');
test(() => {
  const buffer = new ArrayBuffer(8);
  const [one, two] = structuredClone([new Uint8Array(buffer), new Uint16Array(buffer)]);
  assert_equals(one.buffer, two.buffer);
}, 'Views of one buffer stay so');
// What is left out.
test(() => {
  class Own {
    a = 1;
    get b() {
      return 2;
    }
  }
  const copy = structuredClone(new Own());
  assert_equals(Object.getPrototypeOf(copy), Object.prototype);
  assert_array_equals(Object.keys(copy), ['a']);
}, 'Classes are left out');
test(() => {
  const value = Object.defineProperty({ a: 1, [Symbol('s')]: 2 }, 'hidden', { value: 3 });
  assert_array_equals(Reflect.ownKeys(structuredClone(value)), ['a']);
}, 'Symbols and what is not enumerable are left out');
test(() => {
  const copy = structuredClone(
    Object.freeze({
      get a() {
        return 1;
      },
    }),
  );
  const own = Object.getOwnPropertyDescriptor(copy, 'a');
  assert_true(own.writable && own.configurable && own.enumerable);
  assert_equals(own.value, 1);
  assert_false(Object.isFrozen(copy));
}, 'Getters become values');
test(() => {
  const expression = /a/g;
  expression.lastIndex = 5;
  assert_equals(structuredClone(expression).lastIndex, 0);
}, 'lastIndex is left out');
for (const [what, value] of [
  ['a function', () => {}],
  ['a symbol', Symbol('s')],
  ['a WeakMap', new WeakMap()],
  ['a WeakSet', new WeakSet()],
  ['a WeakRef', new WeakRef({})],
  ['a promise', Promise.resolve()],
  ['a method', { f() {} }],
  ['a class', class {}],
  ['a generator', (function* () {})()],
  ['a boxed symbol', Object(Symbol('s'))],
  ['an EventTarget', new EventTarget()],
  ['an Event', new Event('a')],
  ['an AbortSignal', new AbortController().signal],
  ['URLSearchParams', new URLSearchParams()],
  ['a URL', new URL('http://a')],
  ['a TextEncoder', new TextEncoder()],
]) {
  test(() => {
    assert_throws_dom('DataCloneError', () => structuredClone(value));
    assert_throws_dom('DataCloneError', () => structuredClone({ deep: [value] }));
  }, `${what} is refused`);
}
test(() => {
  const error = new Error('own');
  assert_throws_exactly(error, () =>
    structuredClone({
      get a() {
        throw error;
      },
    }),
  );
}, 'What a getter throws is thrown');
// Transfer.
test(() => {
  const buffer = new Uint8Array([1, 2, 3]).buffer;
  const copy = structuredClone({ buffer }, { transfer: [buffer] });
  assert_equals(buffer.byteLength, 0);
  assert_true(buffer.detached);
  assert_array_equals([...new Uint8Array(copy.buffer)], [1, 2, 3]);
}, 'A buffer is transferred');
test(() => {
  const buffer = new ArrayBuffer(4);
  structuredClone(1, { transfer: [buffer] });
  assert_true(buffer.detached);
}, 'Also one that is not in the value');
test(() => {
  const view = new Uint8Array(4);
  const copy = structuredClone(view, { transfer: [view.buffer] });
  assert_equals(view.length, 0);
  assert_equals(copy.length, 4);
}, 'A view follows its buffer');
for (const [what, list] of [
  ['a view', () => [new Uint8Array(1)]],
  ['an object', () => [{}]],
  ['a number', () => [1]],
  ['null', () => [null]],
])
  test(() => {
    let thrown;
    try {
      structuredClone(1, { transfer: list() });
    } catch (error) {
      thrown = error;
    }
    assert_true(thrown?.name === 'DataCloneError' || thrown instanceof TypeError);
  }, `${what} is not transferred`);
test(() => {
  const buffer = new ArrayBuffer(4);
  assert_throws_dom('DataCloneError', () => structuredClone(1, { transfer: [buffer, buffer] }));
  assert_false(buffer.detached);
}, 'Not twice');
test(() => {
  const buffer = new ArrayBuffer(4);
  assert_throws_dom('DataCloneError', () =>
    structuredClone({ buffer, f() {} }, { transfer: [buffer] }),
  );
  assert_false(buffer.detached);
}, 'Nothing is transferred when the value is refused');
test(() => {
  const buffer = new ArrayBuffer(4);
  structuredClone(buffer, { transfer: [buffer] });
  assert_throws_dom('DataCloneError', () => structuredClone(buffer));
  assert_throws_dom('DataCloneError', () => structuredClone(1, { transfer: [buffer] }));
}, 'What is detached is refused');
test(() => {
  assert_throws_js(TypeError, () => structuredClone());
  assert_throws_js(TypeError, () => structuredClone(1, 1));
  assert_throws_js(TypeError, () => structuredClone(1, { transfer: 1 }));
  assert_equals(structuredClone(1, undefined), 1);
  assert_equals(structuredClone(1, null), 1);
  assert_equals(structuredClone.length, 1);
}, 'Arguments');
