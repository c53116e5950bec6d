// WebSocket, WebSockets Standard §3.
import { brands } from '../../brands.ts';
import { DOMException } from '../../dom_exception.ts';
import { Event, EventHandlers, EventTarget, fire, fireWell } from '../../events.ts';
import { fetchFunctions } from '../../fetch.ts';
import { innerThen } from '../../inner_promises.ts';
import {
  ArrayPrototypeJoin,
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
  TypeError,
  Uint8Array,
} from '../../primordials.ts';
import { requireInvocation } from '../../report.ts';
import { responseStateOf } from '../../response.ts';
import {
  bytesOf,
  defineConstants,
  defineInterface,
  isBufferSource,
  isObject,
  iterableMethod,
  kInternal,
  requireArguments,
  toDictionary,
  toList,
  toUSVString,
} from '../../webidl.ts';
import { CloseEvent } from './close_event.ts';
import { type Arrival, canBeSent, End, isEnd, kAbnormal, kNoCode, kRequestIsOver } from './end.ts';

const binding = native.webSocketBinding();
const rules = binding.rules();
const repliesToClose = (rules & 1) !== 0;
const binaryIsBlob = (rules & 2) !== 0;
const limitsReason = (rules & 4) !== 0;

const kMostReason = 123; // bytes
const scheme = /^(?:wss?|https?):/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

let endOf: (socket: WebSocket) => End;
let makeWebSocket: (end: End) => WebSocket;

export class WebSocket extends EventTarget {
  readonly #end: End;
  #binaryType: 'blob' | 'arraybuffer' = binaryIsBlob ? 'blob' : 'arraybuffer';
  readonly #handlers = new EventHandlers(this);

  static {
    endOf = (socket) => socket.#current();
    makeWebSocket = (end) => new WebSocket(kInternal, end);
    brands.webSocket = (value): value is WebSocket => isObject(value) && #end in value;
  }

  constructor(url: unknown, protocols: unknown = undefined) {
    requireArguments(arguments.length, 1, 'WebSocket');
    super();
    if (url === kInternal) {
      this.#end = protocols as End;
    } else {
      this.#end = new End();
      this.#connect(toUrl(url), toProtocols(protocols));
    }
    this.#end.show = (arrival) => this.#show(arrival);
  }

  // Workers: makes this end the Worker's own, from which it listens and sends.
  accept(options: unknown = undefined): void {
    const end = this.#end;
    if (end.given) throw new TypeError('accept: this WebSocket was given away with a Response');
    if (end.accepted) throw new TypeError('accept: this WebSocket was accepted before');
    const halfOpen = !!toDictionary<{ allowHalfOpen: unknown }>(options, 'accept').allowHalfOpen;
    if (end.over) throw new TypeError(`accept: ${kRequestIsOver}`);
    end.halfOpen = halfOpen;
    end.accepted = true;
    if (end.other !== null && !isEnd(end.other)) binding.accept(end.other.id);
    end.flushLater();
  }

  send(message: unknown): void {
    requireArguments(arguments.length, 1, 'send');
    const end = this.#require('send');
    if (end.connecting)
      throw new DOMException('send: the WebSocket is not open yet', 'InvalidStateError');
    if (end.closeSent) throw new TypeError('send: the WebSocket was closed by close()');
    if (end.failed) return;
    const isBlob = brands.blob(message);
    if (isBlob) end.send(lazy('forms').blobContent(message).bytes);
    else if (isBufferSource(message)) end.send(bytesOf(message));
    else end.send(toUSVString(message));
  }

  close(code: unknown = undefined, reason: unknown = undefined): void {
    const number = code === undefined ? kNoCode : toCode(code);
    const text = reason === undefined ? '' : toUSVString(reason);
    if (code === undefined && text !== '') throw new TypeError('close: a reason needs a code');
    if (limitsReason && native.utf8Encode(text).length > kMostReason)
      throw new DOMException(
        `close: the reason is longer than ${kMostReason} bytes`,
        'SyntaxError',
      );
    const end = this.#require('close');
    if (end.connecting) this.#fail('close() was called before it was open');
    else if (!end.closeSent && !end.failed) end.sendClose(number, text);
  }

  serializeAttachment(_value: unknown): void {
    noHibernation('serializeAttachment');
  }
  deserializeAttachment(): unknown {
    return noHibernation('deserializeAttachment');
  }

  get readyState(): number {
    const end = this.#current();
    if (end.connecting) return 0;
    if (end.failed || end.over || (end.closeSent && end.closeReceived)) return 3;
    return end.closeSent || end.closeReceived ? 2 : 1;
  }
  get url(): string | null {
    return this.#end.url;
  }
  get protocol(): string {
    return this.#end.protocol;
  }
  get extensions(): string {
    return this.#end.extensions;
  }
  get bufferedAmount(): number {
    return this.#end.other?.unsent ?? 0;
  }
  get binaryType(): string {
    return this.#binaryType;
  }
  set binaryType(value: unknown) {
    const type = `${value}`;
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type;
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
  get onclose(): object | null {
    return this.#handlers.get('close');
  }
  set onclose(value: unknown) {
    this.#handlers.set('close', value);
  }
  get onerror(): object | null {
    return this.#handlers.get('error');
  }
  set onerror(value: unknown) {
    this.#handlers.set('error', value);
  }

  // One that still connects when its request ends never hears of its answer.
  #current(): End {
    const end = this.#end;
    if (end.connecting && !binding.runs(end.request)) {
      end.connecting = false;
      end.over = true;
    }
    return end;
  }

