// A connection to a server of node:http behind the answer 101: the bytes of a WebSocket,
// whose other side is a WebSocket of the platform. The client's own pings are answered
// by the platform; a server's are answered here.
// Source: RFC 6455; Workers documentation, "WebSockets".
import type { HeaderList } from '../../web/headers.ts';
import type { WebSocket } from '../../web/lazy/websocket.ts';
import type { Loose } from '../loose.ts';
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
const kNoCode = 1005;

export function asksForWebSocket(method: string, list: HeaderList): boolean {
  return method === 'GET' && list.get('upgrade')?.toLowerCase() === 'websocket';
}

// The handshake as a server expects it, by names and values in turn: no extension is
// offered, and what the platform has kept to itself is filled in. Its key is nobody's
// secret, and what the server makes of it goes nowhere.
export function handshake(raw: readonly string[]): string[] {
  const headers: string[] = [];
  const found = new Set<string>();
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (name === 'sec-websocket-extensions' || name === 'connection') continue;
    found.add(name);
    headers.push(raw[i] as string, raw[i + 1] as string);
  }
  headers.push('Connection', 'Upgrade');
  if (!found.has('sec-websocket-key')) headers.push('Sec-WebSocket-Key', `${'A'.repeat(22)}==`);
  if (!found.has('sec-websocket-version')) headers.push('Sec-WebSocket-Version', '13');
  return headers;
}

export function withoutHandshake(list: HeaderList): HeaderList {
  for (const name of ofHandshake) list.delete(name);
  return list;
}

// What waits for one connection's server. A server may forget a connection unread.
interface Account {
  bytes: number;
  readonly of: WeakRef<Upgraded>;
}

export class Upgraded {
  static readonly #accounts = new Set<Account>();
  static #waiting = 0;
  // For the Response.
  readonly client: WebSocket;
  readonly #socket: WebSocket;
  readonly #owner: OutsideOwner;
  readonly #streams: Streams;
  #arrived: (Bytes | number)[] = []; // and not read; a number: the end
  #due = false;
  #closed = false; // nothing is sent any more
  #refused = false; // nothing is taken any more
  readonly #account: Account = { bytes: 0, of: new WeakRef(this) };
  readonly #reader = new FrameReader({
    message: (data) => this.#socket.send(data),
    ping: (payload) => this.#arrive(pongFrame(payload)),
    close: (code, reason) => this.#close(code, reason),
  });

  // What the client sends goes to `owner`.
  constructor(streams: Streams, owner: OutsideOwner) {
    this.#streams = streams;
    this.#owner = owner;
    const { uv } = streams;
    const pair = new (lazy('websocket').WebSocketPair)();
    this.client = pair[0];
    const socket = pair[1];
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.accept({ allowHalfOpen: true });
    socket.addEventListener('message', ({ data }: Loose) => this.#arrive(messageFrame(data)));
    socket.addEventListener('close', ({ code, reason, wasClean }: Loose) => {
      if (wasClean) this.#arrive(closeFrame(code, reason));
      else this.#closed = true;
      // After the server's own Close frame it waits for the end of the connection.
      if (this.#closed) this.#arrive(wasClean ? uv.UV_EOF : uv.UV_ECONNRESET);
    });
  }

  #arrive(item: Bytes | number): void {
    if (this.#refused) return;
    this.#arrived.push(item);
    if (typeof item !== 'number') this.#count(item.byteLength);
    this.readStart();
    if (Upgraded.#waiting > kMostWaiting) Upgraded.#relieve();
  }

  #count(change: number): void {
    Upgraded.#waiting += change;
    this.#account.bytes += change;
    if (this.#account.bytes > 0) Upgraded.#accounts.add(this.#account);
    else Upgraded.#accounts.delete(this.#account);
  }

  // The connection that has most unread goes; one that is read gets rid of it by itself.
  static #relieve(): void {
    let most: Upgraded | undefined;
    let bytes = 0;
    for (const account of Upgraded.#accounts) {
      const one = account.of.deref();
      if (one === undefined) {
        Upgraded.#waiting -= account.bytes;
        Upgraded.#accounts.delete(account);
      } else if (!one.#owner.isReading() && account.bytes > bytes) {
        most = one;
        bytes = account.bytes;
      }
    }
    if (most !== undefined && Upgraded.#waiting > kMostWaiting) most.#refuse();
  }

  #refuse(): void {
    this.#refused = true;
    this.#arrived = [];
    this.#count(-this.#account.bytes);
    this.#close(kTryAgainLater, 'The server does not read what arrives');
    this.#streams.later(() => this.#owner.takeEnd(this.#streams.uv.UV_ECONNRESET));
  }

  // The owner reads: gives it what has arrived, in a turn of its own.
  readStart(): void {
    if (this.#due || !this.#owner.isReading() || this.#arrived.length === 0) return;
    this.#due = true;
    this.#streams.later(() => {
      this.#due = false;
      while (this.#owner.isReading() && this.#arrived.length > 0) {
        const item = this.#arrived.shift() as Bytes | number;
        if (typeof item !== 'number') this.#count(-item.byteLength);
        guarded(() =>
          typeof item === 'number' ? this.#owner.takeEnd(item) : this.#owner.take(item),
        );
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

  // The server writes no more, and hears no more.
  end(): void {
    this.#close(kUnexpected, 'The server ended the connection without a Close frame');
    this.#arrive(this.#streams.uv.UV_EOF);
  }

  #close(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      if (code === kNoCode) this.#socket.close();
      else this.#socket.close(code, reason);
    } catch {
      // A code that no endpoint may send, or the request is over.
      this.#abort();
    }
  }

  #abort(): void {
    try {
      this.#socket.close(kUnexpected, 'The server closed with a code that cannot be sent');
    } catch {
      // The request is over.
    }
  }
}
