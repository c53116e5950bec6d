// A connection to a server of node:http behind the answer 101: the bytes of a WebSocket,
// whose other side is a WebSocket of the platform. The client's own pings are answered
// by the platform; a server's are answered here.
// Source: RFC 6455; Workers documentation, "WebSockets".
import type { HeaderList } from '../../web/headers.ts';
import type { Arrival, End } from '../../web/lazy/websocket/end.ts';
import type { WebSocket } from '../../web/lazy/websocket.ts';
import {
  StringPrototypeRepeat,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeGetByteLength,
  WeakRef,
  WeakRefPrototypeDeref,
} from '../../web/primordials.ts';
import { reportError } from '../../web/report.ts';
import { closeFrame, FrameError, FrameReader, messageFrame, pongFrame } from './frames.ts';
import type { OutsideOwner } from './outside.ts';
import { type Bytes, guarded, type Streams } from './stream_handle.ts';

// What the platform says itself, or has no part in, of the handshake.
const ofHandshake: readonly string[] = [
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'upgrade',
];
const kUnexpected = 1011;
const kTryAgainLater = 1013;
// Bytes that have arrived, on all connections, and that no server has read: more than the
// largest message takes.
const kMostWaiting = 40 * 1024 * 1024;
// What a message takes beside its bytes, in the heap and outside of it.
const kCostOfOne = 600;
const kNoCode = 1005;

export function asksForWebSocket(method: string, list: HeaderList): boolean {
  const upgrade = list.get('upgrade');
  return (
    method === 'GET' && upgrade !== null && StringPrototypeToLowerCase(upgrade) === 'websocket'
  );
}

// The handshake as a server expects it, by names and values in turn: no extension is
// offered, and what the platform has kept to itself is filled in. Its key is nobody's
// secret, and what the server makes of it goes nowhere.
export function handshake(raw: readonly string[]): string[] {
  const headers: string[] = [];
  const add = (name: string, value: string) => {
    headers[headers.length] = name;
    headers[headers.length] = value;
  };
  let hasKey = false;
  let hasVersion = false;
  for (let i = 0; i < raw.length; i += 2) {
    const name = StringPrototypeToLowerCase(raw[i]);
    if (name === 'sec-websocket-extensions' || name === 'connection') continue;
    hasKey ||= name === 'sec-websocket-key';
    hasVersion ||= name === 'sec-websocket-version';
    add(raw[i] as string, raw[i + 1] as string);
  }
  add('Connection', 'Upgrade');
  if (!hasKey) add('Sec-WebSocket-Key', `${StringPrototypeRepeat('A', 22)}==`);
  if (!hasVersion) add('Sec-WebSocket-Version', '13');
  return headers;
}

export function withoutHandshake(list: HeaderList): HeaderList {
  for (let i = 0; i < ofHandshake.length; i++) list.delete(ofHandshake[i] as string);
  return list;
}

// A message that has arrived, or how the connection has ended.
interface Item {
  readonly content: Bytes | number;
  next: Item | null;
}

// What waits for one connection's server. A server may forget a connection unread.
interface Account {
  bytes: number;
  place: number; // among those that have something; -1: none
  readonly of: WeakRef<Upgraded>;
}

