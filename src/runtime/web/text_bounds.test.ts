import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

// What an expression answers in a Worker, with or without V8's own methods of texts.
function both(expression: string): [unknown, unknown] {
  const seen = (value: unknown) => JSON.stringify(value);
  const code = `(() => { try { return ${expression}; } catch (e) { return e.name; } })()`;
  return [seen(new Worker().run(code)), seen(runInThisContext(code))];
}

// Texts times patterns beyond what one call of V8 may have.
const long = `'abcdefghij'.repeat(3000) + 'x' + 'abcdefghij'.repeat(3000)`;
const pattern = `'abcdefghij'.repeat(900)`;

const shared = [
  `(${long}).lastIndexOf(${pattern})`,
  `(${long}).lastIndexOf(${pattern}, 30000)`,
  `(${long}).lastIndexOf(${pattern} + 'x')`,
  `(${long}).lastIndexOf('y' + ${pattern})`,
  `(${long}).lastIndexOf(${pattern}, NaN)`,
  `(${long}).lastIndexOf(${pattern}, -1)`,
  `String.prototype.normalize.call(undefined)`,
  `'e\\u0301'.normalize() + 'é'.normalize('NFD')`,
  `'a'.normalize('NF')`,
  `('e\\u0301' + ${long}).normalize()`,
  `(${long}).normalize('NF')`,
  `'a'.localeCompare('b') + ' ' + 'ä'.localeCompare('z', 'sv')`,
  `('ä' + ${long}).localeCompare('z' + ${long}, 'sv')`,
  `'a'.localeCompare('b', 'no such')`,
  `['z', 'ä', 'a'].sort(new Intl.Collator('de').compare)`,
];

describe('methods of texts', () => {
  test.each(shared)('answer what V8 answers: %s', (expression) => {
    const [got, expected] = both(expression);
    expect(got).toBe(expected);
  });

  test('order conversions as the standard does', () => {
    const order = (call: string) => `(() => {
      const order = [];
      const text = (name, value) => ({ toString() { order.push(name); return value; }, valueOf() { order.push(name); return 0; } });
      try { String.prototype.${call}; } catch (e) { order.push(e.name); }
      return order;
    })()`;
    for (const call of [
      `lastIndexOf.call(text('this', ${long}), text('search', ${pattern}), text('position', 0))`,
      `normalize.call(text('this', ${long}), text('form', 'no'))`,
      `localeCompare.call(text('this', ${long}), text('that', ''), 'no such')`,
    ]) {
      const [got, expected] = both(order(call));
      expect(got).toBe(expected);
    }
  });

  test('look as those of V8', () => {
    for (const name of ['lastIndexOf', 'localeCompare', 'normalize']) {
      const [got, expected] = both(`(() => {
        'a'['${name}'];
        const { value, ...attributes } = Object.getOwnPropertyDescriptor(String.prototype, '${name}');
        return [attributes, value.name, value.length, 'prototype' in value];
      })()`);
      expect(got).toBe(expected);
    }
    const [got, expected] = both(`(() => {
      const { get, ...attributes } = Object.getOwnPropertyDescriptor(Intl.Collator.prototype, 'compare');
      const collator = new Intl.Collator();
      const { compare } = collator;
      return [attributes, get.name, compare.name, compare.length, 'prototype' in compare, collator.compare === compare,
        new Intl.Collator().compare === compare];
    })()`);
    expect(got).toBe(expected);
  });

  // Else V8 would compile no call of a method of texts (text_methods.ts).
  test('leave no property of String.prototype to be made', () => {
    const worker = new Worker();
    worker.run('Object.getOwnPropertyDescriptors(String.prototype)');
    expect(worker.native.loaded).toEqual([]);
  });

  test('have their bounds made when a long text needs them', () => {
    const worker = new Worker();
    expect(worker.run(`'abc'.normalize()`)).toBe('abc');
    expect(worker.native.loaded).toEqual([]);
    worker.run(`'abc'.repeat(2000).normalize()`);
    expect(worker.native.loaded).toEqual(['text_bounds']);
  });

  test('refuse long runs of combining marks, and take short ones', () => {
    const worker = new Worker();
    const marks = (count: number, mark = '\\u0301\\u0316') =>
      `('a'.repeat(4000) + '${mark}'.repeat(${count / 2}) + 'a'.repeat(4000))`;
    const how = (code: string) =>
      worker.run(
        `(() => { try { return typeof ${code}; } catch (e) { return e.name + ': ' + e.message; } })()`,
      );
    expect(how(`${marks(256)}.normalize()`)).toBe('string');
    expect(how(`${marks(258)}.normalize()`)).toMatch(
      /^RangeError: String\.prototype\.normalize\(\): .*256 combining marks/,
    );
    expect(how(`${marks(258, '\\uff9e\\u0316')}.normalize('NFKC')`)).toMatch(/^RangeError/);
    expect(how(`'a'.localeCompare(${marks(258)})`)).toMatch(
      /^RangeError: String\.prototype\.localeCompare\(\)/,
    );
    expect(how(`new Intl.Collator().compare('a', ${marks(258)})`)).toMatch(
      /^RangeError: Intl\.Collator\.prototype\.compare\(\)/,
    );
    expect(how(`new Intl.Collator().compare('a', ${marks(256)})`)).toBe('number');
    expect(how(`('é'.repeat(8000)).normalize('NFD')`)).toBe('string');
  });
});
