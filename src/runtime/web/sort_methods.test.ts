import { runInThisContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

const worker = new Worker();
const long = `Array.from({ length: 150000 }, (_, i) => (i * 7919 % 150000) / 7)`;

describe('sort() and toSorted()', () => {
  test.each([
    `${long}.sort()`,
    `${long}.toSorted()`,
    `${long}.sort((a, b) => b - a)`,
    `[...${long}, undefined, null, 'x', -0, , [3], 1n].sort()`,
    `[...${long}, undefined, null, 'x', -0, , [3], 1n].toSorted()`,
    `[10, 9, 1].sort()`,
    `[10, 9, 1].sort(undefined)`,
    `[10, 9, 1].toSorted((a, b) => a - b)`,
    `Array.prototype.sort.call({ length: 2, 0: 'b', 1: 'a' })`,
    `Array.prototype.toSorted.call({ length: 2, 0: 'b', 1: 'a' })`,
    `(() => { const list = ${long}; return list.sort() === list && list.toSorted() !== list; })()`,
    `(() => { try { [...${long}, Symbol()].sort(); } catch (e) { return e.name; } })()`,
    `(() => { try { [1].sort(null); } catch (e) { return e.name; } })()`,
    `(() => { try { [].toSorted('x'); } catch (e) { return e.name; } })()`,
    `(() => { try { Array.prototype.sort.call(null); } catch (e) { return e.name; } })()`,
    `['sort', 'toSorted'].map((name) => { const { value, ...attributes } = Object.getOwnPropertyDescriptor(Array.prototype, name); return [attributes, value.name, value.length, 'prototype' in value]; })`,
  ])('answer what V8 answers: %s', (expression) => {
    const seen = (value: unknown) =>
      JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? `${member}n` : member));
    expect(seen(worker.run(expression))).toBe(seen(runInThisContext(expression)));
  });
});
