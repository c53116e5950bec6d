// What the language has that is young, and Intl whole: a runtime that loses a part of it,
// by a flag of the engine or a build without its data, fails here.

test(() => {
  const done = [];
  {
    using one = { [Symbol.dispose]: () => done.push('one') };
    using two = { [Symbol.dispose]: () => done.push('two') };
    done.push('body', typeof one, typeof two);
  }
  assert_array_equals(done, ['body', 'object', 'object', 'two', 'one']);
}, 'using');
promise_test(async () => {
  const done = [];
  {
    await using held = {
      async [Symbol.asyncDispose]() {
        await null;
        done.push('disposed');
      },
    };
    done.push(typeof held);
  }
  assert_array_equals(done, ['object', 'disposed']);
}, 'await using');
test(() => {
  const done = [];
  {
    using stack = new DisposableStack();
    stack.defer(() => done.push('deferred'));
    stack.adopt(1, (value) => done.push(value));
    stack.use({ [Symbol.dispose]: () => done.push('used') });
  }
  assert_array_equals(done, ['used', 1, 'deferred']);
  assert_throws_js(ReferenceError, () => {
    const stack = new DisposableStack();
    stack.dispose();
    stack.defer(() => {});
  });
}, 'DisposableStack');
promise_test(async () => {
  const done = [];
  const stack = new AsyncDisposableStack();
  stack.defer(async () => void done.push('deferred'));
  const moved = stack.move();
  await stack[Symbol.asyncDispose]();
  assert_array_equals(done, []);
  await moved.disposeAsync();
  assert_array_equals(done, ['deferred']);
}, 'AsyncDisposableStack');
test(() => {
  try {
    using _ = {
      [Symbol.dispose]() {
        throw new RangeError('disposing');
      },
    };
    throw new TypeError('body');
  } catch (error) {
    assert_true(error instanceof SuppressedError);
    assert_true(error.error instanceof RangeError && error.suppressed instanceof TypeError);
    return;
  }
}, 'SuppressedError');

for (const [what, run, value] of [
  [
    'iterator helpers',
    () =>
      [1, 2, 3, 4]
        .values()
        .filter((n) => n % 2)
        .map((n) => n * 2)
        .drop(1)
        .toArray(),
    [6],
  ],
  ['Iterator.from', () => Iterator.from({ next: () => ({ done: true }) }).toArray(), []],
  ['Iterator.concat', () => [...Iterator.concat([1], [2, 3])], [1, 2, 3]],
  [
    'methods of sets',
    () => [...new Set([1, 2]).union(new Set([3])).difference(new Set([1]))],
    [2, 3],
  ],
  ['Object.groupBy', () => Object.groupBy([1, 2, 3], (n) => (n % 2 ? 'odd' : 'even')).odd, [1, 3]],
  ['Map.groupBy', () => Map.groupBy([1, 2], (n) => n).get(2), [2]],
  [
    'Map.getOrInsert',
    () => [new Map().getOrInsert('a', 1), new Map().getOrInsertComputed('b', (k) => k)],
    [1, 'b'],
  ],
  ['copies of arrays', () => [3, 1].toSorted().with(0, 9).toReversed().toSpliced(0, 1), [9]],
  ['findLast', () => [[1, 2].findLast(() => true), [1].at(-1)], [2, 1]],
  [
    'bytes as base64',
    () => [Uint8Array.fromBase64('AQI=').toHex(), new Uint8Array([255]).toBase64()],
    ['0102', '/w=='],
  ],
  ['Float16Array', () => [new Float16Array([1.5])[0], Math.f16round(1.0001)], [1.5, 1]],
  ['RegExp.escape', () => [new RegExp(RegExp.escape('a.b')).test('axb')], [false]],
  [
    'modifiers of regular expressions',
    () => [/^(?i:a)b$/.test('Ab'), /^(?i:a)b$/.test('AB')],
    [true, false],
  ],
  ['groups of one name', () => ['1-b'.match(/(?<x>a)|(?<x>\d)/).groups.x], ['1']],
  [
    'the flag v',
    () => [/^\p{RGI_Emoji}$/v.test('👍🏽'), /[\p{L}--[a-z]]/v.test('a')],
    [true, false],
  ],
  ['the flag d', () => 'ab'.match(/b/d).indices[0].slice(), [1, 2]],
  ['well-formed text', () => ['\ud800'.isWellFormed(), '\ud800'.toWellFormed()], [false, '\ufffd']],
  ['Error.isError', () => [Error.isError(new TypeError('x')), Error.isError({})], [true, false]],
  ['causes', () => [new Error('a', { cause: 1 }).cause, new AggregateError([2]).errors[0]], [1, 2]],
  [
    'buffers that grow',
    () => {
      const b = new ArrayBuffer(1, { maxByteLength: 4 });
      b.resize(3);
      return [b.byteLength, b.transfer().byteLength, b.detached];
    },
    [3, 3, true],
  ],
  [
    'WeakRef',
    () => [typeof new WeakRef({}).deref(), typeof new FinalizationRegistry(() => {}).register],
    ['object', 'function'],
  ],
  [
    'symbols as keys of weak maps',
    () => {
      const k = Symbol();
      return [new WeakMap([[k, 1]]).get(k)];
    },
    [1],
  ],
  [
    'hashbang-free logic',
    () => {
      let a = null;
      a ??= 1;
      a &&= 2;
      return [a, 1_000, 2n ** 64n];
    },
    [2, 1000, 18446744073709551616n],
  ],
  [
    'classes',
    () => {
      class A {
        static #n = 1;
        static {
          this.m = #n in this;
        }
        static accessor = 2;
      }
      return [A.m, A.accessor];
    },
    [true, 2],
  ],
])
  test(() => {
    assert_array_equals(run(), value);
  }, what);

