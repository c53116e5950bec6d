// MessageChannel, MessagePort and MessageEvent, HTML §9.4 and §9.2: ports within one
// isolate. A message is cloned when it is posted and delivered in a later task of the
// invocation that posts it.
import { brands } from '../brands.ts';
import { Event, EventHandlers, EventTarget, fire } from '../events.ts';
import { ArrayPrototypeShift } from '../primordials.ts';
import { startTimer } from '../timers.ts';
import {
  defineInterface,
  illegalConstructor,
  isObject,
  iterableMethod,
  kInternal,
  requireArguments,
  toDictionary,
  toList,
} from '../webidl.ts';

interface MessageEventInit {
  data: unknown;
  origin: unknown;
  lastEventId: unknown;
  source: unknown;
  ports: unknown;
}

export class MessageEvent extends Event {
  readonly #data: unknown;
  readonly #origin: string;
  readonly #lastEventId: string;
  readonly #source: unknown;
  readonly #ports: readonly unknown[];

  // With the token, `init` is a Message.
  constructor(type: unknown, init: unknown = undefined, token: unknown = undefined) {
    requireArguments(arguments.length, 1, 'MessageEvent');
    super(type, token === kInternal ? undefined : init);
    if (token === kInternal) {
      this.#data = (init as Message).data;
      this.#origin = '';
      this.#lastEventId = '';
      this.#source = null;
      this.#ports = (init as Message).ports;
      return;
    }
    const options = toDictionary<MessageEventInit>(init, 'MessageEvent');
    this.#data = options.data === undefined ? null : options.data;
    this.#origin = options.origin === undefined ? '' : `${options.origin}`;
    this.#lastEventId = options.lastEventId === undefined ? '' : `${options.lastEventId}`;
    this.#source = options.source === undefined ? null : options.source;
    this.#ports = options.ports === undefined ? [] : toList(options.ports, 'MessageEvent: ports');
  }

  get data(): unknown {
    return this.#data;
  }
  get origin(): string {
    return this.#origin;
  }
  get lastEventId(): string {
    return this.#lastEventId;
  }
  get source(): unknown {
    return this.#source;
  }
  get ports(): readonly unknown[] {
    return this.#ports;
  }
}
defineInterface(MessageEvent, 'MessageEvent');

// One end of a channel, whichever MessagePort stands for it: a port that is
// transferred gives its end to a new one.
interface End {
  peer: End | null; // null: closed
  port: MessagePort | null; // null: on its way
  started: boolean;
  waiting: Message[];
}

interface Message {
  readonly data: unknown;
  readonly ports: MessagePort[];
}

let endOf: (port: unknown) => End | null;
let giveAway: (port: MessagePort) => End;
let take: (port: MessagePort, end: End) => void;

export class MessagePort extends EventTarget {
  #end: End | null;
  readonly #handlers = new EventHandlers(this);

  static {
    endOf = (port) => (isObject(port) && #end in port ? port.#end : null);
    giveAway = (port) => {
      const end = port.#end as End;
      port.#end = null;
      end.port = null;
      end.started = false;
      return end;
    };
    take = (port, end) => {
      port.#end = end;
      end.port = port;
    };
    brands.messagePort = (value): value is MessagePort => isObject(value) && #end in value;
  }

  constructor(token: unknown = undefined, end: End | null = null) {
    if (token !== kInternal) illegalConstructor();
    super();
    this.#end = end;
    if (end !== null) end.port = this;
  }

  postMessage(message: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 1, 'postMessage');
    const transfer =
      iterableMethod(options) === undefined
        ? toDictionary<{ transfer: unknown }>(options, 'postMessage').transfer
        : options;
    const list = transfer === undefined ? [] : toList(transfer, 'postMessage: transfer');
    const { value, ports } = lazy('structured_clone').cloneWithPorts(message, list, this);
    const peer = this.#end?.peer ?? null;
    if (peer === null) return;
    peer.waiting[peer.waiting.length] = { data: value, ports };
    if (peer.started) deliverLater(peer);
  }

  start(): void {
    const end = this.#end;
    if (end === null || end.started) return;
    end.started = true;
    if (end.waiting.length > 0) deliverLater(end);
  }

  close(): void {
    const end = this.#end;
    this.#end = null;
    if (end?.peer) end.peer.peer = null;
    if (end) end.peer = null;
  }

  get onmessage(): object | null {
    return this.#handlers.get('message');
  }
  set onmessage(value: unknown) {
    this.#handlers.set('message', value);
    this.start();
  }
  get onmessageerror(): object | null {
    return this.#handlers.get('messageerror');
  }
  set onmessageerror(value: unknown) {
    this.#handlers.set('messageerror', value);
  }
}
defineInterface(MessagePort, 'MessagePort');

// A task for each message.
function deliverLater(end: End): void {
  startTimer(() => {
    const { port } = end;
    if (port === null || !end.started) return;
    const message = ArrayPrototypeShift(end.waiting) as Message | undefined;
    if (message === undefined) return;
    fire(port, new MessageEvent('message', message, kInternal));
    if (end.waiting.length > 0) deliverLater(end);
  }, 0);
}

// Whether structuredClone() may transfer it.
export function isOpenPort(value: unknown): value is MessagePort {
  return endOf(value) !== null;
}

// A port without an end, for transferPort().
export function reservePort(): MessagePort {
  return new MessagePort(kInternal, null);
}

// `to` takes the place of `from`, which is of no use from then on.
export function transferPort(from: MessagePort, to: MessagePort): void {
  take(to, giveAway(from));
}

export class MessageChannel {
  readonly #port1: MessagePort;
  readonly #port2: MessagePort;

  constructor() {
    const one: End = { peer: null, port: null, started: false, waiting: [] };
    const two: End = { peer: one, port: null, started: false, waiting: [] };
    one.peer = two;
    this.#port1 = new MessagePort(kInternal, one);
    this.#port2 = new MessagePort(kInternal, two);
  }

  get port1(): MessagePort {
    return this.#port1;
  }
  get port2(): MessagePort {
    return this.#port2;
  }
}
defineInterface(MessageChannel, 'MessageChannel');
