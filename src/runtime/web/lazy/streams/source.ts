// How a controller drives its source: start once, then pull, one at a time, as
// often as the controller wants (…CallPullIfNeeded of both controllers, §4.9.4 and
// §4.9.5). The algorithms are dropped when no more of them is needed.
import { PromiseResolve } from '../../primordials.ts';
import { resolvedWithUndefined, upon } from './promises.ts';

export interface SourceAlgorithms {
  start: () => unknown;
  pull: () => Promise<unknown>;
  cancel: (reason: unknown) => Promise<unknown>;
}

export interface Pulling {
  // …ShouldCallPull, once the source has started.
  wantsPull(): boolean;
  error(reason: unknown): void;
}

export class Source {
  readonly #controller: Pulling;
  #algorithms: SourceAlgorithms | null;
  #started = false;
  #pulling = false;
  #pullAgain = false;
  readonly #onPulled = () => {
    this.#pulling = false;
    if (!this.#pullAgain) return;
    this.#pullAgain = false;
    this.pullIfNeeded();
  };
  readonly #onFailed = (reason: unknown) => this.#controller.error(reason);

  constructor(controller: Pulling, algorithms: SourceAlgorithms) {
    this.#controller = controller;
    this.#algorithms = algorithms;
  }

  get started(): boolean {
    return this.#started;
  }

  // Throws what the start algorithm throws. Requires: not called before.
  start(): void {
    const result = (this.#algorithms as SourceAlgorithms).start();
    upon(
      PromiseResolve(result),
      () => {
        this.#started = true;
        this.pullIfNeeded();
      },
      this.#onFailed,
    );
  }

  pullIfNeeded(): void {
    if (!this.#started || !this.#controller.wantsPull()) return;
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    this.#pulling = true;
    upon((this.#algorithms as SourceAlgorithms).pull(), this.#onPulled, this.#onFailed);
  }

  cancel(reason: unknown): Promise<unknown> {
    const result = this.#algorithms?.cancel(reason) ?? resolvedWithUndefined;
    this.clear();
    return result;
  }

  clear(): void {
    this.#algorithms = null;
  }
}
