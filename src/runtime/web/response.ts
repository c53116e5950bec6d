// Response, Fetch Standard §5.5, with what Workers add: json(), redirect() as in
// the standard, `cf`, `encodeBody`. Nothing is made before script looks at it: a
// Response of a string is three fields, its Headers object comes on access.

import { Body, type BodyOwner, extractBody, mixBody } from './body.ts';
import { brands } from './brands.ts';
import { fillHeaders, HeaderList, type Headers, makeHeaders } from './headers.ts';
import type { WebSocket } from './lazy/websocket.ts';
import { JSONStringify, RangeError, RegExpPrototypeExec, TypeError } from './primordials.ts';
import {
  defineInterface,
  isObject,
  kInternal,
  requireArguments,
  toByteString,
  toDictionary,
  toStatus,
  toUSVString,
} from './webidl.ts';

export interface ResponseInit {
  status: unknown;
  statusText: unknown;
  headers: unknown;
  cf: unknown;
  encodeBody: unknown;
  webSocket: unknown;
}

// A response (§2.2.6). The Content-Type that came with the body waits in `type`
// until someone asks for headers; `list` is null while there is nothing else.
export class ResponseState implements BodyOwner {
  kind: 'default' | 'error' = 'default';
  status = 200;
  statusText = '';
  list: HeaderList | null = null;
  headers: Headers | null = null;
  immutable = false;
  type: string | null = null;
  body: Body | null = null;
  url = '';
  redirected = false;
  encoded = false; // encodeBody is 'manual': the body is in the coding of the headers
  cf: unknown = undefined;
  webSocket: WebSocket | null = null;

  // The list with `type` put in.
  headerList(): HeaderList {
    let list = this.list;
    if (list === null) {
      list = new HeaderList([]);
      this.list = list;
    }
    if (this.type !== null) {
      if (!list.has('content-type')) list.append('content-type', this.type);
      this.type = null;
    }
    return list;
  }

  contentType(): string | null {
    return this.headerList().get('content-type');
  }
}

const reasonPhrase = /^[\t\x20-\x7e\x80-\xff]*$/;

export function isNullBodyStatus(status: number): boolean {
  return status === 101 || status === 204 || status === 205 || status === 304;
}

// §5.5 "initialize a response", steps 1 to 5.
function initialize(state: ResponseState, init: unknown): void {
  const from = responseStateOf(init);
  if (from !== null) {
    copyHead(state, from);
    return;
  }
  const { status, statusText, headers, cf, encodeBody, webSocket } = toDictionary<ResponseInit>(
    init,
    'Response',
  );
  if (webSocket !== undefined && webSocket !== null) {
    if (!brands.webSocket(webSocket))
      throw new TypeError('Response: option "webSocket" is not a WebSocket');
    state.webSocket = webSocket;
  }
  if (encodeBody !== undefined && encodeBody !== 'automatic' && encodeBody !== 'manual')
    throw new TypeError(`Response: encodeBody is "${encodeBody}", not "automatic" or "manual"`);
  state.encoded = encodeBody === 'manual';
  state.status = toStatus(status);
  if ((state.status === 101) !== (state.webSocket !== null))
    throw new RangeError(
      'Response: status 101 and option "webSocket" belong together: one is there without the other',
    );
  if (statusText !== undefined) {
    state.statusText = toByteString(statusText, 'Response: statusText');
    if (RegExpPrototypeExec(reasonPhrase, state.statusText) === null)
      throw new TypeError('Response: statusText holds a control character');
  }
  if (headers !== undefined && headers !== null) {
    state.list = new HeaderList([]);
    fillHeaders(state.list, headers, 'Response: headers');
  }
  if (cf !== undefined) state.cf = cf;
}

// new Response(body, response): the common way to get mutable headers.
function copyHead(state: ResponseState, from: ResponseState): void {
  state.status = toStatus(from.status);
  state.statusText = from.statusText;
  state.list = from.headerList().copy();
  state.cf = from.cf;
  state.webSocket = from.webSocket;
}

