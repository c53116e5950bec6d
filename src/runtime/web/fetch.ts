// fetch(), Fetch Standard §5.6 and "HTTP-redirect fetch" §4.4. C++ does one HTTP
// exchange at a time; redirects are followed here, where origins and headers are
// known. Bodies come encoded where the origin can do it (coding.ts).
import { addAlgorithm, isAborted, reasonOf, removeAlgorithm } from './abort.ts';
import { Body, copyHandle, type Source } from './body.ts';
import { codingOf, kAcceptEncoding } from './coding.ts';
import { HeaderList } from './headers.ts';
import { inner, innerThen } from './inner_promises.ts';
import type { FetchRules } from './lazy/fetch_rules.ts';
import {
  JSONStringify,
  NumberIsInteger,
  PromiseWithResolvers,
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeGetByteLength,
  TypeError,
} from './primordials.ts';
import { requireInvocation } from './report.ts';
import { Request, type RequestState, requestStateOf } from './request.ts';
import { isNullBodyStatus, makeResponse, type Response, ResponseState } from './response.ts';
import { requireArguments } from './webidl.ts';

// C++ keeps it for the answer, until that is here or the invocation is over.
export interface Exchange {
  readonly inv: number;
  readonly request: RequestState;
  readonly resolve: (response: Response | null) => void; // null: `failure` says why
  readonly reject: (reason: unknown) => void;
  readonly onAbort: () => void;
  op: number;
  body: number; // the answer's handle, once its head is here
  method: string;
  url: string;
  headers: HeaderList;
  // What is sent anew after a redirect; a stream can go only once.
  source: Source | null;
  streamed: boolean;
  hops: number;
  failure: string;
  via?: Via | undefined; // to a Worker instead of an origin
  rules?: FetchRules | undefined; // what init.cf asks of an origin
}

// A Worker to call: the number of its binding, or below 0 the Worker's own version, of
// which the entrypoint and its props (serialized) are chosen; and request.cf as JSON.
export type Via = readonly [
  service: number,
  entrypoint: string | null,
  props: Uint8Array | null,
  cf: string | null,
];

const kMostRedirects = 20;
const web = /^https?:/;
const data = /^data:/;
const webOrSocket = /^(?:https?|wss?):/;

export const fetchFunctions = {
  fetch(input: unknown, init: unknown = undefined): Promise<Response> {
    return fetchBy(undefined, arguments.length, input, init);
  },
};

// fetch() of origins, or of the Worker `via`.
export async function fetchBy(
  via: Via | undefined,
  given: number, // of the arguments
  input: unknown,
  init: unknown,
): Promise<Response> {
  requireArguments(given, 1, 'fetch');
  const asked = init === undefined ? requestStateOf(input) : null;
  const request = asked ?? (requestStateOf(new Request(input, init)) as RequestState);
  const inv = requireInvocation();
  if (request.signal !== null && isAborted(request.signal)) throw reasonOf(request.signal);
  const { promise, resolve, reject } = PromiseWithResolvers<Response | null>();
  const exchange: Exchange = {
    inv,
    request,
    resolve,
    reject,
    onAbort: () => abort(exchange),
    op: 0,
    body: 0,
    method: request.method,
    url: request.url,
    headers: request.list.copy(),
    source: null,
    streamed: false,
    hops: 0,
    failure: '',
    via: via === undefined || request.cf === undefined ? via : withCf(via, request.cf),
  };
  if (via === undefined && request.givesCf)
    exchange.rules = lazy('fetch_rules').rulesOf(request.cf, request.cache);
  // A range of encoded bytes could not be decoded ("HTTP-network-or-cache fetch").
  if (via === undefined && !exchange.headers.has('accept-encoding'))
    exchange.headers.append(
      'accept-encoding',
      exchange.headers.has('range') ? 'identity' : kAcceptEncoding,
    );
  const body = request.body;
  if (body !== null) {
    body.claim();
    exchange.source = body.source;
    exchange.streamed = body.source === null;
  }
  if (via === undefined && RegExpPrototypeExec(data, request.url) !== null)
    return answerOfData(exchange);
  sendToWeb(exchange);
  if (request.signal !== null) addAlgorithm(request.signal, exchange.onAbort);
  if (body !== null && exchange.streamed) uploadBody(exchange, body);
  return answerOf(exchange, await inner(promise));
}

