// What console shows, held against Node's own console: each expression is evaluated here
// and in a Worker, and must look the same. (What only V8 sees of a value, such as the state
// of a promise, is tested in a real isolate.)
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import vm from 'node:vm';
import { expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

/** The lines of a program that has `console`, as Node prints them. */
function nodes(program: string): string {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  const console = new Console({ stdout: stream, stderr: stream });
  vm.runInThisContext(`(console) => { ${program} }`)(console);
  return text.replace(/\n$/, '');
}

function ours(program: string): string {
  const worker = new Worker();
  worker.run(`{ ${program} }`);
  return worker.native.logs.map(({ text }) => text).join('\n');
}

test.each([
  `undefined, null, true, 1e21, -0, 1.5, 10n, Symbol('a')`,
  `[undefined, null, true, 1e21, -0, 1.5, 10n, Symbol('a')]`,
  `{ a: { b: { c: { d: 1 } } } }, { a: { b: { c: {} } } }, { a: { b: { c: [] } } }, [[[[1]]]]`,
  `Object.assign(Object.create(null), { a: { b: { c: Object.create(null) } } })`,
  ...[60, 62, 63, 64].map((length) => `{ a: 'x'.repeat(${length}) }`),
  ...[20, 21, 22, 23, 24].map((n) => `{ a: 'x'.repeat(${n}), b: { c: 'y'.repeat(${n}) } }`),
  ...[6, 7, 30, 99, 100, 101, 120].map(
    (length) => `Array.from({ length: ${length} }, (_, i) => i * 7)`,
  ),
  ...[7, 10, 27].map((length) => `Array.from({ length: ${length} }, (_, i) => 'str' + i)`),
  `Array.from({ length: 40 }, (_, i) => 'x'.repeat((i * 7) % 11))`,
  `Array.from({ length: 27 }, (_, i) => 'x'.repeat(i))`,
  `{ inside: { of: Array.from({ length: 40 }, (_, i) => i * 1000) } }`,
  `Array.from({ length: 8 }, (_, i) => ({ i }))`,
  `[1, , 3], [,], [, , 1, , , ], Object.assign([1, 2], { x: 1, '-1': 2 })`,
  `Object.assign(Array.from({ length: 9 }, (_, i) => i), { more: 'x' })`,
  `new Uint8Array(3), new Float64Array([1.5, -0]), new BigInt64Array(8), new Uint8Array(120)`,
  `new ArrayBuffer(4), new ArrayBuffer(60), new DataView(new ArrayBuffer(2), 1)`,
  `new Map([['a', { b: { c: { d: 1 } } }]]), new Map(), new Set(['x', [1]]), { m: new Map([[{ a: 1 }, 2]]) }`,
  `new Map(Array.from({ length: 120 }, (_, i) => [i, i]))`,
  `new WeakMap(), new WeakSet()`,
  `new (class A {}), new (class extends Map {}), new (class Foo extends Array {})(3), new (class Bar extends Uint8Array {})(2), new (class Baz extends Set {})([1])`,
  `Object.create(class B {}.prototype), Object.create({}), (class C {}).prototype`,
  `{ [Symbol.toStringTag]: 'T' }, new (class D { get [Symbol.toStringTag]() { return 'E' } })`,
  `Math, JSON, Reflect, Atomics, (function* () {})(), [][Symbol.iterator]()`,
  `(function () { return arguments })(1)`,
  `class A {}, class extends Array {}, class { static x = 1 }, class N extends null {}`,
  `function () {}, async () => {}, function* g() {}, async function* h() {}, Object.assign(() => {}, { a: 1 }), Object.assign(function n() {}, { b: 2 })`,
  `{ f() {}, g: () => {}, h: class {}, i: async function () {} }`,
  `'top', "it's", ['it\\'s', 'a"\\'b', 'a"\\'\`b', 'back\\\\slash']`,
  `['new\\nline', '\\t\\b\\f\\r\\v', '\\x1b\\x00\\x7f\\x9f', '\\u{1F600}', '\\ud800', '\\udc00x']`,
  `{ 'a-b': 1, ok_1: 2, 1: 3, $d: 4, é: 5, ['__proto__']: 6, '': 7 }`,
  `{ [Symbol('s')]: 1, [Symbol()]: 2 }`,
  `{ long: 'line one is long enough to split\\nline two is long enough to split as well\\nline three' }`,
  `[['line one is long enough to split, as it is in an array\\nline two is long enough to split as well']]`,
  `['x'.repeat(10100)]`,
  `{ a: { b: { c: [() => {}, new Date(0), /x/, new Map(), new Set([1]), new Error('e').name, Object(1), new Uint8Array(0), class Q {}] } } }`,
  `[[[[() => {}, new Date(0), /x/, new Map(), new Set([1]), Object(1), class Q {}]]]]`,
  `[[[() => {}, new Date(0), /x/, new Map(), new Set([1]), Object(1), class Q {}, new Uint8Array(0), Promise, [], {}, new (class P {})]]]`,
  `new Date(0), new Date(NaN), Object.assign(new Date(0), { a: 1 }), /x/g, Object.assign(/x/, { a: 1 })`,
  `new Number(3), new Number(-0), new String('abc'), Object.assign(new String('abc'), { x: 1 }), new Boolean(true), Object(1n), Object(Symbol('q'))`,
  `{ get a() { return 1 }, set b(v) {}, get c() { return 1 }, set c(v) {} }`,
  `[{ a: 1, b: 2 }, { a: 3, b: 4 }], { a: { b: 1, c: { d: 1 } }, e: [1, 2, 3] }`,
  `Array(2).fill(0).map(() => ({ name: 'a'.repeat(27), value: 'b'.repeat(23) }))`,
  `(() => { const a = { name: 'a' }; a.self = a; a.list = [a, { a }]; return a })()`,
  `(() => { const m = new Map(); m.set('m', m); return m })()`,
  `{ e: Object.assign(new RangeError('bad'), { stack: '' }) }, Object.assign(new Error('m'), { stack: 'Error: m' })`,
  `Object.assign(new Error('outer', { cause: Object.assign(new Error('c'), { stack: 'Error: c\\n    at x' }) }), { stack: 'Error: outer\\n    at y', code: 7 })`,
  `[Object.assign(new Error('in'), { stack: 'Error: in\\n    at a\\n    at b' })]`,
  `Object.assign(new AggregateError([1, 'two'], 'many'), { stack: 'AggregateError: many\\n    at z' })`,
  `{ [Symbol.for('nodejs.util.inspect.custom')](depth, { depth: left }, inspect) { return inspect([depth, left]) } }`,
  `[{ [Symbol.for('nodejs.util.inspect.custom')]: () => 'two\\nlines' }, { [Symbol.for('nodejs.util.inspect.custom')]: () => ({ a: 1 }) }]`,
])('console.log(%s)', (args) => {
  expect(ours(`console.log(${args})`)).toBe(nodes(`console.log(${args})`));
});

test.each([
  `'%s|%s|%s|%s|%s', { a: { b: 1 } }, () => 1, Symbol('x'), -0, 5n, 'rest', { z: 1 }`,
  `'%d|%d|%d|%d', '0x10', {}, 1n, Symbol('s')`,
  `'%i %i %f %f', 1.5, 'x', '2.5x', {}`,
  `'%j %j', { a: 1 }, undefined`,
  `'%o|%O', { a: [1] }, { a: { b: { c: { d: {} } } } }`,
  `'%s %s %s', new (class X { toString() { return 'own' } }), new Date(0), class Q {}`,
  `'%s %s', null, undefined`,
  `'%s %s', [1, [2, [3]]], Object.create(null)`,
  `'a%', 1`,
  `'%%', 1`,
  `'%x %', 1`,
  `'%s'`,
  `'%c styled', 'color: red'`,
  `'%s %s', 'one'`,
])('console.log(%s) fills in', (args) => {
  expect(ours(`console.log(${args})`)).toBe(nodes(`console.log(${args})`));
});

test.each([
  `console.table([{ a: 1, b: 'x' }, { a: 2 }, 3])`,
  `console.table(new Map([['k', { z: 1 }], ['l', 2]])); console.table(new Set(['s', { q: 1 }]))`,
  `console.table([[1, 2], [3, 4]]); console.table({ r1: { a: 1 }, r2: { a: { n: 1 } } })`,
  `console.table([{ a: { x: 1, y: 2, z: 3 }, b: [1, 2, 3, 4, 5] }])`,
  `console.table([1, 'a', null]); console.table([]); console.table(5); console.table(null)`,
  `console.table([{ a: 1, b: 2 }], ['b']); console.table('text')`,
  `console.table([{ f: () => 1, s: Symbol('x'), d: new Date(0), e: undefined }])`,
  `console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 }); console.dir({ a: { b: { c: { d: 1 } } } }, { depth: null })`,
  `console.dir([1], { showHidden: true }); console.dir('text')`,
  `console.assert(true, 'no'); console.assert(false); console.assert(false, 'x %s', 1); console.assert(false, { a: 1 })`,
  `console.count(); console.count('x'); console.count(); console.countReset(); console.count()`,
  `console.group('a', 'b'); console.log({ a: 'x'.repeat(60), b: 'lines\\nof' }); console.group(); console.warn('two'); console.groupEnd(); console.info('one'); console.groupEnd(); console.log('none')`,
  `console.dirxml({ a: 1 }, [2]); console.debug('%s', 'd'); console.error({ e: 1 })`,
])('%s', (program) => {
  expect(ours(program)).toBe(nodes(program));
});
