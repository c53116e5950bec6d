// Counts of whole numbers, each number kept to so many significant figures: the buckets of
// HdrHistogram. A bucket holds twice the numbers of the one before, in steps twice as wide,
// and is cut into the same number of steps; of each bucket but the first only the upper
// half is new, so the counts stand in halves. A half is allocated when a number falls into
// it: all of a usual histogram would be 360 KB, where what it counts lies in one or two.
//
// Source: hdrhistogram.org; Node's documentation, "Class: Histogram".
import { Float64Array, MathFloor } from '../../web/primordials.ts';
import { exponentOf, lastOf, leading, type Whole, wholeOf } from './whole.ts';

export interface Shape {
  readonly lowest: Whole;
  readonly highest: Whole;
  readonly figures: number;
}

// Steps of the first bucket: a power of two that holds all numbers of so many figures.
function stepsFor(figures: number): number {
  return 2 ** (exponentOf(2 * 10 ** figures - 1) + 1);
}

// Whether the steps of such a histogram are within 63 bits.
export function isPossible({ lowest, figures }: Shape): boolean {
  return exponentOf(leading(lowest)) + exponentOf(stepsFor(figures)) - 1 <= 61;
}

// One step that something was counted in.
export interface Step {
  lowest: number; // exact, also beyond 2 ** 53: few bits of it are set
  size: number;
  count: number;
}

export const medianOf = ({ lowest, size }: Step): number => lowest + MathFloor(size / 2);
export const highestOf = ({ lowest, size }: Step): Whole => lastOf(lowest, size);

export class Counts {
  readonly shape: Shape;
  // How many counts there would be, if all were allocated.
  readonly length: number;
  total = 0;
  // As they were recorded; `least` is undefined where all that was recorded is 0.
  least: Whole | undefined;
  most: Whole = 0;
  readonly #unit: number;
  readonly #steps: number;
  #halves: (Float64Array | null)[] = [];

  // Requires: isPossible(shape).
  constructor(shape: Shape) {
    this.shape = shape;
    this.#unit = 2 ** exponentOf(leading(shape.lowest));
    this.#steps = stepsFor(shape.figures);
    let buckets = 1;
    let beyond = this.#steps * this.#unit;
    while (beyond <= shape.highest && beyond < 2 ** 63) {
      beyond *= 2;
      buckets += 1;
    }
    this.length = (buckets + 1) * (this.#steps / 2);
  }

  clear(): void {
    this.#halves = [];
    this.total = 0;
    this.least = undefined;
    this.most = 0;
  }

  // False: the value is higher than what is counted.
  record(value: Whole, times: number): boolean {
    if (value > this.shape.highest) return false;
    this.addAt(this.indexOf(value), times);
    if (value !== 0 && (this.least === undefined || value < this.least)) this.least = value;
    if (value > this.most) this.most = value;
    return true;
  }

  // Counts alone: `least` and `most` are for the caller.
  addAt(index: number, times: number): void {
    const size = this.#steps / 2;
    const at = MathFloor(index / size);
    for (let i = this.#halves.length; i <= at; i++) this.#halves[i] = null;
    let half = this.#halves[at];
    if (!half) {
      half = new Float64Array(size);
      this.#halves[at] = half;
    }
    half[index % size] = (half[index % size] as number) + times;
    this.total += times;
  }

  // What is counted from here on was never less or more than what is counted now.
  findEnds(): void {
    this.least = undefined;
    this.most = 0;
    this.each(({ lowest }) => {
      const value = wholeOf(lowest);
      if (value !== 0) this.least ??= value;
      this.most = value;
      return true;
    });
  }

  countAt(value: Whole): number {
    const index = this.indexOf(value);
    const size = this.#steps / 2;
    const half = this.#halves[MathFloor(index / size)];
    return half ? (half[index % size] as number) : 0;
  }

  indexOf(value: Whole): number {
    const units = leading(value) / this.#unit;
    const bucket = units < this.#steps ? 0 : exponentOf(units) - exponentOf(this.#steps) + 1;
    return bucket * (this.#steps / 2) + MathFloor(units / 2 ** bucket);
  }

  stepAt(index: number): Step {
    const half = this.#steps / 2;
    const bucket = index < this.#steps ? 0 : MathFloor(index / half) - 1;
    const size = 2 ** bucket * this.#unit;
    return { lowest: (index - bucket * half) * size, size, count: 0 };
  }

  stepOf(value: Whole): Step {
    return this.stepAt(this.indexOf(value));
  }

  // Each step with a count, from below, until `visit` says false. The step is of that call.
  each(visit: (step: Step, index: number) => boolean): void {
    const size = this.#steps / 2;
    for (let i = 0; i < this.#halves.length; i++) {
      const half = this.#halves[i];
      if (!half) continue;
      for (let k = 0; k < size; k++) {
        const count = half[k] as number;
        if (count === 0) continue;
        const step = this.stepAt(i * size + k);
        step.count = count;
        if (!visit(step, i * size + k)) return;
      }
    }
  }

  // The step of the value that is the nth from below; the last one beyond them.
  nth(rank: number): Step {
    let found: Step = { lowest: 0, size: this.#unit, count: 0 };
    let seen = 0;
    this.each((step) => {
      seen += step.count;
      found = step;
      return seen < rank;
    });
    return found;
  }

  // Those of `other` too. False: some are higher than what is counted here.
  add(other: Counts): boolean {
    let all = true;
    const list = other.#list();
    for (let i = 0; i < list.length; i++) {
      const { lowest, count } = list[i] as Step;
      if (!this.record(wholeOf(lowest), count)) all = false;
    }
    return all;
  }

  // Without those of `other`, as far as they are here.
  subtract(other: Counts): void {
    const list = other.#list();
    for (let i = 0; i < list.length; i++) {
      const { lowest, count } = list[i] as Step;
      const value = wholeOf(lowest);
      const here = value > this.shape.highest ? 0 : this.countAt(value);
      if (here > 0) this.addAt(this.indexOf(value), -(count < here ? count : here));
    }
    this.findEnds();
  }

  // `other` may be this one.
  #list(): Step[] {
    const list: Step[] = [];
    this.each((step) => {
      list[list.length] = step;
      return true;
    });
    return list;
  }
}
