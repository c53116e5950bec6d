import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

const worker = new Worker();

/** What JSON.parse() makes of a text, as JSON of it; of one that is none, the error's name. */
const outcome = (parse: (text: string) => unknown, text: string) => {
  try {
    return JSON.stringify(parse(text));
  } catch (error) {
    return (error as Error).name;
  }
};
const inWorker = worker.run('(text) => JSON.parse(text)') as (text: string) => unknown;

/** Numbers of xorshift32, the same for each run. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const blanks = ['', '', '', ' ', '\n', '\t ', '\r\n'];
const scalars = ['0', '-1.5e3', 'true', 'null', '""', '"[{,]}"', '"\\"\\\\"', '"\\u00e9é€"'];
const names = ['"a"', '"b"', '"7"', '"__proto__"', '"\\u0061"', '"x,{"', '""'];

/** JSON of some `size` units, lists and objects of all lengths within each other. */
function makeJson(next: (below: number) => number, size: number): string {
  const blank = () => blanks[next(blanks.length)];
  if (size < 20) return `${blank()}${scalars[next(scalars.length)]}${blank()}`;
  const isList = next(2) === 0;
  const parts: string[] = [];
  for (let rest = size; rest > 0; ) {
    const part = makeJson(next, next(8) === 0 ? rest >> 1 : next(60));
    const name = next(2) ? names[next(names.length)] : `"n${next(1e6)}"`;
    parts.push(isList ? part : `${blank()}${name}${blank()}:${part}`);
    rest -= part.length + 3;
  }
  return `${blank()}${isList ? `[${parts}]` : `{${parts}}`}${blank()}`;
}

const long = (part: string, count: number) => Array(count).fill(part).join();

