// URL, URL Standard §6.1, over the parser in C++ (ada): an href and where its
// components begin. URLSearchParams comes from a lazy module.
import type { URLSearchParams } from './lazy/search_params.ts';
import { StringPrototypeSlice, TypeError } from './primordials.ts';
import {
  defineInterface,
  kInternal,
  nodeCompat,
  requireArguments,
  toUSVString,
  withCode,
} from './webidl.ts';

// A component that is missing. As int32: what V8 keeps without an object for it.
const kOmitted = -1;
// Parts as native.urlSet numbers them.
const kHref = 0;
const kProtocol = 1;
const kUsername = 2;
const kPassword = 3;
const kHost = 4;
const kHostname = 5;
const kPort = 6;
const kPathname = 7;
const kSearch = 8;
const kHash = 9;

// The op reads its arguments as USVStrings.
function parse(url: string, base: unknown): string | null {
  return native.urlParse(url, base === undefined ? undefined : `${base}`);
}

// Source of code, input and base: Node's documentation, "ERR_INVALID_URL".
function invalidUrl(input: string, base?: unknown): TypeError {
  const error = withCode(new TypeError(`Invalid URL: "${input}"`), 'ERR_INVALID_URL');
  return nodeCompat.given ? lazy('search_params').tellInput(error, input, base) : error;
}

export class URL {
  #href = '';
  #protocolEnd = 0;
  #usernameEnd = 0;
  #hostStart = 0;
  #hostEnd = 0;
  #port = kOmitted;
  #pathnameStart = 0;
  #searchStart = kOmitted;
  #hashStart = kOmitted;
  #params: URLSearchParams | null = null;

  constructor(url: unknown, base: unknown = undefined) {
    if (url === kInternal) {
      this.#load(base as string);
      return;
    }
    requireArguments(arguments.length, 1, 'URL');
    const text = `${url}`;
    const href = parse(text, base);
    if (href === null) throw invalidUrl(text, base);
    this.#load(href);
  }

  static parse(url: unknown, base: unknown = undefined): URL | null {
    requireArguments(arguments.length, 1, 'URL.parse');
    const href = parse(`${url}`, base);
    return href === null ? null : new URL(kInternal, href);
  }

  static canParse(url: unknown, base: unknown = undefined): boolean {
    requireArguments(arguments.length, 1, 'URL.canParse');
    return parse(`${url}`, base) !== null;
  }

  // Takes href and the components that the last op left in scratch.
  #load(href: string): void {
    const at = native.scratch;
    this.#href = href;
    this.#protocolEnd = (at[0] as number) | 0;
    this.#usernameEnd = (at[1] as number) | 0;
    this.#hostStart = (at[2] as number) | 0;
    this.#hostEnd = (at[3] as number) | 0;
    this.#port = (at[4] as number) | 0;
    this.#pathnameStart = (at[5] as number) | 0;
    this.#searchStart = (at[6] as number) | 0;
    this.#hashStart = (at[7] as number) | 0;
  }

  #set(part: number, value: unknown): boolean {
    const href = native.urlSet(this.#href, part, toUSVString(value));
    if (href === null) return false;
    this.#load(href);
    return true;
  }

  #slice(from: number, to: number): string {
    return StringPrototypeSlice(this.#href, from, to);
  }

  // Where host and port begin: past the "@" if there are credentials.
  #authority(): number {
    return this.#href[this.#hostStart] === '@' ? this.#hostStart + 1 : this.#hostStart;
  }

  #refreshParams(): void {
    if (this.#params !== null) lazy('search_params').reload(this.#params, this.search);
  }

  get href(): string {
    return this.#href;
  }
  set href(value: unknown) {
    if (!this.#set(kHref, value)) throw invalidUrl(`${value}`);
    this.#refreshParams();
  }
  get origin(): string {
    return native.urlOrigin(this.#href);
  }
  get protocol(): string {
    return this.#slice(0, this.#protocolEnd);
  }
  set protocol(value: unknown) {
    this.#set(kProtocol, value);
  }
  get username(): string {
    const start = this.#protocolEnd + 2;
    return start < this.#usernameEnd ? this.#slice(start, this.#usernameEnd) : '';
  }
  set username(value: unknown) {
    this.#set(kUsername, value);
  }
  get password(): string {
    const { length } = this.#slice(this.#usernameEnd, this.#hostStart);
    return length > 0 ? this.#slice(this.#usernameEnd + 1, this.#hostStart) : '';
  }
  set password(value: unknown) {
    this.#set(kPassword, value);
  }
  get host(): string {
    // The path begins behind the port.
    const end = this.#port === kOmitted ? this.#hostEnd : this.#pathnameStart;
    return this.#slice(this.#authority(), end);
  }
  set host(value: unknown) {
    this.#set(kHost, value);
  }
  get hostname(): string {
    return this.#slice(this.#authority(), this.#hostEnd);
  }
  set hostname(value: unknown) {
    this.#set(kHostname, value);
  }
  get port(): string {
    return this.#port === kOmitted ? '' : `${this.#port}`;
  }
  set port(value: unknown) {
    this.#set(kPort, value);
  }
  get pathname(): string {
    let end = this.#href.length;
    if (this.#searchStart !== kOmitted) end = this.#searchStart;
    else if (this.#hashStart !== kOmitted) end = this.#hashStart;
    return this.#slice(this.#pathnameStart, end);
  }
  set pathname(value: unknown) {
    this.#set(kPathname, value);
  }
  get search(): string {
    if (this.#searchStart === kOmitted) return '';
    const end = this.#hashStart === kOmitted ? this.#href.length : this.#hashStart;
    return end - this.#searchStart <= 1 ? '' : this.#slice(this.#searchStart, end);
  }
  set search(value: unknown) {
    this.#set(kSearch, value);
    this.#refreshParams();
  }
  get searchParams(): URLSearchParams {
    if (this.#params === null)
      this.#params = lazy('search_params').ofUrl(this.search, (query) => this.#set(kSearch, query));
    return this.#params;
  }
  get hash(): string {
    if (this.#hashStart === kOmitted || this.#href.length - this.#hashStart <= 1) return '';
    return this.#slice(this.#hashStart, this.#href.length);
  }
  set hash(value: unknown) {
    this.#set(kHash, value);
  }

  toString(): string {
    return this.#href;
  }
  toJSON(): string {
    return this.#href;
  }
}
defineInterface(URL, 'URL');
