// A list that only grows, and makes none while nothing is in it, as in most messages: to
// take a list's prototype away costs V8 more than to write a small message.
import { bareList } from '../../primordials.ts';

export class Gathered<T> {
  #items: T[] | null = null;

  get size(): number {
    return this.#items === null ? 0 : this.#items.length;
  }
  add(item: T): void {
    this.#items ??= bareList();
    this.#items[this.#items.length] = item;
  }
  // In the order in which they came.
  each(call: (item: T) => void): void {
    if (this.#items === null) return;
    for (let i = 0; i < this.#items.length; i++) call(this.#items[i] as T);
  }
}