promise_test(async () => {
  assert_array_equals(await Array.fromAsync([Promise.resolve(1), 2]), [1, 2]);
  assert_equals(await Promise.try(() => 3), 3);
  const { promise, resolve } = Promise.withResolvers();
  resolve(4);
  assert_equals(await promise, 4);
  assert_equals(await Promise.any([Promise.reject(), 5]), 5);
}, 'Array.fromAsync, Promise.try, withResolvers, any');

test(() => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  assert_equals(Atomics.add(words, 0, 2), 0);
  assert_equals(typeof Atomics.waitAsync, 'function');
  Atomics.pause();
}, 'Atomics');

for (const name of [
  'Collator',
  'DateTimeFormat',
  'DisplayNames',
  'DurationFormat',
  'ListFormat',
  'Locale',
  'NumberFormat',
  'PluralRules',
  'RelativeTimeFormat',
  'Segmenter',
])
  test(() => {
    const made =
      name === 'DisplayNames' ? new Intl[name]('de', { type: 'region' }) : new Intl[name]('de');
    assert_equals(Object.prototype.toString.call(made), `[object Intl.${name}]`);
    if (name !== 'Locale') {
      assert_equals(made.resolvedOptions().locale, 'de');
      assert_array_equals(Intl[name].supportedLocalesOf(['de', 'ja', 'ar', 'zh-Hant-TW', 'sw']), [
        'de',
        'ja',
        'ar',
        'zh-Hant-TW',
        'sw',
      ]);
    }
  }, `Intl.${name} has the languages`);

for (const [what, run, value] of [
  [
    'numbers',
    () => new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' }).format(1234.5),
    '1.234,50\u00a0€',
  ],
  [
    'compact numbers',
    () => new Intl.NumberFormat('ja', { notation: 'compact' }).format(12345),
    '1.2万',
  ],
  ['digits', () => new Intl.NumberFormat('ar-EG').format(12), '١٢'],
  [
    'units',
    () =>
      new Intl.NumberFormat('fr', { style: 'unit', unit: 'liter', unitDisplay: 'long' }).format(2),
    '2\u00a0litres',
  ],
  [
    'dates',
    () => new Intl.DateTimeFormat('es', { dateStyle: 'long', timeZone: 'UTC' }).format(0),
    '1 de enero de 1970',
  ],
  [
    'time zones',
    () =>
      new Intl.DateTimeFormat('en', { timeStyle: 'long', timeZone: 'Asia/Kolkata' })
        .format(0)
        .replace(/\s/g, ' '),
    '5:30:00 AM GMT+5:30',
  ],
  [
    'calendars',
    () => new Intl.DateTimeFormat('en-u-ca-hebrew', { year: 'numeric', timeZone: 'UTC' }).format(0),
    '5730',
  ],
  ['collation', () => ['z', 'ä', 'a'].sort(new Intl.Collator('de').compare).join(), 'a,ä,z'],
  [
    'collation of another language',
    () => ['z', 'ä', 'a'].sort(new Intl.Collator('sv').compare).join(),
    'a,z,ä',
  ],
  ['plurals', () => new Intl.PluralRules('pl').select(3), 'few'],
  ['lists', () => new Intl.ListFormat('it').format(['a', 'b', 'c']), 'a, b e c'],
  [
    'relative time',
    () => new Intl.RelativeTimeFormat('pt', { numeric: 'auto' }).format(-1, 'day'),
    'ontem',
  ],
  ['names', () => new Intl.DisplayNames('ko', { type: 'region' }).of('JP'), '일본'],
  [
    'durations',
    () => new Intl.DurationFormat('en', { style: 'long' }).format({ hours: 1, minutes: 2 }),
    '1 hour, 2 minutes',
  ],
  [
    'segments',
    () => [...new Intl.Segmenter('th', { granularity: 'word' }).segment('สวัสดีครับ')].length,
    2,
  ],
  ['graphemes', () => [...new Intl.Segmenter().segment('👨‍👩‍👧é')].length, 2],
  ['locales', () => new Intl.Locale('zh-TW').maximize().toString(), 'zh-Hant-TW'],
  ['case', () => 'I'.toLocaleLowerCase('tr'), 'ı'],
  ['normal forms', () => 'é'.normalize('NFD').length, 2],
  ['canonical names', () => Intl.getCanonicalLocales('EN-us')[0], 'en-US'],
])
  test(() => assert_equals(run(), value), `Intl: ${what}`);
test(() => {
  assert_true(Intl.supportedValuesOf('timeZone').includes('America/New_York'));
  assert_true(Intl.supportedValuesOf('calendar').includes('japanese'));
  assert_true(Intl.supportedValuesOf('currency').length > 150);
}, 'Intl.supportedValuesOf');