describe('JSON.parse()', () => {
  test.each([1, 2, 3])('reads a long text as V8 does: seed %i', (seed) => {
    const text = makeJson(numbersFrom(seed), 1_320_000);
    expect(outcome(inWorker, text) === outcome(JSON.parse, text)).toBe(true);
  });

  test.each([1, 2, 3])('refuses what V8 refuses, wherever it stands: seed %i', (seed) => {
    const tokens = ['[', ']', '{', '}', ',', ':', '"', '-', '1', ' ', '\\', 'x', '[]', ',,'];
    const next = numbersFrom(seed * 77);
    const text = makeJson(next, 1_320_000);
    for (let round = 0; round < 3; round++) {
      const at = next(text.length);
      const token = tokens[next(tokens.length)] as string;
      const changed = text.slice(0, at) + token + text.slice(at + next(2));
      const isSame = outcome(inWorker, changed) === outcome(JSON.parse, changed);
      expect(isSame, `${token} at ${at}`).toBe(true);
    }
  });

  const ones = long(`"${'x'.repeat(37)}"`, 55_000);
  const members = long('"a":[]', 320_000);
  test.each([
    `[${ones}]`,
    `[${ones},]`,
    `[,${ones}]`,
    `[${ones}`,
    `[${ones}}`,
    `{${members}}`,
    `{${members},}`,
    `{,${members}}`,
    `{${members}]`,
    `[[${ones}],[${ones}]]`,
    `[[${ones}][${ones}]]`,
    `[[${ones}],]`,
    `[[${ones}] 1]`,
    `[1[${ones}]]`,
    `[-[${ones}]]`,
    `[[${ones}],,1]`,
    `[[${ones}]] x`,
    `{"a":[${ones}],"a":{${members}}}`,
    `{"a":[${ones}] "b":{${members}}}`,
    `{"a" [${ones}]}`,
    `{"a":1 [${ones}]}`,
    `{"a":-[${ones}]}`,
    `{[${ones}]}`,
    `["${ones}"]`,
    `["${ones}]`,
    `"${ones}"`,
    ` ${' '.repeat(2_200_000)}[]`,
    `[${' '.repeat(2_200_000)}]`,
    `[${' '.repeat(2_200_000)}1${' '.repeat(2_200_000)},2]`,
    `${'['.repeat(5_000)}${ones}${']'.repeat(5_000)}`,
    ' '.repeat(2_200_000),
  ])('reads and refuses as V8 does: %#', (text) => {
    expect(outcome(inWorker, text) === outcome(JSON.parse, text)).toBe(true);
  });

  // Of which V8 makes a table and a list again with each pair, while it may.
  test('reads members named by numbers that leave gaps', () => {
    let text = '{"a":0';
    for (let i = 0; i < 120_000; i++) text += `,"${i}":0`;
    for (let i = 200_000; i < 400_000; i += 5_000) text += `,"${i + 3_548}":0,"${i + 1}":0`;
    for (let i = 0; i < 60_000; i++) text += `,"name${i}":[]`;
    text += '}';
    expect(outcome(inWorker, text) === outcome(JSON.parse, text)).toBe(true);
  });

  test('says where a long text is wrong', () => {
    expect(
      worker.run(
        `(() => { try { JSON.parse('[' + ('"' + 'x'.repeat(37) + '",').repeat(55000) + 'x]'); } catch (e) { return e.message; } })()`,
      ),
    ).toMatch(/^Unexpected token 'x'.* \(of the part that begins at position 21\d+\)$/);
  });

  test.each([
    `JSON.parse('[1,{"a":2}]', function (key, value) { return Array.isArray(this) && key === '0' ? undefined : value; })`,
    `JSON.parse('{"a":1' + ',"b":[2,3]'.repeat(220000) + '}', (key, value) => key === '0' ? undefined : typeof value === 'number' ? value + 1 : value)`,
    `(() => { const seen = []; JSON.parse('[[' + ('"' + 'x'.repeat(37) + '",').repeat(55000) + '2]]', function (key, value) { if (seen.length < 9 || key === '') seen.push(key, typeof value, Array.isArray(this)); return value; }); return seen; })()`,
    `JSON.parse({ toString: () => '{"a":' + '['.repeat(3) + '1' + ']'.repeat(3) + '}' })`,
    `JSON.parse({ toString: () => '[' + ('"' + 'x'.repeat(37) + '",').repeat(55000) + '2]' }).length`,
    `(() => { try { JSON.parse(Symbol()); } catch (e) { return e.name; } })()`,
    `(() => { try { JSON.parse(); } catch (e) { return e.name + e.message; } })()`,
    `JSON.parse('5') + JSON.parse(null, 5)`,
    `(() => { const { value, ...attributes } = Object.getOwnPropertyDescriptor(JSON, 'parse'); return [attributes, value.name, value.length, 'prototype' in value]; })()`,
    `Object.keys(JSON.parse('{"__proto__":{"a":1}' + ',"b":1'.repeat(360000) + ',"__proto__":{"c":2}}'))`,
    `Object.getPrototypeOf(JSON.parse('{"b":[' + ('"' + 'x'.repeat(37) + '",').repeat(55000) + '2]}')) === Object.prototype`,
    `Object.getPrototypeOf(JSON.parse('{"b":[' + ('"' + 'x'.repeat(37) + '",').repeat(55000) + '2]}').b) === Array.prototype`,
  ])('answers what V8 answers: %s', (expression) => {
    expect(JSON.stringify(worker.run(expression))).toBe(
      JSON.stringify(runInThisContext(expression)),
    );
  });

  test('meets no setter of script', () => {
    const own = new Worker();
    expect(
      own.run(`(() => {
        let met = 0;
        const trap = { set() { met++; }, get() { met++; }, configurable: true };
        for (const key of ['0', '1', 'a', 'b']) Object.defineProperty(Object.prototype, key, trap);
        const list = JSON.parse('[' + ('"' + 'x'.repeat(37) + '",').repeat(55000) + '2]').length;
        const members = Object.keys(JSON.parse('{"a":1' + ',"b":[2]'.repeat(360000) + '}')).length;
        return [met, list, members].join();
      })()`),
    ).toBe('0,55001,2');
  });

  test('has long texts read by what is loaded for one', () => {
    const own = new Worker();
    own.run(`JSON.parse('[1]')`);
    expect(own.native.loaded).toEqual([]);
    own.run(`JSON.parse('[' + ('"' + 'x'.repeat(37) + '",').repeat(55000) + '2]')`);
    expect(own.native.loaded).toEqual(['long_json']);
  });
});
