// The Cache API. Source: Workers documentation, "Cache". Answers are kept by the host
// (host/cache_target.h); here it is decided which, and for how long.
import type { Body } from '../body.ts';
import { codingOf } from '../coding.ts';
import { answerOf, type Exchange, sendExchange, uploadBody } from '../fetch.ts';
import { HeaderList } from '../headers.ts';
import { inner } from '../inner_promises.ts';
import {
  DateParse,
  Error,
  MathFloor,
  NumberIsNaN,
  PromiseWithResolvers,
  RegExpPrototypeExec,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
  StringPrototypeToLowerCase,
  TypeError,
} from '../primordials.ts';
import { requireInvocation } from '../report.ts';
import { Request, type RequestState, requestStateOf } from '../request.ts';
import { type Response, type ResponseState, responseStateOf } from '../response.ts';
import {
  defineInterface,
  illegalConstructor,
  kInternal,
  requireArguments,
  toDictionary,
} from '../webidl.ts';

// Fields of these names tell the host what to do.
const kField = 'caravel-cache';
const kMostNameBytes = 1024;

function toRequest(input: unknown): RequestState {
  return requestStateOf(input) ?? (requestStateOf(new Request(input)) as RequestState);
}

// One exchange with the cache of the host, whatever the answer's status.
async function exchangeWith(
  method: string,
  url: string,
  headers: HeaderList,
  body: Body | null,
): Promise<Response> {
  const request = requestStateOf(new Request('http://host', { redirect: 'manual' }));
  const { promise, resolve, reject } = PromiseWithResolvers<Response | null>();
  const exchange: Exchange = {
    inv: requireInvocation(),
    request: request as RequestState,
    resolve,
    reject,
    onAbort: () => undefined,
    op: 0,
    body: 0,
    method,
    url: `cache:${url}`,
    headers,
    source: null,
    streamed: false,
    hops: 0,
    failure: '',
  };
  if (body !== null) {
    body.claim();
    exchange.source = body.source;
    exchange.streamed = body.source === null;
  }
  sendExchange(exchange);
  if (body !== null && exchange.streamed) uploadBody(exchange, body);
  return answerOf(exchange, await inner(promise));
}

// The fields for the host, and behind them those of a message but what is the host's.
function fieldsFor(cache: string, own: readonly string[], list: HeaderList): HeaderList {
  const items: string[] = [kField, cache];
  for (let i = 0; i < own.length; i++) items[items.length] = own[i] as string;
  for (let i = 0; i < list.items.length; i += 2) {
    const name = list.items[i] as string;
    if (StringPrototypeStartsWith(name, kField)) continue;
    items[items.length] = name;
    items[items.length] = list.items[i + 1] as string;
  }
  return new HeaderList(items);
}

// A blank is matched in one way only in all of these: script writes what they meet.
const never = /(?:^|,)[ \t]*(?:no-store|no-cache|private)[ \t]*(?:,|$)/i;
const privateCookie = /(?:^|,)[ \t]*private[ \t]*=[ \t]*"?[ \t]*set-cookie[ \t]*"?[ \t]*(?:,|$)/i;
const sharedAge = /(?:^|,)[ \t]*s-maxage[ \t]*=[ \t]*"?([0-9]+)/i;
const maxAge = /(?:^|,)[ \t]*max-age[ \t]*=[ \t]*"?([0-9]+)/i;
const seconds = /^[0-9]+$/;

// Where an answer says nothing of it. Source: Workers documentation, "Default cache
// behavior".
function usualAge(status: number): number {
  if (status === 200 || status === 301) return 7200;
  if (status === 302 || status === 303) return 1200;
  return status === 404 || status === 410 ? 180 : 0;
}

// For how many seconds the answer is fresh (RFC 9111 §4.2); 0: it is not kept.
function freshFor(status: number, list: HeaderList): number {
  const control = list.get('cache-control') ?? '';
  if (RegExpPrototypeExec(never, control) !== null) return 0;
  const keepsCookie = RegExpPrototypeExec(privateCookie, control) === null;
  if (list.has('set-cookie') && keepsCookie) return 0;
  const given = list.get('age');
  const age = given !== null && RegExpPrototypeExec(seconds, given) !== null ? +given : 0;
  const told = RegExpPrototypeExec(sharedAge, control) ?? RegExpPrototypeExec(maxAge, control);
  if (told !== null) return +(told[1] as string) - age;
  const expires = list.get('expires');
  if (expires === null) return usualAge(status);
  const until = DateParse(expires);
  return NumberIsNaN(until) ? 0 : MathFloor((until - native.now()) / 1000);
}

// The values of the request that choose the answer, for the host: RFC 9111 §4.1.
function variesBy(list: HeaderList, request: HeaderList): string[] {
  const own: string[] = [];
  const names = StringPrototypeSplit(list.get('vary') ?? '', ',');
  for (let i = 0; i < names.length; i++) {
    const found = RegExpPrototypeExec(/[^ \t]+/, names[i] as string);
    if (found === null) continue;
    const name = StringPrototypeToLowerCase(found[0] as string);
    if (name === '*')
      throw new TypeError('cache.put: a response with "Vary: *" can never be matched');
    own[own.length] = `${kField}-vary`;
    own[own.length] = `${name} ${request.get(name) ?? ''}`;
  }
  return own;
}

