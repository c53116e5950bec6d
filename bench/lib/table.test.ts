import { expect, test } from 'vitest';
import { failures } from './table.ts';

const rows = [
  { name: 'caravel', values: { failed: 0 } },
  { name: 'deno', values: { failed: 3 } },
  { name: 'bun', values: { failed: 5 } },
  { name: 'epoll', values: {} },
];

test('a row that is compared and has failed requests allows no verdict', () => {
  expect(failures(rows, ['caravel', 'deno'])).toEqual([
    { what: 'no verdict: 3 requests to deno failed', held: false },
  ]);
});

test('rows without failed requests, or that are not compared, allow one', () => {
  expect(failures(rows, ['caravel', 'epoll'])).toEqual([]);
});
