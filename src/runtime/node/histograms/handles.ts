// What Node's library has histograms by: the classes of its binding `performance`. A copy
// of a histogram, by structuredClone() or in a message, has the same handle, as in Node.
import {
  MapPrototypeSet,
  MathFloor,
  MathTrunc,
  TypedArrayPrototypeGetLength,
} from '../../web/primordials.ts';
import { startScriptTimer, stopTimer } from '../../web/timers.ts';
import { Counts, highestOf, isPossible, type Shape } from './counts.ts';
import { Decay } from './decay.ts';
import { ranksAround } from './distributions.ts';
import { read, write } from './exported.ts';
import { invalid, notSupported, outOfRange } from './failures.ts';
import { byPercentile, inIntervals, rankAt } from './iterate.ts';
import * as statistics from './statistics.ts';
import { kLargest, toBigInt, toNumber, toWhole, type Whole, wholeOf } from './whole.ts';

// A whole number that a histogram may be given, from 1 on.
function checked(value: number | bigint, name: string): Whole {
  const whole = typeof value === 'number' ? MathTrunc(value) : value;
  if (!(whole >= 1 && whole <= kLargest)) throw outOfRange(`${name} is out of range`);
  return toWhole(whole);
}

function checkedShape(lowest: Whole, highest: Whole, figures: number): Shape {
  const shape = { lowest: toWhole(lowest), highest: toWhole(highest), figures };
  if (!isPossible(shape)) throw invalid('Invalid histogram options');
  return shape;
}

// The clock of the Worker, which stands still while it computes, in nanoseconds.
const nanoseconds = (): number => MathFloor((native.now() - native.timeOrigin()) * 1e6);

type Pairs = Map<number, unknown>;

export class Histogram {
  readonly #counts: Counts;
  readonly #decay: Decay;
  #exceeds = 0;
  #before: number | undefined; // when recordDelta() was called last

  constructor(
    lowest: Whole | Counts,
    highest: Whole = 0,
    figures = 0,
    halfLife = 0,
    threshold: number | Decay = 0,
  ) {
    this.#counts =
      typeof lowest === 'object' ? lowest : new Counts(checkedShape(lowest, highest, figures));
    this.#decay =
      typeof threshold === 'object' ? threshold : Decay.of(halfLife, MathTrunc(threshold));
  }

