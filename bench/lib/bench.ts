// What a benchmark is. The list of them is in bench/main.ts.
import type { Result } from './table.ts';

export interface Bench {
  readonly name: string;
  readonly about: string;
  /** Measures and prints; the result goes to --json. */
  run(options: BenchOptions): Promise<Result>;
}

export interface BenchOptions {
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  /** Names of peers; empty for all. */
  readonly peers: readonly string[];
  note(text: string): void;
}
