// Queues: a plain one, and the queue-with-sizes of Streams Standard §8.1.
import { copyOfList } from '../../copies.ts';
import { wrongRange } from './errors.ts';

// First in, first out; shift() costs the same however long the queue is.
export class Queue<T> {
  #items: T[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items[this.#items.length] = item;
  }

  // Requires: length > 0.
  peek(): T {
    return this.#items[this.#head] as T;
  }

  // Requires: length > 0.
  shift(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined as T;
    this.#head++;
    if (this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items = copyOfList(this.#items, this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}

export class SizedQueue<T> {
  readonly #entries = new Queue<{ value: T; size: number }>();
  #total = 0;

  get length(): number {
    return this.#entries.length;
  }

  get total(): number {
    return this.#total;
  }

  // EnqueueValueWithSize. Throws for a size that is negative or not finite.
  push(value: T, size: unknown): void {
    const number = +(size as number);
    if (!(number >= 0) || number === Infinity)
      throw wrongRange(`The size of a chunk is ${number}; it must be finite and not negative`);
    this.#entries.push({ value, size: number });
    this.#total += number;
  }

  peek(): T {
    return this.#entries.peek().value;
  }

  shift(): T {
    const { value, size } = this.#entries.shift();
    this.#total -= size;
    if (this.#total < 0) this.#total = 0; // rounding
    return value;
  }

  clear(): void {
    this.#entries.clear();
    this.#total = 0;
  }
}