let responseStateOf: (value: unknown) => ResponseState | null;

export class Response {
  readonly #state: ResponseState;

  static {
    responseStateOf = (value) => (isObject(value) && #state in value ? value.#state : null);
  }

  constructor(body: unknown = null, init: unknown = undefined) {
    if (body === kInternal) {
      this.#state = init as ResponseState;
      return;
    }
    const state = new ResponseState();
    this.#state = state;
    if (init !== undefined) initialize(state, init);
    if (body === null || body === undefined) return;
    if (isNullBodyStatus(state.status))
      throw new TypeError(
        `Response with null body status (101, 204, 205, or 304) cannot have a body: status ${state.status}`,
      );
    if (typeof body === 'string') {
      state.body = new Body(body, 0, null, -1);
      state.type = 'text/plain;charset=UTF-8';
    } else {
      const extracted = extractBody(body);
      state.body = extracted.body;
      state.type = extracted.type;
    }
    if (state.list?.has('content-type')) state.type = null;
  }

  static error(): Response {
    const state = new ResponseState();
    state.kind = 'error';
    state.status = 0;
    state.immutable = true;
    return new Response(kInternal, state);
  }

  static json(data: unknown, init: unknown = undefined): Response {
    requireArguments(arguments.length, 1, 'Response.json');
    const text = JSONStringify(data) as string | undefined;
    if (text === undefined)
      throw new TypeError('Response.json: the value is not JSON serializable');
    const state = new ResponseState();
    if (init !== undefined) initialize(state, init);
    if (isNullBodyStatus(state.status))
      throw new TypeError(`Response.json: status ${state.status} cannot have a body`);
    state.body = new Body(text, 0, null, -1);
    if (!state.list?.has('content-type')) state.type = 'application/json';
    return new Response(kInternal, state);
  }

  static redirect(url: unknown, status: unknown = 302): Response {
    requireArguments(arguments.length, 1, 'Response.redirect');
    const href = native.urlParse(toUSVString(url), undefined);
    if (href === null) throw new TypeError(`Response.redirect: "${url}" is not an absolute URL`);
    const code = +(status as number);
    if (code !== 301 && code !== 302 && code !== 303 && code !== 307 && code !== 308)
      throw new RangeError(
        `Response.redirect: status ${status} is none of 301, 302, 303, 307, 308`,
      );
    const state = new ResponseState();
    state.status = code;
    state.list = new HeaderList(['location', href]);
    state.immutable = true;
    return new Response(kInternal, state);
  }

  get type(): string {
    return this.#state.kind;
  }
  get url(): string {
    return this.#state.url;
  }
  get redirected(): boolean {
    return this.#state.redirected;
  }
  get status(): number {
    return this.#state.status;
  }
  get ok(): boolean {
    return this.#state.status >= 200 && this.#state.status <= 299;
  }
  get statusText(): string {
    return this.#state.statusText;
  }
  get headers(): Headers {
    const state = this.#state;
    if (state.headers === null) state.headers = makeHeaders(state.headerList(), state.immutable);
    return state.headers;
  }
  get cf(): unknown {
    return this.#state.cf;
  }
  get webSocket(): WebSocket | null {
    return this.#state.webSocket;
  }

  clone(): Response {
    const from = this.#state;
    if (from.webSocket !== null)
      throw new TypeError('Response.clone: a Response with a WebSocket cannot be cloned');
    const state = new ResponseState();
    state.body = from.body === null ? null : from.body.clone();
    state.kind = from.kind;
    state.status = from.status;
    state.statusText = from.statusText;
    state.list = from.headerList().copy();
    state.immutable = from.immutable;
    state.url = from.url;
    state.redirected = from.redirected;
    state.cf = from.cf;
    return new Response(kInternal, state);
  }
}

mixBody(Response, (self) => {
  const state = responseStateOf(self);
  if (state === null) throw new TypeError('The receiver is not a Response');
  return state;
});
defineInterface(Response, 'Response');

export function makeResponse(state: ResponseState): Response {
  return new Response(kInternal, state);
}

export { responseStateOf };
