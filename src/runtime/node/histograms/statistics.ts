// What a histogram's counts say of the distribution, and of two of them. Each value counts
// as the middle of its step.
// Source: Node's documentation, "Class: Histogram"; the tests are as textbooks have them.

import { type Counts, medianOf, type Step } from './counts.ts';
import { studentWithin, tailsOfNormal, tailsOfStudent } from './distributions.ts';
import { builtin } from './whole.ts';

const root = (value: number): number => value ** 0.5;

// NaN where nothing is counted.
export function mean(counts: Counts): number {
  let sum = 0;
  counts.each((step) => {
    sum += medianOf(step) * step.count;
    return true;
  });
  return sum / counts.total;
}

// The central moment of that order.
function moment(counts: Counts, order: number): number {
  const middle = mean(counts);
  let sum = 0;
  counts.each((step) => {
    sum += (medianOf(step) - middle) ** order * step.count;
    return true;
  });
  return sum / counts.total;
}

export const deviation = (counts: Counts): number => root(moment(counts, 2));

export function skewness(counts: Counts): number {
  const spread = counts.total < 3 ? 0 : deviation(counts);
  return spread > 0 ? moment(counts, 3) / spread ** 3 : 0;
}

// The excess over that of the normal distribution; as Node has it, of four values at least.
export function kurtosis(counts: Counts): number {
  const variance = counts.total < 4 ? 0 : moment(counts, 2);
  return variance > 0 ? moment(counts, 4) / variance ** 2 - 3 : 0;
}

// The variance that a sample of so many says of all.
function sampleVariance(counts: Counts): number {
  return (moment(counts, 2) * counts.total) / (counts.total - 1);
}

// Mean, and its interval by Student's distribution.
export function meanWithin(counts: Counts, confidence: number): number[] {
  const middle = mean(counts);
  if (counts.total < 2) return [middle, Number.NaN, Number.NaN];
  const error = root(sampleVariance(counts) / counts.total);
  const reach = studentWithin(confidence, counts.total - 1) * error;
  return [middle, middle - reach, middle + reach];
}

// Walks both together, value by value: `visit` gets how many of each are of that value.
function eachOfBoth(a: Counts, b: Counts, visit: (ofA: number, ofB: number) => void): void {
  const left = stepsOf(a);
  const right = stepsOf(b);
  for (let i = 0, k = 0; i < left.length || k < right.length; ) {
    const one = left[i];
    const other = right[k];
    const order =
      one === undefined ? 1 : other === undefined ? -1 : medianOf(one) - medianOf(other);
    visit(order <= 0 ? (one as Step).count : 0, order >= 0 ? (other as Step).count : 0);
    if (order <= 0) i += 1;
    if (order >= 0) k += 1;
  }
}

function stepsOf(counts: Counts): Step[] {
  const list: Step[] = [];
  counts.each((step) => {
    list[list.length] = step;
    return true;
  });
  return list;
}

// The largest distance between the two cumulative distributions.
export function kolmogorovSmirnov(a: Counts, b: Counts): number {
  if (a.total === 0 || b.total === 0) return 0;
  let seenA = 0;
  let seenB = 0;
  let farthest = 0;
  eachOfBoth(a, b, (ofA, ofB) => {
    seenA += ofA;
    seenB += ofB;
    const distance = builtin.abs(seenA / a.total - seenB / b.total);
    if (distance > farthest) farthest = distance;
  });
  return farthest;
}

// t, degrees of freedom, p, and the interval of the difference of means. Where one has no
// variance to speak of there is no difference to tell.
export function welch(a: Counts, b: Counts, confidence: number): number[] {
  if (a === b || a.total < 2 || b.total < 2) return [0, 0, 1, 0, 0];
  const ofA = sampleVariance(a) / a.total;
  const ofB = sampleVariance(b) / b.total;
  const error = root(ofA + ofB);
  if (!(error > 0)) return [0, 0, 1, 0, 0];
  const difference = mean(a) - mean(b);
  const t = difference / error;
  const freedom = (ofA + ofB) ** 2 / (ofA ** 2 / (a.total - 1) + ofB ** 2 / (b.total - 1));
  const reach = studentWithin(confidence, freedom) * error;
  return [t, freedom, tailsOfStudent(t, freedom), difference - reach, difference + reach];
}

// U: how many pairs have the higher value in `a`, those with equal ones by half. And by
// how much a common value cuts the variance of U.
function pairs(a: Counts, b: Counts): { u: number; ties: number } {
  let belowB = 0;
  let u = 0;
  let ties = 0;
  eachOfBoth(a, b, (ofA, ofB) => {
    u += ofA * (belowB + ofB / 2);
    belowB += ofB;
    ties += (ofA + ofB) ** 3 - (ofA + ofB);
  });
  return { u, ties };
}

// U, z and p, without a correction for continuity.
export function mannWhitney(a: Counts, b: Counts): number[] {
  if (a === b || a.total === 0 || b.total === 0) return [0, 0, 1];
  const { u, ties } = pairs(a, b);
  const product = a.total * b.total;
  const both = a.total + b.total;
  const variance = (product / 12) * (both + 1 - ties / (both * (both - 1)));
  const z = variance > 0 ? (u - product / 2) / root(variance) : 0;
  return [u, z, tailsOfNormal(z)];
}

export function cohen(a: Counts, b: Counts): number {
  if (a.total < 2 || b.total < 2) return 0;
  const squares = moment(a, 2) * a.total + moment(b, 2) * b.total;
  const pooled = root(squares / (a.total + b.total - 2));
  return pooled > 0 ? (mean(a) - mean(b)) / pooled : 0;
}

export function cliff(a: Counts, b: Counts): number {
  const product = a.total * b.total;
  return product === 0 ? 0 : (2 * pairs(a, b).u) / product - 1;
}
