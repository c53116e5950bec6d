// Whole numbers up to 2 ** 63 - 1, which histograms count: a number, or a bigint where a
// number would not be exact.
import { MathFloor } from '../../web/primordials.ts';
import type { Loose } from '../loose.ts';

export type Whole = number | bigint;

const kLargestNumber = 2 ** 53 - 1;
export const kLargest = 2n ** 63n - 1n;

// Functions as Node's library took them: script may have replaced those of the globals.
export const builtin: {
  BigInt: (value: number) => bigint;
  abs: (value: number) => number;
  exp: (value: number) => number;
  log: (value: number) => number;
  Number: (value: Whole) => number;
  clz32: (value: number) => number;
} = {} as never;

export function takeBuiltins(primordials: Loose): void {
  builtin.BigInt = primordials.BigInt;
  builtin.Number = primordials.Number;
  builtin.abs = primordials.MathAbs;
  builtin.clz32 = primordials.MathClz32;
  builtin.exp = primordials.MathExp;
  builtin.log = primordials.MathLog;
}

export function toWhole(value: Whole): Whole {
  return typeof value === 'bigint' && value <= kLargestNumber ? builtin.Number(value) : value;
}

// The number, which is whole and may be beyond those that are all exact.
export function wholeOf(value: number): Whole {
  return value <= kLargestNumber ? value : builtin.BigInt(value);
}

export const toBigInt = (value: Whole): bigint =>
  typeof value === 'bigint' ? value : builtin.BigInt(value);

export const toNumber = (value: Whole): number => builtin.Number(value);

// a + b - 1, of such numbers.
export function lastOf(a: number, b: number): Whole {
  return a + b <= kLargestNumber ? a + b - 1 : builtin.BigInt(a) + builtin.BigInt(b) - 1n;
}

// The value as a number, cut off where that is not exact.
export function leading(value: Whole): number {
  return typeof value === 'number' ? value : builtin.Number(value >> 11n) * 2048;
}

// Of the highest power of two that is not above the value. Requires: 1 to 2 ** 63.
export function exponentOf(value: number): number {
  const high = MathFloor(value / 2 ** 32);
  return high > 0 ? 63 - builtin.clz32(high) : 31 - builtin.clz32(value);
}
