// Averages in which what was recorded counts half as much after each half-life, which is
// told in records. Source: Node's documentation, "perf_hooks.createHistogram()".
import { builtin, type Whole } from './whole.ts';

export interface DecayState {
  alpha: number; // the weight of a record; 0: there are no such averages
  mean: number;
  variance: number;
  errorRate: number; // of records above the threshold
  threshold: Whole; // 0: none
}

export class Decay {
  readonly state: DecayState;
  #begun = false;

  constructor(state: DecayState) {
    this.state = state;
    this.#begun = state.mean !== 0;
  }

  static of(halfLife: number, threshold: Whole): Decay {
    const alpha = halfLife > 0 ? 1 - builtin.exp(-builtin.log(2) / halfLife) : 0;
    return new Decay({ alpha, mean: 0, variance: 0, errorRate: 0, threshold });
  }

  record(value: Whole): void {
    const { state } = this;
    if (state.alpha === 0) return;
    const isError = state.threshold !== 0 && value > state.threshold ? 1 : 0;
    const number = builtin.Number(value);
    if (!this.#begun) {
      this.#begun = true;
      state.mean = number;
      state.errorRate = isError;
      return;
    }
    const off = number - state.mean;
    state.mean += state.alpha * off;
    state.variance = (1 - state.alpha) * (state.variance + state.alpha * off * off);
    state.errorRate += state.alpha * (isError - state.errorRate);
  }

  clear(): void {
    this.#begun = false;
    this.state.mean = 0;
    this.state.variance = 0;
    this.state.errorRate = 0;
  }
}