function withCf(via: Via, cf: unknown): Via {
  return [via[0], via[1], via[2], JSONStringify(cf) ?? null];
}

// To be called where the exchange is awaited: the stack of what is thrown then leads to
// who awaits that, and an error made in another turn would have none.
export function answerOf(exchange: Exchange, answer: Response | null): Response {
  if (answer === null) throw new TypeError(exchange.failure);
  return answer;
}

function fail(exchange: Exchange, why: string): void {
  settle(exchange);
  exchange.failure = why;
  exchange.resolve(null);
}

function sendToWeb(exchange: Exchange): void {
  const { inv, url, headers } = exchange;
  const upgrades = headers.has('upgrade') && isWebSocketUpgrade(headers);
  if (RegExpPrototypeExec(upgrades ? webOrSocket : web, url) === null)
    throw new TypeError(`fetch: "${url}" is neither an http nor an https URL`);
  if (!upgrades) {
    sendExchange(exchange);
    return;
  }
  exchange.op = lazy('websocket').connect(
    inv,
    withoutFragment(url),
    headers.items,
    exchange,
    exchange.via,
  );
}

// One exchange with what its URL stands for on the host (host/shard.cc).
export function sendExchange(exchange: Exchange): void {
  const { inv, method, url, headers, source, streamed, rules } = exchange;
  const rule = rules === undefined || exchange.hops === 0 ? rules?.first : rules.later;
  exchange.op = native.fetch(
    inv,
    method,
    withoutFragment(url),
    headers.items,
    source,
    streamed,
    exchange,
    exchange.via ?? rule,
  );
}

// Where a WebSocket is asked for; it has no body.
function isWebSocketUpgrade(headers: HeaderList): boolean {
  return StringPrototypeToLowerCase(headers.get('upgrade') as string) === 'websocket';
}

function withoutFragment(url: string): string {
  const at = StringPrototypeIndexOf(url, '#');
  return at < 0 ? url : StringPrototypeSlice(url, 0, at);
}

export function uploadBody(exchange: Exchange, body: Body): void {
  const op = exchange.op;
  const write = (chunk: Uint8Array) => native.fetchWrite(op, chunk);
  // As it came when the headers say so, which the origin reads.
  const coding = body.coding === codingOf(exchange.headers) ? null : body.coding;
  const sent =
    body.handle !== 0
      ? copyHandle(body, coding, write)
      : lazy('streams').pump(body.toStream(), write);
  innerThen(
    sent,
    () => native.fetchEnd(op),
    (error) => {
      native.fetchAbort(op);
      settle(exchange);
      exchange.reject(error);
    },
  );
}

function abort(exchange: Exchange): void {
  if (exchange.body !== 0) native.bodyCancel(exchange.body);
  else native.fetchAbort(exchange.op);
  exchange.reject(reasonOf(exchange.request.signal as never));
}

function settle(exchange: Exchange): void {
  if (exchange.request.signal !== null && exchange.body === 0)
    removeAlgorithm(exchange.request.signal, exchange.onAbort);
}

// `exchange` is undefined where it was aborted.
export function onFetchError(exchange: Exchange | Answered | undefined, message: string): void {
  if (exchange === undefined) return;
  if (Answered.is(exchange)) {
    exchange.onError(message);
    return;
  }
  if (exchange.via === undefined) {
    fail(exchange, message);
    return;
  }
  settle(exchange);
  exchange.reject(lazy('service').errorOf(message));
}

// Who asks for an exchange and takes what it is answered with as bytes.
export abstract class Answered {
  readonly #isAnswered = true;
  static is(value: object): value is Answered {
    return #isAnswered in value && value.#isAnswered;
  }
  abstract onHead(body: number): void;
  abstract onError(message: string): void;
}

