// EventSource, HTML §9.2, with EventSource.from(stream) of Workers, which reads a
// stream that is at hand and so does not connect again.
// Source: Workers documentation, "EventSource".
import { AbortController } from '../abort.ts';
import { copyHandle } from '../body.ts';
import { brands } from '../brands.ts';
import { DOMException } from '../dom_exception.ts';
import { Event, EventHandlers, EventTarget, fire } from '../events.ts';
import { fetchFunctions } from '../fetch.ts';
import { innerThen } from '../inner_promises.ts';
import {
  PromisePrototypeThen,
  PromiseResolve,
  RegExpPrototypeExec,
  StringFromCharCode,
  SymbolDispose,
  TypeError,
} from '../primordials.ts';
import { requireInvocation } from '../report.ts';
import { type ResponseState, responseStateOf } from '../response.ts';
import { startTimer, stopTimer } from '../timers.ts';
import {
  defineConstants,
  defineInterface,
  kInternal,
  requireArguments,
  toDictionary,
  toUSVString,
} from '../webidl.ts';
import { EventParser } from './event_source/parser.ts';
import type { ReadableStream } from './streams/readable_stream.ts';

const kConnecting = 0;
const kOpen = 1;
const kClosed = 2;

const kReconnectAfter = 3_000; // ms, before the server says otherwise
const eventStream = /^text\/event-stream[\t ]*(?:;|$)/i;

interface Source {
  readonly stream: ReadableStream;
}

export class EventSource extends EventTarget {
  readonly #url: string;
  readonly #withCredentials: boolean;
  readonly #handlers = new EventHandlers(this);
  #readyState = kConnecting;
  #retry = kReconnectAfter;
  #lastEventId = '';
  #request: AbortController | null = null;
  #timer = 0;

  constructor(url: unknown, init: unknown = undefined) {
    requireArguments(arguments.length, 1, 'EventSource');
    super();
    if (url === kInternal) {
      this.#url = '';
      this.#withCredentials = false;
      this.#read((init as Source).stream);
      return;
    }
    const given = toUSVString(url);
    const options = toDictionary<{ withCredentials: unknown }>(init, 'EventSource');
    this.#withCredentials = !!options.withCredentials;
    const href = native.urlParse(given, undefined);
    if (href === null) throw new DOMException(`EventSource: "${given}" is no URL`, 'SyntaxError');
    requireInvocation();
    this.#url = href;
    this.#connect();
  }

  static from(stream: unknown): EventSource {
    requireArguments(arguments.length, 1, 'EventSource.from');
    if (!brands.readableStream(stream))
      throw new TypeError('EventSource.from: parameter 1 is not a ReadableStream');
    if (stream.locked) throw new TypeError('EventSource.from: the stream is locked');
    return new EventSource(kInternal, { stream });
  }

  get url(): string {
    return this.#url;
  }
  get withCredentials(): boolean {
    return this.#withCredentials;
  }
  get readyState(): number {
    return this.#readyState;
  }

  close(): void {
    this.#readyState = kClosed;
    stopTimer(this.#timer);
    this.#request?.abort();
    this.#request = null;
  }
  // Of Workers: `using` closes it.
  [SymbolDispose](): void {
    this.close();
  }

  get onopen(): object | null {
    return this.#handlers.get('open');
  }
  set onopen(value: unknown) {
    this.#handlers.set('open', value);
  }
  get onmessage(): object | null {
    return this.#handlers.get('message');
  }
  set onmessage(value: unknown) {
    this.#handlers.set('message', value);
  }
  get onerror(): object | null {
    return this.#handlers.get('error');
  }
  set onerror(value: unknown) {
    this.#handlers.set('error', value);
  }

  // §9.2.2, from "create a potential-CORS request" on.
  #connect(): void {
    const request = new AbortController();
    this.#request = request;
    const headers: Record<string, string> = {
      accept: 'text/event-stream',
      'cache-control': 'no-store',
    };
    if (this.#lastEventId !== '') headers['last-event-id'] = toIsomorphic(this.#lastEventId);
    const current = () => this.#request === request;
    innerThen(
      fetchFunctions.fetch(this.#url, { headers, signal: request.signal }),
      (response) => {
        if (current()) this.#answered(responseStateOf(response) as ResponseState, current);
      },
      () => {
        if (current()) this.#reestablish();
      },
    );
  }

  #answered(response: ResponseState, current: () => boolean): void {
    const { status, body } = response;
    if (status !== 200 || RegExpPrototypeExec(eventStream, response.contentType() ?? '') === null) {
      this.#fail();
      return;
    }
    this.#announce();
    if (!current()) return;
    if (body === null) {
      this.#reestablish();
      return;
    }
    const parser = this.#parser(current);
    const write = (chunk: Uint8Array) => {
      if (current()) parser.take(chunk);
      return undefined;
    };
    const again = () => {
      if (current()) this.#reestablish();
    };
    body.claim();
    innerThen(
      body.handle !== 0
        ? copyHandle(body, body.coding, write)
        : lazy('streams').pump(body.toStream(), write),
      again,
      again,
    );
  }

  #read(stream: ReadableStream): void {
    const isOpen = () => this.#readyState !== kClosed;
    const parser = this.#parser(isOpen);
    const end = () => {
      if (isOpen()) this.#fail();
    };
    const take = (chunk: Uint8Array) => {
      if (this.#readyState === kConnecting) this.#announce();
      if (isOpen()) parser.take(chunk);
    };
    // What is in the stream already waits until script had its chance to listen.
    const returned = PromiseResolve(undefined);
    PromisePrototypeThen(
      lazy('streams').pump(stream, (chunk) => {
        if (this.#readyState === kConnecting)
          return PromisePrototypeThen(returned, () => take(chunk)) as Promise<void>;
        take(chunk);
        return undefined;
      }),
      end,
      end,
    );
  }

  #parser(current: () => boolean): EventParser {
    return new EventParser({
      event: (type, data, lastEventId) => {
        this.#lastEventId = lastEventId;
        if (type === '' || !current()) return;
        const origin = this.#url === '' ? '' : native.urlOrigin(this.#url);
        const { MessageEvent } = lazy('messaging');
        fire(this, new MessageEvent(type, { data, origin, lastEventId }));
      },
      retry: (milliseconds) => {
        this.#retry = milliseconds;
      },
    });
  }

  #announce(): void {
    this.#readyState = kOpen;
    fire(this, new Event('open'));
  }

  #reestablish(): void {
    this.#readyState = kConnecting;
    this.#request = null;
    fire(this, new Event('error'));
    if (this.#readyState !== kConnecting) return;
    this.#timer = startTimer(() => this.#connect(), this.#retry);
  }

  #fail(): void {
    this.close();
    fire(this, new Event('error'));
  }
}
// As the bytes of UTF-8, which a header's value is made of.
function toIsomorphic(text: string): string {
  const bytes = native.utf8Encode(text);
  let value = '';
  for (let i = 0; i < bytes.length; i++) value += StringFromCharCode(bytes[i] as number);
  return value;
}

defineInterface(EventSource, 'EventSource');
defineConstants(EventSource, { CONNECTING: kConnecting, OPEN: kOpen, CLOSED: kClosed });
