// The binding of static assets. Source: Workers documentation, "Static Assets",
// "Configuration and Bindings". The host answers from the version's own assets
// (host/asset_server.h).
import { addAlgorithm, isAborted, reasonOf, removeAlgorithm } from '../abort.ts';
import { answerOf, type Exchange, sendExchange } from '../fetch.ts';
import type { HeaderList } from '../headers.ts';
import { inner } from '../inner_promises.ts';
import { PromiseWithResolvers, TypeError } from '../primordials.ts';
import { requireInvocation } from '../report.ts';
import { Request, type RequestState, requestStateOf } from '../request.ts';
import { type Response, type ResponseState, responseStateOf } from '../response.ts';
import { defineInterface, illegalConstructor, kInternal, requireArguments } from '../webidl.ts';

const kMostRedirects = 20;

async function ask(
  method: string,
  url: string,
  headers: HeaderList,
  signal: RequestState['signal'],
): Promise<Response> {
  const { promise, resolve, reject } = PromiseWithResolvers<Response | null>();
  const exchange: Exchange = {
    inv: requireInvocation(),
    request: requestStateOf(new Request(url, { redirect: 'manual' })) as RequestState,
    resolve,
    reject,
    onAbort: () => {
      if (exchange.body !== 0) native.bodyCancel(exchange.body);
      else native.fetchAbort(exchange.op);
      exchange.reject(reasonOf(signal as never));
    },
    op: 0,
    body: 0,
    method,
    url: `assets:${url}`,
    headers,
    source: null,
    streamed: false,
    hops: 0,
    failure: '',
  };
  sendExchange(exchange);
  if (signal !== null) addAlgorithm(signal, exchange.onAbort);
  const answer = answerOf(exchange, await inner(promise));
  if (signal !== null) removeAlgorithm(signal, exchange.onAbort);
  return answer;
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

class Fetcher {
  constructor(guard?: unknown) {
    if (guard !== kInternal) illegalConstructor();
  }

  async fetch(input: unknown, init: unknown = undefined): Promise<Response> {
    requireArguments(arguments.length, 1, 'fetch');
    const given = init === undefined ? requestStateOf(input) : null;
    const request = given ?? (requestStateOf(new Request(input, init)) as RequestState);
    const { signal } = request;
    if (signal !== null && isAborted(signal)) throw reasonOf(signal);
    let url = request.url;
    for (let hops = 0; ; hops++) {
      const answer = await inner(ask(request.method, url, request.list.copy(), signal));
      const state = responseStateOf(answer) as ResponseState;
      const location = isRedirect(state.status) ? state.headerList().get('location') : null;
      state.url = url;
      state.redirected = hops > 0;
      if (location === null || request.redirect === 'manual') return answer;
      const next = native.urlParse(location, url);
      if (request.redirect === 'error' || hops === kMostRedirects || typeof next !== 'string')
        throw new TypeError(`fetch: ${url} is redirected to ${location}`);
      url = next;
    }
  }
}
defineInterface(Fetcher, 'Fetcher');

export function makeAssets(): Fetcher {
  return new Fetcher(kInternal);
}
