// A histogram's counts as lists: by percentile, and in intervals.
// Source: hdrhistogram.org, "Iteration"; Node's documentation, "Class: Histogram".
import { MathFloor } from '../../web/primordials.ts';
import type { Counts, Step } from './counts.ts';

// The rank of the value at a percentile.
export function rankAt(percentile: number, total: number): number {
  const rank = MathFloor((percentile / 100) * total + 0.5);
  return rank < 1 ? 1 : rank;
}

// 0, 50, 75, 87.5 …: each time half of what is left, until all is seen, and then 100. The
// value of each is the lowest of its step.
export function byPercentile(counts: Counts, give: (percentile: number, value: number) => void) {
  let seen = 0;
  let last = 0;
  let left = 100;
  counts.each(({ lowest, count }) => {
    seen += count;
    last = lowest;
    while (100 - left <= (100 * seen) / counts.total) {
      give(100 - left, lowest);
      if (seen >= counts.total) return false;
      left /= 2;
    }
    return true;
  });
  give(100, last);
}

// Counts up to each boundary, and beyond the one before: from `first` on until all are
// seen. A boundary stands for the lowest value of its step, and is followed by one of
// another step.
export function inIntervals(
  counts: Counts,
  first: number,
  following: (boundary: number, beyond: number) => number,
  give: (boundary: number, count: number) => void,
): void {
  const steps: Step[] = [];
  counts.each((step) => {
    steps[steps.length] = step;
    return true;
  });
  let boundary = first;
  for (let i = 0; i < steps.length; ) {
    const { lowest, size } = counts.stepOf(boundary);
    let count = 0;
    for (; i < steps.length && (steps[i] as Step).lowest <= lowest; i++)
      count += (steps[i] as Step).count;
    give(lowest, count);
    const next = following(boundary, lowest + size);
    boundary = next < 2 ** 63 ? next : 2 ** 63;
  }
}