  static import(bytes: Uint8Array): Histogram {
    const found = read(bytes);
    if (found === undefined) throw invalid('Invalid histogram export data');
    return new Histogram(found.counts, 0, 0, 0, found.decay);
  }
  export(): Uint8Array {
    return write({ counts: this.#counts, decay: this.#decay });
  }

  // False: the value is too high.
  #record(value: Whole): boolean {
    const recorded = this.#counts.record(value, 1);
    if (recorded) this.#decay.record(value);
    else this.#exceeds += 1;
    return recorded;
  }
  record(value: number | bigint): void {
    this.#record(checked(value, 'value'));
  }
  recordDelta(): void {
    const now = nanoseconds();
    if (this.#before !== undefined) this.#record(now - this.#before);
    this.#before = now;
  }
  // And what would have been recorded in the meantime, had it not been held up.
  recordCorrected(value: number | bigint, interval: number | bigint): void {
    const whole = checked(value, 'value');
    const step = toBigInt(checked(interval, 'expected_interval'));
    if (!this.#record(whole)) return;
    // Those of one step at a time: there may be more of them than can be counted one by one.
    for (let missed = toBigInt(whole) - step; missed >= step; ) {
      const begin = toBigInt(wholeOf(this.#counts.stepOf(toWhole(missed)).lowest));
      const times = (missed - (begin > step ? begin : step)) / step + 1n;
      const last = missed - (times - 1n) * step;
      if (times > 1n) this.#counts.record(toWhole(missed), toNumber(times - 1n));
      this.#counts.record(toWhole(last), 1);
      missed = last - step;
    }
  }
  add(other: Histogram): number {
    this.#counts.add(other.#counts);
    this.#exceeds += other.#exceeds;
    if (other.#before !== undefined && !(other.#before < (this.#before ?? 0)))
      this.#before = other.#before;
    return this.#counts.total;
  }
  subtract(other: Histogram): void {
    const exceeds = this.#exceeds - other.#exceeds;
    this.#counts.subtract(other.#counts);
    this.#exceeds = exceeds < 0 ? 0 : exceeds;
  }
  reset(): void {
    this.#counts.clear();
    this.#decay.clear();
    this.#exceeds = 0;
    this.#before = undefined;
  }

  // For sums of several: what was too high for them.
  countExceeding(times: number): void {
    this.#exceeds += times;
  }

  count(): number {
    return this.#counts.total;
  }
  countBigInt(): bigint {
    return toBigInt(wholeOf(this.#counts.total));
  }
  exceeds(): number {
    return this.#exceeds;
  }
  exceedsBigInt(): bigint {
    return toBigInt(this.#exceeds);
  }
  #min(): Whole {
    const { least, total } = this.#counts;
    if (total === 0) return kLargest;
    if (this.#counts.countAt(0) > 0) return 0;
    return wholeOf(this.#counts.stepOf(least as Whole).lowest);
  }
  min(): number {
    return toNumber(this.#min());
  }
  minBigInt(): bigint {
    return toBigInt(this.#min());
  }
  #max(): Whole {
    return this.#counts.most === 0 && this.#counts.countAt(0) === 0
      ? 0
      : highestOf(this.#counts.stepOf(this.#counts.most));
  }
  max(): number {
    return toNumber(this.#max());
  }
  maxBigInt(): bigint {
    return toBigInt(this.#max());
  }
  mean(): number {
    return statistics.mean(this.#counts);
  }
  stddev(): number {
    return statistics.deviation(this.#counts);
  }
  skewness(): number {
    return statistics.skewness(this.#counts);
  }
  kurtosis(): number {
    return statistics.kurtosis(this.#counts);
  }
  ewmaMean(): number {
    return this.#decay.state.mean;
  }
  ewmaStddev(): number {
    return this.#decay.state.variance ** 0.5;
  }
  ewmaErrorRate(): number {
    return this.#decay.state.errorRate;
  }

  #percentile(percentile: number): Whole {
    const { total } = this.#counts;
    return total === 0 ? 0 : highestOf(this.#counts.nth(rankAt(percentile, total)));
  }
  percentile(percentile: number): number {
    return toNumber(this.#percentile(percentile));
  }
  percentileBigInt(percentile: number): bigint {
    return toBigInt(this.#percentile(percentile));
  }
  percentiles(map: Pairs): void {
    byPercentile(this.#counts, (percentile, value) => MapPrototypeSet(map, percentile, value));
  }
  percentilesBigInt(map: Pairs): void {
    byPercentile(this.#counts, (percentile, value) =>
      MapPrototypeSet(map, percentile, toBigInt(wholeOf(value))),
    );
  }
  percentilesAt(map: Pairs, wanted: Float64Array): void {
    for (let i = 0; i < TypedArrayPrototypeGetLength(wanted); i++) {
      const percentile = wanted[i] as number;
      MapPrototypeSet(map, percentile, this.percentile(percentile));
    }
  }
  percentileCI(percentile: number, confidence: number): number[] {
    const { total } = this.#counts;
    if (total === 0) return [0, 0, 0];
    const [lower, upper] = ranksAround(percentile / 100, total, confidence);
    return [
      this.percentile(percentile),
      lower === 0 ? this.#counts.nth(1).lowest : toNumber(highestOf(this.#counts.nth(lower))),
      toNumber(highestOf(this.#counts.nth(upper))),
    ];
  }
  linearBuckets(width: number, map: Pairs): void {
    const following = (boundary: number, beyond: number) => {
      const widths = -MathFloor((boundary - beyond) / width);
      return boundary + (widths > 1 ? widths : 1) * width;
    };
    inIntervals(this.#counts, width, following, (boundary, count) =>
      MapPrototypeSet(map, boundary, count),
    );
  }
  logBuckets(first: number, base: number, map: Pairs): void {
    const following = (boundary: number, beyond: number) => {
      const next = MathFloor(boundary * base);
      return next > beyond ? next : beyond;
    };
    inIntervals(this.#counts, first, following, (boundary, count) =>
      MapPrototypeSet(map, boundary, count),
    );
  }

  // The counts up to and including the value's own step.
  cdf(value: number): number {
    const { total } = this.#counts;
    if (!(value >= 0) || total === 0) return 0;
    if (value >= this.#counts.most) return 1;
    const { lowest } = this.#counts.stepOf(MathFloor(value));
    let seen = 0;
    this.#counts.each((step) => {
      if (step.lowest > lowest) return false;
      seen += step.count;
      return true;
    });
    return seen / total;
  }
  countAt(value: number): number {
    return value >= 0 && value < 2 ** 63 ? this.#counts.countAt(MathFloor(value)) : 0;
  }
  meanCI(confidence: number): number[] {
    return statistics.meanWithin(this.#counts, confidence);
  }
  ksTest(other: Histogram): number {
    return statistics.kolmogorovSmirnov(this.#counts, other.#counts);
  }
  welchTest(other: Histogram, confidence: number): number[] {
    return statistics.welch(this.#counts, other.#counts, confidence);
  }
  mannWhitneyTest(other: Histogram): number[] {
    return statistics.mannWhitney(this.#counts, other.#counts);
  }
  cohensD(other: Histogram): number {
    return statistics.cohen(this.#counts, other.#counts);
  }
  cliffsD(other: Histogram): number {
    return statistics.cliff(this.#counts, other.#counts);
  }
  qrde(): never {
    throw notSupported('qrde()');
  }
}

// Samples how long a timer takes that is to fire so often. It is one of the request that
// starts it, and ends with that.
export class DelayHistogram extends Histogram {
  readonly #resolution: number;
  #timer: number | undefined;

  constructor(resolution: number) {
    super(1, 3_600_000_000_000, 3);
    this.#resolution = resolution;
  }
  start(): void {
    this.#timer = startScriptTimer(() => this.recordDelta(), this.#resolution, true);
  }
  stop(): void {
    if (this.#timer !== undefined) stopTimer(this.#timer);
    this.#timer = undefined;
  }
}

// The last `chunks` histograms of a row, to which one is added after so many records or
// so many nanoseconds.
export class SlidingWindowHistogram {
  readonly #shape: Shape;
  readonly #chunks: number;
  readonly #isTimed: boolean;
  readonly #rotateAt: bigint;
  #window: Chunk[] = [];
  #begun = 0; // when the newest began, where they are timed

  constructor(
    lowest: Whole,
    highest: Whole,
    figures: number,
    chunks: number,
    isTimed: boolean,
    rotateAt: bigint,
  ) {
    this.#shape = checkedShape(lowest, highest, figures);
    this.#chunks = chunks;
    this.#isTimed = isTimed;
    this.#rotateAt = rotateAt;
  }

  record(value: number | bigint): void {
    const whole = checked(value, 'value');
    if (this.#window.length === 0) {
      this.#window[0] = new Chunk(this.#shape);
      this.#begun = nanoseconds();
    }
    if (this.#isTimed) this.#forget();
    else if (this.#newest().records >= this.#rotateAt) this.#move(1);
    this.#newest().record(whole);
  }

  snapshot(): Histogram {
    if (this.#isTimed) this.#forget();
    const sum = new Counts(this.#shape);
    const histogram = new Histogram(sum);
    for (let i = 0; i < this.#window.length; i++) {
      const { counts, exceeds } = this.#window[i] as Chunk;
      sum.add(counts);
      histogram.countExceeding(exceeds);
    }
    return histogram;
  }

  reset(): void {
    this.#window = [];
  }

  // Requires: there is one.
  #newest(): Chunk {
    return this.#window[this.#window.length - 1] as Chunk;
  }

  // What is older than the window.
  #forget(): void {
    const width = toNumber(this.#rotateAt);
    const passed = MathFloor((nanoseconds() - this.#begun) / width);
    if (this.#window.length === 0 || passed < 1) return;
    this.#begun += passed * width;
    this.#move(passed < this.#chunks ? passed : this.#chunks);
  }

  // By so many chunks, of which those that are too old fall out.
  #move(by: number): void {
    const kept: Chunk[] = [];
    const all = this.#window.length + by;
    for (let i = all > this.#chunks ? all - this.#chunks : 0; i < all; i++)
      kept[kept.length] = this.#window[i] ?? new Chunk(this.#shape);
    this.#window = kept;
  }
}

class Chunk {
  readonly counts: Counts;
  records = 0;
  exceeds = 0;

  constructor(shape: Shape) {
    this.counts = new Counts(shape);
  }
  record(value: Whole): void {
    this.records += 1;
    if (!this.counts.record(value, 1)) this.exceeds += 1;
  }
}
