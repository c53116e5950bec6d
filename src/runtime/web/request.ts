// Request, Fetch Standard §5.4. One that arrived is a handle to C++ until script
// asks for its URL, headers or body; each is fetched once.
import {
  type AbortSignal,
  abortSignal,
  addAlgorithm,
  isAborted,
  isSignal,
  makeSignal,
  reasonOf,
} from './abort.ts';
import { Body, type BodyOwner, extractBody, mixBody } from './body.ts';
import { fillHeaders, HeaderList, type Headers, makeHeaders } from './headers.ts';
import { parseJson } from './json_methods.ts';
import { RegExpPrototypeExec, StringPrototypeToUpperCase, TypeError } from './primordials.ts';
import {
  defineInterface,
  isObject,
  kInternal,
  requireArguments,
  toByteString,
  toDictionary,
  toUSVString,
} from './webidl.ts';

export type Redirect = 'follow' | 'manual' | 'error';

interface RequestInit {
  method: unknown;
  headers: unknown;
  body: unknown;
  redirect: unknown;
  signal: unknown;
  cf: unknown;
  cache: unknown;
  integrity: unknown;
  keepalive: unknown;
}

// A request (§2.2.5). `inv` is not 0 while its facts still lie in C++.
export class RequestState implements BodyOwner {
  method: string;
  body: Body | null;
  redirect: Redirect = 'follow';
  signal: AbortSignal | null = null;
  cache: string | undefined = undefined;
  integrity = '';
  keepalive = false;
  givesCf = false; // script has said what cf is
  givesSignal = false; // and which signal aborts it
  headers: Headers | null = null;
  readonly inv: number;
  #url: string | null;
  #list: HeaderList | null;
  #cf: unknown = undefined;
  #cfKnown = false;

  constructor(
    inv: number,
    method: string,
    url: string | null,
    list: HeaderList | null,
    body: Body | null,
  ) {
    this.inv = inv;
    this.method = method;
    this.#url = url;
    this.#list = list;
    this.body = body;
  }

