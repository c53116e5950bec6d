// URLSearchParams, URL Standard §6.2, and the application/x-www-form-urlencoded
// format, §5, which FormData uses as well.
import { brands } from '../brands.ts';
import { partOfBytes } from '../copies.ts';
import { definePairIterable } from '../iterable.ts';
import {
  ArrayPrototypeSort,
  ObjectDefineProperty,
  RegExpPrototypeExec,
  StringFromCharCode,
  StringPrototypeIndexOf,
  StringPrototypeReplaceAll,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
  SymbolIterator,
  TypedArrayPrototypeGetLength,
  TypeError,
} from '../primordials.ts';
import {
  defineInterface,
  eachEntry,
  illegalReceiver,
  isCallable,
  isObject,
  iterate,
  toPair,
  toUSVString,
  withCode,
} from '../webidl.ts';
import { showList } from './node_compat/inspected.ts';

// §5.1, of text: flat [name, value, …].
export function parseForm(text: string): string[] {
  const list: string[] = [];
  const parts = StringPrototypeSplit(text, '&');
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    if (part === '') continue;
    const at = StringPrototypeIndexOf(part, '=');
    const name = at < 0 ? part : StringPrototypeSlice(part, 0, at);
    list[list.length] = decode(name);
    list[list.length] = at < 0 ? '' : decode(StringPrototypeSlice(part, at + 1));
  }
  return list;
}

function decode(text: string): string {
  const spaced =
    StringPrototypeIndexOf(text, '+') < 0 ? text : StringPrototypeReplaceAll(text, '+', ' ');
  return StringPrototypeIndexOf(spaced, '%') < 0 ? toUSVString(spaced) : percentDecode(spaced);
}

function hexDigit(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

function percentDecode(text: string): string {
  const bytes = native.utf8Encode(text);
  const length = TypedArrayPrototypeGetLength(bytes);
  let end = 0;
  for (let i = 0; i < length; i++) {
    let byte = bytes[i] as number;
    if (byte === 0x25 && i + 2 < length) {
      const high = hexDigit(bytes[i + 1] as number);
      const low = hexDigit(bytes[i + 2] as number);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        i += 2;
      }
    }
    bytes[end++] = byte;
  }
  return native.utf8Decode(partOfBytes(bytes, 0, end), false, true);
}

const plain = /^[*\-.0-9A-Z_a-z]*$/;
const kHex = '0123456789ABCDEF';

function encode(text: string): string {
  if (RegExpPrototypeExec(plain, text) !== null) return text;
  const bytes = native.utf8Encode(text);
  const length = TypedArrayPrototypeGetLength(bytes);
  let out = '';
  for (let i = 0; i < length; i++) {
    const byte = bytes[i] as number;
    if (byte === 0x20) out += '+';
    else if (isPlain(byte)) out += StringFromCharCode(byte);
    else out += `%${kHex[byte >> 4]}${kHex[byte & 15]}`;
  }
  return out;
}

function isPlain(byte: number): boolean {
  if (byte >= 0x30 && byte <= 0x39) return true;
  if ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) return true;
  return byte === 0x2a || byte === 0x2d || byte === 0x2e || byte === 0x5f;
}

// §5.2.
function serializeForm(list: readonly string[]): string {
  let out = '';
  for (let i = 0; i < list.length; i += 2)
    out += `${i === 0 ? '' : '&'}${encode(list[i] as string)}=${encode(list[i + 1] as string)}`;
  return out;
}

// What a call is refused for before its arguments are converted; these may change the
// list. The messages are Node's.
function requireNames(self: unknown, given: number, needed: 1 | 2): void {
  listIn(self);
  if (given >= needed) return;
  const names = needed === 1 ? 'The "name" argument' : 'The "name" and "value" arguments';
  throw withCode(new TypeError(`${names} must be specified`), 'ERR_MISSING_ARGS');
}

let listOf: (value: unknown) => string[] | null;
let reload: (params: URLSearchParams, query: string) => void;
let ofUrl: (query: string, update: (query: string) => void) => URLSearchParams;

function withoutMark(query: string): string {
  return StringPrototypeStartsWith(query, '?') ? StringPrototypeSlice(query, 1) : query;
}

function fromInit(init: unknown): string[] {
  if (!isObject(init)) return parseForm(withoutMark(toUSVString(init)));
  const list: string[] = [];
  const method: unknown = (init as Partial<Iterable<unknown>>)[SymbolIterator];
  if (method !== undefined && method !== null) {
    if (!isCallable(method))
      throw new TypeError('URLSearchParams: Symbol.iterator is not a function');
    iterate(init, method, (element) => {
      const pair = toPair(element, 'URLSearchParams');
      list[list.length] = toUSVString(pair[0]);
      list[list.length] = toUSVString(pair[1]);
    });
    return list;
  }
  eachEntry(init, (name, value) => {
    for (let i = 0; i < list.length; i += 2)
      if (list[i] === name) {
        list[i + 1] = toUSVString(value); // two keys that differ in lone surrogates
        return;
      }
    list[list.length] = name;
    list[list.length] = toUSVString(value);
  });
  return list;
}

