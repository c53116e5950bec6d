// Where ends and connections meet: a Response with a WebSocket, and a fetch that was
// answered with one.
import type { Via } from '../../fetch.ts';
import type { HeaderList } from '../../headers.ts';
import { StringPrototypeSlice, StringPrototypeStartsWith, TypeError } from '../../primordials.ts';
import {
  type Arrival,
  End,
  type Endpoint,
  isEnd,
  kAbnormal,
  kNoCode,
  kRequestIsOver,
} from './end.ts';
import { endOf, makeWebSocket, type WebSocket } from './websocket.ts';

const binding = native.webSocketBinding();

// A client's or an origin's side.
export class Connection implements Endpoint {
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }

  get unsent(): number {
    return binding.unsent(this.id);
  }

  message(data: string | ArrayBuffer | ArrayBufferView): boolean {
    return binding.send(this.id, data);
  }

  close(code: number, reason: string, clean: boolean): void {
    // What cannot be said in a frame is said by its want.
    const unexpected = 1011;
    binding.close(this.id, clean ? (code === kNoCode ? 0 : code) : unexpected, reason);
  }
}

// What arrives goes to an end, or straight on to another connection.
binding.listen(
  (receiver: Endpoint, data: string | ArrayBuffer) => {
    if (isEnd(receiver)) receiver.take({ data });
    else receiver.message(data);
  },
  (receiver: Endpoint, code: number, reason: string, clean: boolean) => {
    if (isEnd(receiver)) receiver.take({ code, reason, clean });
    else receiver.close(code, clean ? reason : '', clean);
  },
  (receiver: Endpoint, isHeard: boolean) => {
    if (isEnd(receiver)) receiver.endWithRequest(isHeard);
    else receiver.close(kAbnormal, '', false);
  },
);

// The client of `inv` becomes the other side of `socket`'s.
export function answer(
  inv: number,
  statusText: string,
  headers: string[] | null,
  socket: WebSocket,
): void {
  const end = endOf(socket);
  if (end.accepted) throw new TypeError('The WebSocket of the Response was accepted by the Worker');
  if (end.given) throw new TypeError('The WebSocket of the Response belongs to another Response');
  if (end.over) throw new TypeError(`The Response has a WebSocket, but ${kRequestIsOver}`);
  const behind = end.other;
  if (behind === null) throw new TypeError('The WebSocket of the Response is closed');
  const client = new Connection(inv);
  if (!binding.answer(inv, statusText, headers, behind)) {
    behind.close(kAbnormal, '', false);
    return;
  }
  end.given = true;
  if (isEnd(behind)) {
    behind.other = client;
    if (behind.accepted) binding.accept(inv);
  } else {
    binding.attach(behind.id, client);
    binding.accept(behind.id);
    binding.accept(inv);
    binding.join(inv, behind.id);
  }
  for (let i = 0; i < end.waiting.length; i++) pass(end.waiting[i] as Arrival, client);
  end.waiting = [];
}

function pass(arrival: Arrival, to: Endpoint): void {
  if ('data' in arrival) to.message(arrival.data);
  else to.close(arrival.code, arrival.reason, arrival.clean);
}

// Asks for one, as native.fetch asks for an answer.
export function connect(
  inv: number,
  url: string,
  headers: string[],
  asker: object,
  via: Via | undefined,
): number {
  const plain = StringPrototypeStartsWith(url, 'ws') ? `http${StringPrototypeSlice(url, 2)}` : url;
  return binding.connect(inv, plain, headers, asker, via);
}

// The one that a fetch was answered with.
export function fromFetch(op: number, url: string, headers: HeaderList): WebSocket {
  const end = new End();
  end.other = new Connection(op);
  end.url = url;
  end.protocol = headers.get('sec-websocket-protocol') ?? '';
  end.extensions = headers.get('sec-websocket-extensions') ?? '';
  end.over = !binding.attach(op, end);
  return makeWebSocket(end);
}
