// A Map of numbers that makes none while it has one entry, as most have: a Map that is
// emptied each time shrinks and grows each time.
import {
  Map,
  MapPrototypeDelete,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeGetSize,
  MapPrototypeSet,
} from './primordials.ts';

export class Table<T> {
  #key = 0; // 0: no such entry
  #value: T | null = null;
  #others: Map<number, T> | null = null;

  get size(): number {
    const others = this.#others === null ? 0 : (MapPrototypeGetSize(this.#others) as number);
    return others + (this.#key === 0 ? 0 : 1);
  }
  get(key: number): T | undefined {
    if (key !== 0 && key === this.#key) return this.#value as T;
    return this.#others === null ? undefined : (MapPrototypeGet(this.#others, key) as T);
  }
  set(key: number, value: T): void {
    if (this.#key === key || (this.#key === 0 && this.get(key) === undefined)) {
      this.#key = key;
      this.#value = value;
      return;
    }
    this.#others ??= new Map();
    MapPrototypeSet(this.#others, key, value);
  }
  delete(key: number): void {
    if (key === this.#key) {
      this.#key = 0;
      this.#value = null;
    } else if (this.#others !== null) MapPrototypeDelete(this.#others, key);
  }
  each(call: (value: T) => void): void {
    const first = this.#value;
    if (this.#key !== 0) call(first as T);
    if (this.#others !== null) MapPrototypeForEach(this.#others, (value) => call(value as T));
  }
}
