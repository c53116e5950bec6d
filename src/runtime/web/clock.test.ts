import { describe, expect, test } from 'vitest';
import { Worker } from './testing/realm.ts';

const worker = new Worker();

describe('time', () => {
  test('stands where C++ has put it, for every way to ask', async () => {
    worker.native.clock = 1_700_000_000_123.75;
    const got = await worker.eval(`
      return [Date.now(), +new Date(), performance.now() + performance.timeOrigin,
        new Date(Date()).getTime() - 1_700_000_000_000,
        Number(new Intl.DateTimeFormat('en', { fractionalSecondDigits: 3 }).format()),
        new Intl.DateTimeFormat('en', { second: 'numeric' }).formatToParts()[0].value];`);
    const now = 1_700_000_000_123;
    expect(got).toEqual([now, now, 1_700_000_000_123.75, 0, 123, '20']);
  });

  test('does not change what a Date is', async () => {
    const got = await worker.eval(`
      class Mine extends Date {}
      return [
        Date.length, Date.name, new Date(0) instanceof Date, new Mine(5) instanceof Mine,
        new Mine(5).getTime(), new Date(2020, 1, 2).getMonth(), Date.UTC(1970, 0, 2),
        Date.parse('1970-01-01T00:00:01Z'), Object.prototype.toString.call(new Date()),
        new Date(0).constructor === Date, Object.getOwnPropertyDescriptor(Date, 'prototype').writable,
        new Date(NaN).getTime() !== new Date(NaN).getTime(), new Date(undefined).getTime() === 0,
      ];`);
    expect(got).toEqual([
      7,
      'Date',
      true,
      true,
      5,
      1,
      86_400_000,
      1000,
      '[object Date]',
      true,
      false,
      true,
      false,
    ]);
  });
});

describe('timers', () => {
  test('run with their arguments, once', () => {
    worker.run(`globalThis.log = []; setTimeout((...args) => log.push(args), 50, 1, 'b')`);
    const [[id, timer]] = [...worker.native.timers] as [[number, object]];
    expect(timer).toMatchObject({ delay: 50, repeat: false });
    worker.fireTimer(id);
    worker.fireTimer(id);
    expect(worker.run('JSON.stringify(log)')).toBe('[[1,"b"]]');
  });

  test('repeat until they are cleared', () => {
    const id = worker.run(`log = []; globalThis.id = setInterval(() => log.push(1)); id`) as number;
    worker.fireTimer(id);
    worker.fireTimer(id);
    worker.run('clearTimeout(id)');
    worker.fireTimer(id);
    expect(worker.run('log.length')).toBe(2);
    expect(worker.native.timers.has(id)).toBe(false);
  });

  test.each([
    ['-5', 0],
    ['NaN', 0],
    ['"12"', 12],
    ['1.9', 1],
    ['2 ** 32 + 5', 5], // WebIDL long: it wraps
  ])('a delay of %s is %d', (given, delay) => {
    const id = worker.run(`setTimeout(() => {}, ${given})`) as number;
    expect(worker.native.timers.get(id)?.delay).toBe(delay);
  });

  test('that throw are reported, and the worker goes on', () => {
    const id = worker.run(`setTimeout(() => { throw new RangeError('late') })`) as number;
    worker.fireTimer(id);
    expect(worker.native.exceptions.at(-1)).toMatchObject({ name: 'RangeError', message: 'late' });
  });

  test('are refused in the global scope', () => {
    expect(() => worker.start(`{ default: {}, id: setTimeout(() => {}, 1) }`)).toThrow(
      'Disallowed operation called within global scope',
    );
  });

  test('take functions only: text would be code', async () => {
    expect(await worker.eval(`return setTimeout('alert()')`)).toContain('is not a function');
  });
});