export class Upgraded {
  static readonly #accounts: Account[] = [];
  static #waiting = 0;
  // For the Response.
  readonly client: WebSocket;
  readonly #end: End;
  readonly #owner: OutsideOwner;
  readonly #streams: Streams;
  #first: Item | null = null; // of those that were not read
  #last: Item | null = null;
  #due = false;
  #closed = false; // nothing is sent any more
  #refused = false; // nothing is taken any more
  readonly #account: Account = { bytes: 0, place: -1, of: new WeakRef<Upgraded>(this) };
  readonly #reader = new FrameReader({
    message: (data) => this.#end.send(data),
    ping: (payload) => this.#arrive(pongFrame(payload)),
    close: (code, reason) => this.#close(code, reason),
  });

  // What the client sends goes to `owner`.
  constructor(streams: Streams, owner: OutsideOwner) {
    this.#streams = streams;
    this.#owner = owner;
    const { end, socket } = lazy('websocket').endWithSocket();
    this.client = socket;
    this.#end = end;
    end.show = (arrival) => {
      try {
        this.#show(arrival);
      } catch (error) {
        // There is no memory: what follows would not be what the client has sent.
        reportError(error);
        this.#refuse();
      }
    };
  }

  #show(arrival: Arrival): void {
    const end = this.#end;
    const { uv } = this.#streams;
    if (end.failed || end.closeReceived) return;
    if ('data' in arrival) {
      if (!this.#refused) this.#arrive(messageFrame(arrival.data));
      return;
    }
    const { clean, code, reason } = arrival;
    if (clean) {
      end.closeReceived = true;
      if (end.closeSent) end.other = null;
      this.#arrive(closeFrame(code, reason));
    } else {
      end.failed = true;
      end.other = null;
      this.#closed = true;
    }
    // After the server's own Close frame it waits for the end of the connection.
    if (this.#closed) this.#arriveEnd(clean ? uv.UV_EOF : uv.UV_ECONNRESET);
  }

  #arrive(frame: Bytes): void {
    if (this.#refused) return;
    this.#queue(frame);
    this.#count(costOf(frame));
    this.readStart();
    if (Upgraded.#waiting > kMostWaiting) Upgraded.#relieve();
  }

  // Nothing arrives behind it.
  #arriveEnd(status: number): void {
    if (this.#refused) return;
    this.#refused = true;
    this.#queue(status);
    this.readStart();
  }

  #queue(content: Bytes | number): void {
    const item: Item = { content, next: null };
    if (this.#last === null) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
  }

  #forget(): void {
    this.#refused = true;
    this.#first = null;
    this.#last = null;
    this.#count(-this.#account.bytes);
  }

  #count(change: number): void {
    const account = this.#account;
    Upgraded.#waiting += change;
    account.bytes += change;
    if (account.bytes === 0) Upgraded.#strike(account);
    else if (account.place < 0) {
      account.place = Upgraded.#accounts.length;
      Upgraded.#accounts[account.place] = account;
    }
  }

  static #strike(account: Account): void {
    if (account.place < 0) return;
    const accounts = Upgraded.#accounts;
    const last = accounts[accounts.length - 1] as Account;
    last.place = account.place;
    accounts[last.place] = last;
    accounts.length--;
    account.place = -1;
  }

  // The connection that has most unread goes; one that is read gets rid of it by itself.
  static #relieve(): void {
    let most: Upgraded | undefined;
    let bytes = 0;
    // From behind: the last takes the place of one that is struck out.
    for (let i = Upgraded.#accounts.length - 1; i >= 0; i--) {
      const account = Upgraded.#accounts[i] as Account;
      const one = WeakRefPrototypeDeref(account.of) as Upgraded | undefined;
      if (one === undefined) {
        Upgraded.#waiting -= account.bytes;
        Upgraded.#strike(account);
      } else if (!one.#owner.isReading() && account.bytes > bytes) {
        most = one;
        bytes = account.bytes;
      }
    }
    if (most !== undefined && Upgraded.#waiting > kMostWaiting) most.#refuse();
  }

  #refuse(): void {
    this.#forget();
    this.#close(kTryAgainLater, 'The server does not read what arrives');
    this.#streams.later(() => this.#owner.takeEnd(this.#streams.uv.UV_ECONNRESET));
  }

  // The owner reads: gives it what has arrived, in a turn of its own.
  readStart(): void {
    if (this.#due || !this.#owner.isReading() || this.#first === null) return;
    this.#due = true;
    this.#streams.later(() => {
      this.#due = false;
      while (this.#first !== null && this.#owner.isReading()) {
        const { content, next } = this.#first;
        this.#first = next;
        if (next === null) this.#last = null;
        if (typeof content === 'number') guarded(() => this.#owner.takeEnd(content));
        else {
          this.#count(-costOf(content));
          guarded(() => this.#owner.take(content));
        }
      }
    });
  }

  // Bytes of the server, which stay as they are. Throws where they are no frames.
  write(bytes: Bytes): void {
    if (this.#closed) return;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      if (error instanceof FrameError) {
        this.#close(error.closeCode, error.message);
        error.message = `The server wrote to a WebSocket: ${error.message}`;
      }
      throw error;
    }
  }

  // The server writes no more, and hears no more than what has arrived.
  end(): void {
    this.#close(kUnexpected, 'The server ended the connection without a Close frame');
    this.#arriveEnd(this.#streams.uv.UV_EOF);
  }

  // The server has closed the connection: nobody reads what has arrived.
  close(): void {
    this.#close(kUnexpected, 'The server ended the connection without a Close frame');
    this.#forget();
  }

  #close(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    const end = this.#end;
    if (end.over || end.failed) return;
    if (code === kNoCode || lazy('websocket').canBeSent(code)) end.sendClose(code, reason);
    else end.sendClose(kUnexpected, 'The server closed with a code that cannot be sent');
  }
}

function costOf(frame: Bytes): number {
  return TypedArrayPrototypeGetByteLength(frame) + kCostOfOne;
}
