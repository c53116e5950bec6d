// Headers, Fetch Standard §5.1, over a flat list of lower-case names and values.

import { copyOfList } from './copies.ts';
import { definePairIterable } from './iterable.ts';
import {
  RegExpPrototypeExec,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  SymbolIterator,
  TypeError,
} from './primordials.ts';
import {
  defineInterface,
  eachEntry,
  isCallable,
  isObject,
  iterate,
  kInternal,
  requireArguments,
  toByteString,
  toPair,
} from './webidl.ts';

// Each pattern finds what must not be there: a search without a match allocates
// nothing.
const notToken = /[^a-z0-9!#$%&'*+\-.^_`|~]/;
const notPlain = /[^\t\x20-\x7e\x80-\xff]/;
const forbidden = /[\0\r\n]/;

export function normalizeName(name: unknown, what: string): string {
  const lower = StringPrototypeToLowerCase(typeof name === 'string' ? name : `${name}`);
  if (lower === '' || RegExpPrototypeExec(notToken, lower) !== null)
    throw new TypeError(`${what}: "${name}" is not a header name`);
  return lower;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d;
}

// §2.2.2 "normalize": without HTTP whitespace at either end.
function normalizeValue(value: unknown, what: string): string {
  const text = typeof value === 'string' ? value : `${value}`;
  const { length } = text;
  if (length === 0) return text;
  const edges =
    isSpace(StringPrototypeCharCodeAt(text, 0)) ||
    isSpace(StringPrototypeCharCodeAt(text, length - 1));
  if (!edges && RegExpPrototypeExec(notPlain, text) === null) return text;
  return normalizeSlowly(toByteString(text, what), what);
}

function normalizeSlowly(text: string, what: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(StringPrototypeCharCodeAt(text, start))) start++;
  while (start < end && isSpace(StringPrototypeCharCodeAt(text, end - 1))) end--;
  const normal = StringPrototypeSlice(text, start, end);
  if (RegExpPrototypeExec(forbidden, normal) !== null)
    throw new TypeError(`${what}: the value holds NUL, CR or LF`);
  return normal;
}

// A header list (§2.2.2). Names are in lower case; a name may occur repeatedly.
export class HeaderList {
  readonly items: string[];
  #sorted: string[] | null = null;

  // `items` is owned by the list from here on.
  constructor(items: string[]) {
    this.items = items;
  }

  copy(): HeaderList {
    return new HeaderList(copyOfList(this.items));
  }

  // §2.2.2 "get": null when absent, else all values joined by ", ".
  get(name: string): string | null {
    const items = this.items;
    let value: string | null = null;
    for (let i = 0; i < items.length; i += 2)
      if (items[i] === name)
        value = value === null ? (items[i + 1] as string) : `${value}, ${items[i + 1]}`;
    return value;
  }

  has(name: string): boolean {
    const items = this.items;
    for (let i = 0; i < items.length; i += 2) if (items[i] === name) return true;
    return false;
  }

  append(name: string, value: string): void {
    this.#sorted = null;
    const items = this.items;
    items[items.length] = name;
    items[items.length] = value;
  }

  set(name: string, value: string): void {
    const items = this.items;
    for (let i = 0; i < items.length; i += 2) {
      if (items[i] !== name) continue;
      this.#sorted = null;
      items[i + 1] = value;
      this.#remove(name, i + 2);
      return;
    }
    this.append(name, value);
  }

  delete(name: string): void {
    this.#remove(name, 0);
  }

  #remove(name: string, from: number): void {
    this.#sorted = null;
    const items = this.items;
    let end = from;
    for (let i = from; i < items.length; i += 2) {
      if (items[i] === name) continue;
      items[end] = items[i] as string;
      items[end + 1] = items[i + 1] as string;
      end += 2;
    }
    items.length = end;
  }

  values(name: string): string[] {
    const found: string[] = [];
    for (let i = 0; i < this.items.length; i += 2)
      if (this.items[i] === name) found[found.length] = this.items[i + 1] as string;
    return found;
  }

  // §2.2.2 "sort and combine"; the list is short, so insertion sort.
  sorted(): string[] {
    if (this.#sorted !== null) return this.#sorted;
    const out: string[] = [];
    const items = this.items;
    for (let i = 0; i < items.length; i += 2) {
      const name = items[i] as string;
      const value = items[i + 1] as string;
      let at = out.length;
      while (at > 0 && (out[at - 2] as string) > name) at -= 2;
      if (at > 0 && out[at - 2] === name && name !== 'set-cookie') {
        out[at - 1] = `${out[at - 1]}, ${value}`;
        continue;
      }
      for (let j = out.length - 1; j >= at; j--) out[j + 2] = out[j] as string;
      out[at] = name;
      out[at + 1] = value;
    }
    this.#sorted = out;
    return out;
  }
}