export class URLSearchParams {
  #list: string[];
  // Writes the query back into the URL that this belongs to.
  #update: ((query: string) => void) | null = null;

  static {
    listOf = (value) => (isObject(value) && #list in value ? value.#list : null);
    reload = (params, query) => {
      params.#list = parseForm(withoutMark(query));
    };
    ofUrl = (query, update) => {
      const params = new URLSearchParams(query);
      params.#update = update;
      return params;
    };
  }

  constructor(init: unknown = '') {
    this.#list = fromInit(init);
  }

  get size(): number {
    return listIn(this).length / 2;
  }

  append(name: unknown, value: unknown): void {
    requireNames(this, arguments.length, 2);
    const key = toUSVString(name);
    const text = toUSVString(value);
    const list = this.#list;
    list[list.length] = key;
    list[list.length] = text;
    this.#changed();
  }

  delete(name: unknown, value: unknown = undefined): void {
    requireNames(this, arguments.length, 1);
    const key = toUSVString(name);
    const only = value === undefined ? undefined : toUSVString(value);
    const list = this.#list;
    let end = 0;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === key && (only === undefined || list[i + 1] === only)) continue;
      list[end++] = list[i] as string;
      list[end++] = list[i + 1] as string;
    }
    list.length = end;
    this.#changed();
  }

  get(name: unknown): string | null {
    requireNames(this, arguments.length, 1);
    const key = toUSVString(name);
    const list = this.#list;
    for (let i = 0; i < list.length; i += 2) if (list[i] === key) return list[i + 1] as string;
    return null;
  }

  getAll(name: unknown): string[] {
    requireNames(this, arguments.length, 1);
    const key = toUSVString(name);
    const list = this.#list;
    const found: string[] = [];
    for (let i = 0; i < list.length; i += 2)
      if (list[i] === key) found[found.length] = list[i + 1] as string;
    return found;
  }

  has(name: unknown, value: unknown = undefined): boolean {
    requireNames(this, arguments.length, 1);
    const key = toUSVString(name);
    const only = value === undefined ? undefined : toUSVString(value);
    const list = this.#list;
    for (let i = 0; i < list.length; i += 2)
      if (list[i] === key && (only === undefined || list[i + 1] === only)) return true;
    return false;
  }

  set(name: unknown, value: unknown): void {
    requireNames(this, arguments.length, 2);
    const key = toUSVString(name);
    const text = toUSVString(value);
    const list = this.#list;
    let end = 0;
    let found = false;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === key && found) continue;
      const here = list[i] === key;
      list[end++] = list[i] as string;
      list[end++] = here ? text : (list[i + 1] as string);
      found ||= here;
    }
    list.length = end;
    if (!found) {
      list[end] = key;
      list[end + 1] = text;
    }
    this.#changed();
  }

  // By code units of the name; pairs of one name keep their order.
  sort(): void {
    const list = listIn(this);
    const pairs: [string, string][] = [];
    for (let i = 0; i < list.length; i += 2)
      pairs[pairs.length] = [list[i] as string, list[i + 1] as string];
    ArrayPrototypeSort(pairs, byName);
    for (let i = 0; i < pairs.length; i++) {
      list[2 * i] = (pairs[i] as [string, string])[0];
      list[2 * i + 1] = (pairs[i] as [string, string])[1];
    }
    this.#changed();
  }

  toString(): string {
    return serializeForm(listIn(this));
  }

  #changed(): void {
    this.#update?.(serializeForm(this.#list));
  }
}

function byName(a: readonly [string, string], b: readonly [string, string]): number {
  if (a[0] === b[0]) return 0;
  return a[0] < b[0] ? -1 : 1;
}

// The brand check of all methods.
function listIn(self: unknown): string[] {
  return listOf(self) ?? illegalReceiver('URLSearchParams');
}

const kIterator = 'URLSearchParams Iterator';
definePairIterable(URLSearchParams, 'URLSearchParams', listIn, (iterators, rest) => {
  const parts = (self: object, show: (value: unknown) => string) => {
    const shown = rest(self) ?? illegalReceiver(kIterator);
    for (let i = 0; i < shown.length; i++) shown[i] = show(shown[i]);
    return shown as string[];
  };
  showList(iterators, kIterator, parts, '{  }');
});
defineInterface(URLSearchParams, 'URLSearchParams');
showList(
  URLSearchParams,
  'URLSearchParams',
  (self, show) => {
    const list = listIn(self);
    const parts: string[] = [];
    for (let i = 0; i < list.length; i += 2)
      parts[i / 2] = `${show(list[i])} => ${show(list[i + 1])}`;
    return parts;
  },
  '{}',
);
brands.searchParams = (value): value is URLSearchParams => listOf(value) !== null;

// Adds to the error of a URL that is none what Node tells of it.
export function tellInput<E extends Error>(error: E, input: string, base: unknown): E {
  const tell = (name: string, value: string) =>
    ObjectDefineProperty(error, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  tell('input', input);
  if (base !== undefined) tell('base', `${base}`);
  return error;
}

export function serialize(params: URLSearchParams): string {
  return serializeForm(listOf(params) as string[]);
}

export { ofUrl, reload };