  #require(what: string): End {
    const end = this.#current();
    // Who heard that it failed may send and close to no effect, as on any other.
    if (end.over && !end.failed) throw new TypeError(`${what}: ${kRequestIsOver}`);
    if (!end.accepted && !end.connecting)
      throw new TypeError(`${what}: accept() must be called on this WebSocket before`);
    return end;
  }

  #show(arrival: Arrival): void {
    const end = this.#end;
    if (end.failed || end.closeReceived) return;
    if ('data' in arrival) {
      let data: unknown = arrival.data;
      if (typeof data !== 'string' && this.#binaryType === 'blob')
        data = lazy('forms').makeBlobOf(new Uint8Array(data as ArrayBuffer), null);
      const { MessageEvent } = lazy('messaging');
      if (!fireWell(this, new MessageEvent('message', { data }))) this.#loseListener();
      return;
    }
    const { code, reason, clean } = arrival;
    if (!clean) {
      this.#fail(reason);
      return;
    }
    end.closeReceived = true;
    if (end.closeSent) end.other = null;
    else if (repliesToClose && !end.halfOpen) end.sendClose(code, '');
    fire(this, new CloseEvent('close', { code, reason, wasClean: true }));
  }

  // As on Workers what a listener of messages throws ends the connection: whoever waits
  // for an answer on the other side learns that none will come.
  #loseListener(): void {
    const { other } = this.#end;
    const why = 'a listener threw an exception';
    this.#fail(why);
    other?.close(kAbnormal, why, false);
  }

  // "Fail the WebSocket connection".
  #fail(why: string): void {
    const end = this.#end;
    if (end.failed) return;
    end.failed = true;
    end.connecting = false;
    end.other = null;
    const message = `WebSocket: ${why}`;
    const { ErrorEvent } = lazy('event_classes');
    fire(this, new ErrorEvent('error', { message, error: new TypeError(message) }));
    fire(this, new CloseEvent('close', { code: kAbnormal, reason: '', wasClean: false }));
  }

  // §2.2 "establish a WebSocket connection".
  #connect(url: string, protocols: string[]): void {
    const end = this.#end;
    end.request = requireInvocation();
    end.url = url;
    end.connecting = true;
    const headers: Record<string, string> = { upgrade: 'websocket' };
    if (protocols.length > 0)
      headers['sec-websocket-protocol'] = ArrayPrototypeJoin(protocols, ', ');
    innerThen(
      fetchFunctions.fetch(url, { headers, redirect: 'manual' }),
      (response) => {
        const opened = responseStateOf(response);
        const socket = opened?.webSocket ?? null;
        if (socket === null)
          return this.#fail(`the server answered with status ${opened?.status}, not with 101`);
        const theirs = socket.#end;
        if (theirs.over || end.over) return this.#fail(kRequestIsOver);
        if (!this.#agrees(protocols, theirs.protocol) || !end.connecting) {
          theirs.other?.close(1002, '', true);
          return this.#fail('the server chose a subprotocol that was not offered');
        }
        this.#open(theirs);
      },
      (error) => this.#fail(`${(error as Error).message}`),
    );
  }

  #agrees(offered: string[], chosen: string): boolean {
    if (chosen === '') return true;
    for (let i = 0; i < offered.length; i++) if (offered[i] === chosen) return true;
    return false;
  }

  #open(theirs: End): void {
    const end = this.#end;
    end.connecting = false;
    end.accepted = true;
    end.other = theirs.other;
    end.protocol = theirs.protocol;
    end.extensions = theirs.extensions;
    if (end.other !== null) {
      binding.attach(end.other.id, end);
      binding.accept(end.other.id);
    }
    fire(this, new Event('open'));
    end.waiting = theirs.waiting;
    end.flushLater();
  }
}
defineInterface(WebSocket, 'WebSocket');
defineConstants(WebSocket, {
  CONNECTING: 0,
  OPEN: 1,
  CLOSING: 2,
  CLOSED: 3,
  // As Workers name them.
  READY_STATE_CONNECTING: 0,
  READY_STATE_OPEN: 1,
  READY_STATE_CLOSING: 2,
  READY_STATE_CLOSED: 3,
});

function noHibernation(what: string): never {
  throw new TypeError(`${what}: hibernation of WebSockets is not built in Caravel yet`);
}

// §3.1, steps 1 to 7 of the constructor.
function toUrl(value: unknown): string {
  const given = toUSVString(value);
  const href = native.urlParse(given, undefined);
  if (href === null) throw new DOMException(`WebSocket: "${given}" is no URL`, 'SyntaxError');
  if (RegExpPrototypeExec(scheme, href) === null)
    throw new DOMException(
      `WebSocket: the URL "${href}" has another scheme than ws, wss, http and https`,
      'SyntaxError',
    );
  if (StringPrototypeIndexOf(href, '#') >= 0)
    throw new DOMException(`WebSocket: the URL "${href}" has a fragment`, 'SyntaxError');
  return StringPrototypeStartsWith(href, 'http') ? `ws${StringPrototypeSlice(href, 4)}` : href;
}

function toProtocols(value: unknown): string[] {
  if (value === undefined) return [];
  const list =
    iterableMethod(value) === undefined ? [value] : toList(value, 'WebSocket: protocols');
  const protocols: string[] = [];
  for (let i = 0; i < list.length; i++) {
    const protocol = `${list[i]}`;
    let twice = false;
    for (let j = 0; j < i; j++) twice = twice || protocols[j] === protocol;
    if (twice || RegExpPrototypeExec(token, protocol) === null)
      throw new DOMException(
        `WebSocket: the protocol "${protocol}" is ${twice ? 'there twice' : 'no token'}`,
        'SyntaxError',
      );
    protocols[i] = protocol;
  }
  return protocols;
}

function toCode(value: unknown): number {
  const code = +(value as number) & 0xffff;
  if (!canBeSent(code)) throw new TypeError(`close: ${value} is no code that can be sent`);
  return code;
}

export { endOf, makeWebSocket };