export function onFetchHead(
  exchange: Exchange | Answered | undefined,
  status: number,
  statusText: string,
  headers: string[],
  body: number,
): void {
  if (exchange === undefined) {
    if (body !== 0) native.bodyCancel(body);
    return;
  }
  if (Answered.is(exchange)) {
    exchange.onHead(body);
    return;
  }
  const list = new HeaderList(headers);
  try {
    const location = isRedirect(status) ? list.get('location') : null;
    if (location !== null && exchange.request.redirect !== 'manual') {
      if (body !== 0) native.bodyCancel(body);
      redirect(exchange, status, location);
      return;
    }
  } catch (error) {
    fail(exchange, (error as Error).message);
    return;
  }
  exchange.body = body;
  settle(exchange);
  exchange.resolve(makeAnswer(exchange, status, statusText, list, body));
}

function makeState(
  exchange: Exchange,
  status: number,
  statusText: string,
  list: HeaderList,
): ResponseState {
  const state = new ResponseState();
  state.status = status;
  state.statusText = statusText;
  state.list = list;
  state.immutable = true;
  state.url = withoutFragment(exchange.url);
  state.redirected = exchange.hops > 0;
  if (status === 101) state.webSocket = lazy('websocket').fromFetch(exchange.op, state.url, list);
  return state;
}

function makeAnswer(
  exchange: Exchange,
  status: number,
  statusText: string,
  list: HeaderList,
  body: number,
): Response {
  const state = makeState(exchange, status, statusText, list);
  if (body !== 0 && isNullBodyStatus(status)) native.bodyCancel(body);
  else if (body !== 0) {
    const isLeftOut = exchange.method === 'HEAD'; // the length stays
    state.body = new Body(null, body, null, isLeftOut ? -1 : lengthOf(list));
    state.body.coding = codingOf(list);
    state.body.signal = exchange.request.signal;
  }
  return makeResponse(state);
}

// §4.2 "scheme fetch" of a data: URL.
function answerOfData(exchange: Exchange): Response {
  const answer = lazy('data_urls').readDataUrl(withoutFragment(exchange.url));
  if (answer === null) throw new TypeError(`fetch: "${exchange.url}" is not a valid data: URL`);
  const { type, bytes } = answer;
  const list = new HeaderList(['content-type', type]);
  const state = makeState(exchange, 200, 'OK', list);
  state.body = new Body(bytes, 0, null, TypedArrayPrototypeGetByteLength(bytes));
  return makeResponse(state);
}

function lengthOf(list: HeaderList): number {
  const text = list.get('content-length');
  const length = text === null || text === '' ? -1 : +text;
  return NumberIsInteger(length) && length >= 0 ? length : -1;
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

// §4.4 "HTTP-redirect fetch".
function redirect(exchange: Exchange, status: number, location: string): void {
  if (exchange.request.redirect === 'error')
    throw new TypeError(
      `fetch: "${exchange.url}" answered with a redirect, and redirect is "error"`,
    );
  if (++exchange.hops > kMostRedirects)
    throw new TypeError(`fetch: more than ${kMostRedirects} redirects, the last to "${location}"`);
  const url = native.urlParse(location, exchange.url);
  if (url === null) throw new TypeError(`fetch: redirected to "${location}", which is no URL`);
  if (status !== 303 && exchange.streamed)
    throw new TypeError('fetch: redirected, but the body was a stream and cannot be sent again');
  const { method, headers } = exchange;
  const turnsToGet =
    status === 303 ? method !== 'GET' && method !== 'HEAD' : method === 'POST' && status <= 302;
  if (turnsToGet) {
    exchange.method = 'GET';
    exchange.source = null;
    exchange.streamed = false;
    headers.delete('content-encoding');
    headers.delete('content-language');
    headers.delete('content-location');
    headers.delete('content-type');
  }
  if (native.urlOrigin(url) !== native.urlOrigin(exchange.url)) {
    headers.delete('authorization');
    headers.delete('cookie');
    headers.delete('proxy-authorization');
  }
  exchange.url = url;
  sendToWeb(exchange);
}