  get url(): string {
    if (this.#url === null) this.#url = native.requestUrl(this.inv);
    return this.#url;
  }

  get list(): HeaderList {
    if (this.#list === null) this.#list = new HeaderList(native.requestHeaders(this.inv));
    return this.#list;
  }

  get cf(): unknown {
    if (!this.#cfKnown) {
      this.#cfKnown = true;
      if (this.inv !== 0) this.#cf = parseJson(native.requestCf(this.inv));
    }
    return this.#cf;
  }

  set cf(value: unknown) {
    this.#cfKnown = true;
    this.#cf = value;
  }

  contentType(): string | null {
    return this.list.get('content-type');
  }
}

const token = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;
const normalized = /^(?:delete|get|head|options|post|put|patch)$/i;
const refused = /^(?:connect|trace|track)$/i;

// §2.2.1: names of common methods go in upper case, some are refused.
function toMethod(value: unknown): string {
  const method = toByteString(value, 'Request: method');
  if (RegExpPrototypeExec(token, method) === null)
    throw new TypeError(`Request: "${method}" is not a method`);
  if (RegExpPrototypeExec(refused, method) !== null)
    throw new TypeError(`Request: method ${method} is not allowed`);
  return RegExpPrototypeExec(normalized, method) === null
    ? method
    : StringPrototypeToUpperCase(method);
}

function toRedirect(value: unknown): Redirect {
  const redirect = `${value}`;
  if (redirect !== 'follow' && redirect !== 'manual' && redirect !== 'error')
    throw new TypeError(`Request: redirect is "${redirect}", not "follow", "manual" or "error"`);
  return redirect;
}

let requestStateOf: (value: unknown) => RequestState | null;

// §5.4 "new Request(input, init)".
function construct(input: unknown, init: unknown): RequestState {
  const options = toDictionary<RequestInit>(init, 'Request');
  const from = requestStateOf(input);
  const state = from === null ? fromUrl(input) : fromRequest(from);
  if (options.method !== undefined) state.method = toMethod(options.method);
  if (options.redirect !== undefined) state.redirect = toRedirect(options.redirect);
  if (options.cache !== undefined) state.cache = toCache(options.cache);
  if (options.integrity !== undefined) state.integrity = `${options.integrity}`;
  if (options.keepalive !== undefined) state.keepalive = !!options.keepalive;
  if (options.cf !== undefined) {
    state.cf = options.cf;
    state.givesCf = true;
  }
  follow(state, options.signal === undefined ? from?.signal : options.signal);
  if (options.headers !== undefined && options.headers !== null) {
    state.list.items.length = 0;
    fillHeaders(state.list, options.headers, 'Request: headers');
  }
  takeBody(state, from, options.body);
  return state;
}

function fromUrl(input: unknown): RequestState {
  const text = toUSVString(input);
  const url = native.urlParse(text, undefined);
  if (url === null) throw new TypeError(`Request: "${text}" is not an absolute URL`);
  const protocolEnd = native.scratch[0] as number;
  const hostStart = native.scratch[2] as number;
  if (hostStart > protocolEnd + 2) throw new TypeError('Request: the URL holds credentials');
  return new RequestState(0, 'GET', url, new HeaderList([]), null);
}

function fromRequest(from: RequestState): RequestState {
  const state = new RequestState(0, from.method, from.url, from.list.copy(), null);
  state.redirect = from.redirect;
  state.cache = from.cache;
  state.integrity = from.integrity;
  state.keepalive = from.keepalive;
  state.cf = from.cf;
  state.givesCf = from.givesCf;
  return state;
}

function toCache(value: unknown): string {
  const cache = `${value}`;
  if (cache !== 'no-store' && cache !== 'no-cache' && cache !== 'reload' && cache !== 'default')
    throw new TypeError(`Request: cache mode "${cache}" is not supported`);
  return cache;
}

// The new request's signal follows the given one.
function follow(state: RequestState, signal: unknown): void {
  if (signal === undefined || signal === null) return;
  if (!isSignal(signal)) throw new TypeError('Request: signal is not an AbortSignal');
  const own = makeSignal();
  state.signal = own;
  state.givesSignal = true;
  if (isAborted(signal)) abortSignal(own, reasonOf(signal));
  else addAlgorithm(signal, () => abortSignal(own, reasonOf(signal)));
}

// Made when it is first asked for.
export function signalOf(state: RequestState): AbortSignal {
  if (state.signal === null) {
    state.signal = makeSignal();
    if (state.inv !== 0) native.requestSignal(state.inv, state.signal);
  }
  return state.signal;
}

function takeBody(state: RequestState, from: RequestState | null, init: unknown): void {
  const given = init !== undefined && init !== null;
  const inherits = !given && init === undefined && from !== null && from.body !== null;
  if ((given || inherits) && (state.method === 'GET' || state.method === 'HEAD'))
    throw new TypeError(`Request: a ${state.method} request cannot have a body`);
  if (given) {
    const { body, type } = extractBody(init);
    state.body = body;
    if (type !== null && !state.list.has('content-type')) state.list.append('content-type', type);
    return;
  }
  if (!inherits) return;
  const body = from.body as Body;
  body.claim();
  if (body.source !== null || body.handle !== 0)
    state.body = new Body(body.source, body.handle, null, body.length);
  else state.body = new Body(null, 0, lazy('streams').passOn(body.toStream()), body.length);
}

export class Request {
  readonly #state: RequestState;

  static {
    requestStateOf = (value) => (isObject(value) && #state in value ? value.#state : null);
  }

  constructor(input: unknown, init: unknown = undefined) {
    if (input === kInternal) {
      this.#state = init as RequestState;
      return;
    }
    requireArguments(arguments.length, 1, 'Request');
    this.#state = construct(input, init);
  }

  get method(): string {
    return this.#state.method;
  }
  get url(): string {
    return this.#state.url;
  }
  get headers(): Headers {
    const state = this.#state;
    if (state.headers === null) state.headers = makeHeaders(state.list, state.inv !== 0);
    return state.headers;
  }
  get redirect(): string {
    return this.#state.redirect;
  }
  get signal(): AbortSignal {
    return signalOf(this.#state);
  }
  get cf(): unknown {
    return this.#state.cf;
  }
  get cache(): string | undefined {
    return this.#state.cache;
  }
  get integrity(): string {
    return this.#state.integrity;
  }
  get keepalive(): boolean {
    return this.#state.keepalive;
  }
  get fetcher(): null {
    return null;
  }

  clone(): Request {
    const from = this.#state;
    const body = from.body === null ? null : from.body.clone();
    const state = fromRequest(from);
    state.body = body;
    follow(state, signalOf(from));
    state.givesSignal = from.givesSignal;
    return new Request(kInternal, state);
  }
}

mixBody(Request, (self) => {
  const state = requestStateOf(self);
  if (state === null) throw new TypeError('The receiver is not a Request');
  return state;
});
defineInterface(Request, 'Request');

// A request that has arrived. `body` is a handle, 0 for none.
export function makeIncoming(inv: number, method: string, body: number): Request {
  const content = body === 0 ? null : new Body(null, body, null, -1);
  return new Request(kInternal, new RequestState(inv, method, null, null, content));
}

export { requestStateOf };