// What of the answer's fields is kept.
function keptFields(state: ResponseState): HeaderList {
  const list = state.headerList().copy();
  list.delete('age');
  list.delete('cf-cache-status');
  list.delete('set-cookie');
  // A coding that the platform was to apply to a plain body.
  if (
    state.body !== null &&
    state.body.coding === null &&
    !state.encoded &&
    codingOf(list) !== null
  )
    list.delete('content-encoding');
  return list;
}

// What Workers have by name and do not implement, of which most would need a list of what
// is cached. The host keeps none. It throws at once and no TypeError, as there.
function notImplemented(what: string, remedy: string): never {
  throw new Error(`${what} is not implemented, in Workers neither; ${remedy}`);
}
const kUseACache = 'ask caches.default, or what caches.open() gives, for one URL';

export class Cache {
  readonly #name: string;

  constructor(guard?: unknown, name: string = '') {
    if (guard !== kInternal) illegalConstructor();
    this.#name = name;
  }

  async put(input: unknown, response: unknown): Promise<void> {
    requireArguments(arguments.length, 2, 'cache.put');
    const request = toRequest(input);
    const state = responseStateOf(response);
    if (state === null) throw new TypeError('cache.put: parameter 2 is not of type "Response"');
    if (request.method !== 'GET')
      throw new TypeError(`cache.put: the method of the request is ${request.method}, not GET`);
    if (state.status === 206)
      throw new TypeError('cache.put: a response of status 206 is a part, which is not cached');
    const list = state.headerList();
    const varies = variesBy(list, request.list);
    const ttl = freshFor(state.status, list);
    if (ttl <= 0) {
      if (state.body !== null) drop(state.body);
      return;
    }
    const own = [`${kField}-status`, `${state.status}`, `${kField}-ttl`, `${ttl}`];
    if (state.statusText !== '') {
      own[own.length] = `${kField}-reason`;
      own[own.length] = state.statusText;
    }
    for (let i = 0; i < varies.length; i++) own[own.length] = varies[i] as string;
    const fields = fieldsFor(this.#name, own, keptFields(state));
    const answer = responseStateOf(
      await inner(exchangeWith('PUT', request.url, fields, state.body)),
    ) as ResponseState;
    // What is too large, or finds no room, is not kept: a cache promises nothing.
    if (answer.status !== 200 && answer.status !== 413 && answer.status !== 503)
      throw new TypeError(`cache.put: the cache refused it with status ${answer.status}`);
  }

  async match(input: unknown, options: unknown = undefined): Promise<Response | undefined> {
    requireArguments(arguments.length, 1, 'cache.match');
    const request = toRequest(input);
    if (request.method !== 'GET' && !ignoresMethod(options)) return undefined;
    const fields = fieldsFor(this.#name, [], request.list);
    const answer = await inner(exchangeWith('MATCH', request.url, fields, null));
    const state = responseStateOf(answer) as ResponseState;
    if (!state.headerList().has('cf-cache-status')) return undefined;
    state.url = '';
    return answer;
  }

  async delete(input: unknown, options: unknown = undefined): Promise<boolean> {
    requireArguments(arguments.length, 1, 'cache.delete');
    const request = toRequest(input);
    if (request.method !== 'GET' && !ignoresMethod(options)) return false;
    const fields = fieldsFor(this.#name, [], request.list);
    const answer = await inner(exchangeWith('DELETE', request.url, fields, null));
    return (responseStateOf(answer) as ResponseState).status === 200;
  }

  add(): never {
    notImplemented('cache.add', 'fetch() it and put() the response');
  }
  addAll(): never {
    notImplemented('cache.addAll', 'fetch() each and put() the responses');
  }
  matchAll(): never {
    notImplemented('cache.matchAll', 'match() each URL');
  }
  keys(): never {
    notImplemented('cache.keys', 'match() each URL');
  }
}
defineInterface(Cache, 'Cache');

// Takes the body, and lets who sends it know that nobody reads it.
function drop(body: Body): void {
  body.claim();
  if (body.handle !== 0) native.bodyCancel(body.handle);
  else if (body.source === null && body.stream !== null) lazy('streams').discard(body.stream);
}

function ignoresMethod(options: unknown): boolean {
  return Boolean(toDictionary<{ ignoreMethod: unknown }>(options, 'cache').ignoreMethod);
}

const hexadecimal = '0123456789abcdef';

// A name as it can stand in a field; no name is that of the default cache.
function fieldOf(name: string): string {
  const bytes = native.utf8Encode(name);
  if (bytes.length > kMostNameBytes)
    throw new TypeError(
      `caches.open: the name has ${bytes.length} bytes; it can have ${kMostNameBytes}`,
    );
  let field = 'n';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    field += `${hexadecimal[byte >> 4]}${hexadecimal[byte & 15]}`;
  }
  return field;
}

export class CacheStorage {
  readonly #default = new Cache(kInternal, 'default');

  constructor(guard?: unknown) {
    if (guard !== kInternal) illegalConstructor();
  }

  get default(): Cache {
    return this.#default;
  }

  async open(name: unknown): Promise<Cache> {
    requireArguments(arguments.length, 1, 'caches.open');
    return new Cache(kInternal, fieldOf(`${name}`));
  }

  match(): never {
    notImplemented('caches.match', kUseACache);
  }
  has(): never {
    notImplemented('caches.has', 'caches.open() opens a cache of any name');
  }
  delete(): never {
    notImplemented('caches.delete', kUseACache);
  }
  keys(): never {
    notImplemented('caches.keys', kUseACache);
  }
}
defineInterface(CacheStorage, 'CacheStorage');

export const caches = new CacheStorage(kInternal);
