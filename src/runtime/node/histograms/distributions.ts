// Distributions that tests and intervals ask for, each by the regularized incomplete beta
// function. Source: NIST Digital Library of Mathematical Functions, 5.11, 7.11, 8.17.
import { builtin } from './whole.ts';

const root = (value: number): number => value ** 0.5;

// The logarithm of the gamma function, DLMF 5.11.1, where its series is exact enough:
// what is below is moved up by the recurrence.
function logGamma(value: number): number {
  let x = value;
  let shift = 1;
  while (x < 12) {
    shift *= x;
    x += 1;
  }
  const square = 1 / (x * x);
  const series =
    (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / x;
  const halfLogOfTwoPi = 0.9189385332046727;
  return (x - 0.5) * builtin.log(x) - x + halfLogOfTwoPi + series - builtin.log(shift);
}

// DLMF 8.17.22, a continued fraction, evaluated from its head (Lentz). It takes some
// times the root of the larger parameter to converge.
function fraction(a: number, b: number, x: number): number {
  const tiny = 1e-300;
  const away = (value: number) => (builtin.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    result *= c * d;
    if (builtin.abs(c * d - 1) < 1e-15) break;
  }
  return result;
}

// I_x(a, b), DLMF 8.17.2.
function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = builtin.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * builtin.log(x) + b * builtin.log(1 - x),
  );
  return x < (a + 1) / (a + b + 2)
    ? (front * fraction(a, b, x)) / a
    : 1 - (front * fraction(b, a, 1 - x)) / b;
}

// P(|T| > t) of Student's distribution.
export function tailsOfStudent(t: number, freedom: number): number {
  return incompleteBeta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

// The t that |T| stays within by `confidence`: found by halving.
export function studentWithin(confidence: number, freedom: number): number {
  let low = 0;
  let high = 1;
  while (tailsOfStudent(high, freedom) > 1 - confidence && high < 1e300) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (tailsOfStudent(middle, freedom) > 1 - confidence) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

// P(|Z| > z) of the normal distribution: Student's, of more freedom than any sample has,
// falls short in the tails; so the complement of the error function, by its series
// (DLMF 7.6.2) where that converges fast and by its continued fraction (7.9.3) beyond.
export function tailsOfNormal(value: number): number {
  const x = builtin.abs(value) / root(2);
  const density = (2 / root(3.141592653589793)) * builtin.exp(-x * x);
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 200 && term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - density * sum;
  }
  let below = x;
  for (let n = 200; n > 0; n--) below = x + n / 2 / below;
  return density / 2 / below;
}

// P(B <= k) of n trials with the chance p.
function binomialUpTo(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : incompleteBeta(n - k, k + 1, 1 - p);
}

// The ranks between which the value at the fraction p lies by `confidence`, the upper of
// at most n; 0 where not even the first is low enough.
export function ranksAround(p: number, n: number, confidence: number): [number, number] {
  const tail = (1 - confidence) / 2;
  // The most successes that are as good as out of reach, and the fewest that are all.
  const below = search(n, (k) => binomialUpTo(k, n, p) > tail) - 1;
  const above = search(n, (k) => binomialUpTo(k, n, p) >= 1 - tail);
  return [below + 1, above + 1 > n ? n : above + 1];
}

// The first of 0 to n where `is` holds, which it does from there on; n if nowhere.
function search(n: number, is: (k: number) => boolean): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = low + (high - low - ((high - low) % 2)) / 2;
    if (is(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
