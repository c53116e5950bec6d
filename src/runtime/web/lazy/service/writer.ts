// Bytes of one side in their order, as fast as they are taken.
import { innerThen } from '../../inner_promises.ts';
import { ArrayPrototypeShift, bareList } from '../../primordials.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export class Writer {
  readonly #write: (bytes: Bytes) => Promise<void> | undefined;
  readonly #fail: (error: unknown) => void;
  readonly #queue = bareList<Bytes>();
  #isWaiting = false;
  #onEnd: (() => void) | null = null;

  constructor(write: (bytes: Bytes) => Promise<void> | undefined, fail: (error: unknown) => void) {
    this.#write = write;
    this.#fail = fail;
  }

  write(bytes: Bytes): void {
    this.#queue[this.#queue.length] = bytes;
    if (!this.#isWaiting) this.#flush();
  }
  // Calls `done` behind what was written.
  end(done: () => void): void {
    this.#onEnd = done;
    if (!this.#isWaiting) this.#flush();
  }

  #flush(): void {
    while (this.#queue.length > 0) {
      let wait: Promise<void> | undefined;
      try {
        wait = this.#write(ArrayPrototypeShift(this.#queue) as Bytes);
      } catch (error) {
        this.#drop(error);
        return;
      }
      if (wait === undefined) continue;
      this.#isWaiting = true;
      innerThen(
        wait,
        () => {
          this.#isWaiting = false;
          this.#flush();
        },
        (error) => {
          this.#isWaiting = false;
          this.#drop(error);
        },
      );
      return;
    }
    this.#finish();
  }

  // Nobody takes what is left.
  #drop(error: unknown): void {
    this.#queue.length = 0;
    this.#fail(error);
    this.#finish();
  }

  #finish(): void {
    const done = this.#onEnd;
    this.#onEnd = null;
    done?.();
  }
}