// §5.1 "fill", onto `list`.
export function fillHeaders(list: HeaderList, init: unknown, what: string): void {
  if (!isObject(init)) throw new TypeError(`${what}: not an object of headers`);
  const method: unknown = (init as Partial<Iterable<unknown>>)[SymbolIterator];
  const from = method === entries ? listOf(init) : null;
  if (from !== null) {
    for (let i = 0; i < from.items.length; i += 2)
      list.append(from.items[i] as string, from.items[i + 1] as string);
    return;
  }
  const pairs: string[] = [];
  const push = (name: unknown, value: unknown) => {
    pairs[pairs.length] = toByteString(name, what);
    pairs[pairs.length] = toByteString(value, what);
  };
  if (method !== undefined && method !== null) {
    if (!isCallable(method)) throw new TypeError(`${what}: Symbol.iterator is not a function`);
    iterate(init, method, (element) => {
      const pair = toPair(element, what);
      push(pair[0], pair[1]);
    });
  } else {
    eachEntry(init, push, (key) => toByteString(key, what));
  }
  for (let i = 0; i < pairs.length; i += 2)
    list.append(normalizeName(pairs[i], what), normalizeValue(pairs[i + 1], what));
}

let listOf: (value: object) => HeaderList | null;
export function headerListOf(value: object): HeaderList | null {
  return listOf(value);
}

export class Headers {
  readonly #list: HeaderList;
  readonly #immutable: boolean;

  static {
    listOf = (value) => (#list in value ? value.#list : null);
  }

  constructor(init: unknown = undefined, state: unknown = undefined, immutable: unknown = false) {
    if (init === kInternal) {
      this.#list = state as HeaderList;
      this.#immutable = immutable as boolean;
      return;
    }
    this.#list = new HeaderList([]);
    this.#immutable = false;
    if (init !== undefined) fillHeaders(this.#list, init, 'Headers');
  }

  append(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'Headers.append');
    const lower = normalizeName(name, 'Headers.append');
    const normal = normalizeValue(value, 'Headers.append');
    this.#writable().append(lower, normal);
  }

  delete(name: unknown): void {
    requireArguments(arguments.length, 1, 'Headers.delete');
    const lower = normalizeName(name, 'Headers.delete');
    this.#writable().delete(lower);
  }

  get(name: unknown): string | null {
    requireArguments(arguments.length, 1, 'Headers.get');
    return this.#list.get(normalizeName(name, 'Headers.get'));
  }

  // Workers had this before getSetCookie: all values of Set-Cookie, one by one.
  getAll(name: unknown): string[] {
    if (normalizeName(name, 'Headers.getAll') !== 'set-cookie')
      throw new TypeError('Headers.getAll: works for "Set-Cookie" only; use get()');
    return this.#list.values('set-cookie');
  }

  getSetCookie(): string[] {
    return this.#list.values('set-cookie');
  }

  has(name: unknown): boolean {
    requireArguments(arguments.length, 1, 'Headers.has');
    return this.#list.has(normalizeName(name, 'Headers.has'));
  }

  set(name: unknown, value: unknown): void {
    requireArguments(arguments.length, 2, 'Headers.set');
    const lower = normalizeName(name, 'Headers.set');
    const normal = normalizeValue(value, 'Headers.set');
    this.#writable().set(lower, normal);
  }

  #writable(): HeaderList {
    if (this.#immutable)
      throw new TypeError(
        "Can't modify immutable headers. Copy them: new Headers(headers), new Response(body, response) or new Request(request)",
      );
    return this.#list;
  }
}

definePairIterable(Headers, 'Headers', (self) => {
  const list = isObject(self) ? listOf(self) : null;
  if (list === null) throw new TypeError('The receiver is not a Headers object');
  return list.sorted();
});
defineInterface(Headers, 'Headers');
// What Symbol.iterator of a Headers object is, unless script has put another there.
const entries: unknown = (Headers.prototype as unknown as Iterable<unknown>)[SymbolIterator];

export function makeHeaders(list: HeaderList, immutable: boolean): Headers {
  return new Headers(kInternal, list, immutable);
}
