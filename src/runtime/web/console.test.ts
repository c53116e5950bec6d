import { beforeEach, expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

let worker: Worker;

beforeEach(() => {
  worker = new Worker();
});

function text(source: string): string | undefined {
  worker.run(source);
  return worker.native.logs.at(-1)?.text;
}

function shown(value: string): string | undefined {
  return text(`console.log(${value})`);
}

test('levels and plain values cost no module', () => {
  worker.run(`
    console.debug('d', 1); console.log('l', true); console.info('i'); console.warn('w'); console.error('e')`);
  expect(worker.native.logs.map(({ level, json, text }) => [level, json, text])).toEqual([
    [0, '["d",1]', 'd 1'],
    [1, '["l",true]', 'l true'],
    [2, '["i"]', 'i'],
    [3, '["w"]', 'w'],
    [4, '["e"]', 'e'],
  ]);
  expect(worker.native.loaded).toEqual([]);
});

test('what is too long for the log is cut before V8 makes JSON of it', () => {
  const worker = new Worker();
  worker.run(`const long = 'x'.repeat(2e6);
    console.log(long); console.log({ long }); console.log([Array(1e5).fill(1)]); console.log({ short: 1 })`);
  const { logs } = worker.native;
  for (const { json, text } of logs) {
    expect(JSON.parse(json)).toHaveLength(1);
    expect(json.length + text.length).toBeLessThan(150_000);
  }
  expect(logs[3]?.json).toBe('[{"short":1}]');
});

test.each([
  [
    `'%s is %d, %i, %f and %j %% %x', 'a', '4.5', '4.5', '4.5', { b: 1 }`,
    'a is 4.5, 4, 4.5 and {"b":1} % %x',
  ],
  [`'%s', { a: 1 }, 'rest'`, '{ a: 1 } rest'],
  [`'%c styled', 'color: red'`, ' styled'],
  [`'100%', 1`, '100% 1'],
])('format(%s)', (args, expected) => {
  expect(shown(args)).toBe(expected);
});

test.each([
  [`undefined`, 'undefined'],
  [`[1, 'two', , null, -0, 3n]`, "[ 1, 'two', <1 empty item>, null, -0, 3n ]"],
  ['new Array(3e6)', '[ <3000000 empty items> ]'],
  ['Object.assign([], { 4294967294: 1, a: 2 })', '[ <4294967294 empty items>, 1, a: 2 ]'],
  [
    `Object.assign([1], { 200: 2, 201: 3, 400: 4, '-1': 5, length: 500 })`,
    "[\n  1,\n  <199 empty items>,\n  2,\n  3,\n  <198 empty items>,\n  4,\n  <99 empty items>,\n  '-1': 5\n]",
  ],
  [`{ a: { b: { c: { d: { e: { f: 1 } } } } } }`, '{ a: { b: { c: [Object] } } }'],
  [`new Map([['a', { b: 1 }]])`, "Map(1) { 'a' => { b: 1 } }"],
  [`new Set(['x'])`, "Set(1) { 'x' }"],
  [`new (class Point { x = 1; #secret = 2 })`, 'Point { x: 1 }'],
  [`class A extends Array {}`, '[class A extends Array]'],
  [`function f() {}`, '[Function: f]'],
  [`() => {}`, '[Function (anonymous)]'],
  [`Symbol('s')`, 'Symbol(s)'],
  [`/re/g`, '/re/g'],
  [`new Date(0)`, '1970-01-01T00:00:00.000Z'],
  [`new Uint8Array([1, 2])`, 'Uint8Array(2) [ 1, 2 ]'],
  [
    `Object.create(null, { a: { value: 1, enumerable: true } })`,
    '[Object: null prototype] { a: 1 }',
  ],
  [
    `{ get a() { throw 1 }, 'b-c': 1, [Symbol('s')]: 2 }`,
    "{ a: [Getter], 'b-c': 1, Symbol(s): 2 }",
  ],
  [`new String('s')`, "[String: 's']"],
  [`new Headers({ a: 'b' })`, "Headers { a: 'b' }"],
  [
    `new URL('http://a/b?c#d')`,
    `URL {\n  href: 'http://a/b?c#d',\n  origin: 'http://a',\n  protocol: 'http:',\n  username: '',\n  password: '',\n  host: 'a',\n  hostname: 'a',\n  port: '',\n  pathname: '/b',\n  search: '?c',\n  searchParams: URLSearchParams { c: '' },\n  hash: '#d'\n}`,
  ],
])('shows %s', (value, expected) => {
  expect(shown(value)).toBe(expected);
});

test('circles are named, not followed', () => {
  expect(text(`globalThis.a = { name: 'a' }; a.self = a; console.log(a)`)).toBe(
    "<ref *1> { name: 'a', self: [Circular *1] }",
  );
});

test('errors show their stack, their properties and their cause', () => {
  const shownError = shown(
    `Object.assign(new Error('outer', { cause: new TypeError('inner') }), { code: 7 })`,
  );
  expect(shownError).toMatch(/^Error: outer\n {4}at /);
  expect(shownError).toContain('code: 7');
  expect(shownError).toContain('[cause]: TypeError: inner');
});

test('huge values are cut, not walked to the end', () => {
  expect(shown(`Array.from({ length: 1000 }, (_, i) => i)`)).toContain('... 900 more items');
  expect(shown(`{ text: 'x'.repeat(20000) }`)).toContain('... 10000 more characters');
  expect(shown(`'y'.repeat(100000), {}`)?.length).toBeLessThan(70_000);
  const wide = shown(
    `(function wide(n) { return n ? Array.from({ length: 100 }, () => wide(n - 1)) : 'leaf' })(3)`,
  );
  expect(wide?.length).toBeLessThan(300_000);
});

test('tail gets data as data, the rest as text', () => {
  worker.run(`console.log('a', { b: [1] }, new Error('no'), undefined, NaN, 2n, new Map())`);
  const message = JSON.parse(worker.native.logs[0]?.json ?? '');
  expect(message.slice(0, 2)).toEqual(['a', { b: [1] }]);
  expect(message[2]).toContain('Error: no');
  expect(message.slice(3)).toEqual(['undefined', 'NaN', '2n', 'Map(0) {}']);
});

test('a value that throws on every access does not break the log', () => {
  expect(shown(`new Proxy({}, { ownKeys() { throw 1 }, getPrototypeOf() { throw 2 } })`)).toBe(
    '[a value that cannot be read]',
  );
});

test('groups indent, counters count, timers tell', () => {
  worker.run(`
    console.group('g'); console.log('in\\nside'); console.groupEnd(); console.log('out');
    console.count(); console.count('x'); console.count(); console.countReset(); console.count();
    console.time('t'); console.timeEnd('t'); console.timeEnd('t');
    console.assert(true, 'quiet'); console.assert(false, 'loud %d', 1)`);
  expect(worker.native.logs.map(({ text }) => text)).toEqual([
    'g',
    '  in\n  side',
    'out',
    'default: 1',
    'x: 1',
    'default: 2',
    'default: 1',
    't: 0ms',
    "Timer 't' does not exist",
    'Assertion failed: loud 1',
  ]);
});

test('context() is a console of the same log, and a profiler is not there', () => {
  expect(
    text(`console.profile('p'); console.context('c').log('in it'); console.profileEnd()`),
  ).toBe('in it');
});

test('table draws rows under columns', () => {
  expect(text(`console.table([{ a: 1, b: 'x' }, { a: 2 }, 3])`)).toBe(
    [
      '┌─────────┬───┬─────┬────────┐',
      '│ (index) │ a │ b   │ Values │',
      '├─────────┼───┼─────┼────────┤',
      "│ 0       │ 1 │ 'x' │        │",
      '│ 1       │ 2 │     │        │',
      '│ 2       │   │     │ 3      │',
      '└─────────┴───┴─────┴────────┘',
    ].join('\n'),
  );
});
