// What carries the bytes of a Socket: a connection of the host's, or an exchange with
// another Worker, on either side of it.
import { Answered, type Via } from '../../fetch.ts';
import { innerThen } from '../../inner_promises.ts';
import type { NativeSockets } from '../../native_sockets.ts';
import {
  ArrayBufferPrototypeGetByteLength,
  Error,
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  PromiseWithResolvers,
} from '../../primordials.ts';

export interface SocketInfo {
  readonly remoteAddress: string | undefined;
  readonly localAddress: string | undefined;
}

// Promises are rejected with the bare reason; a Socket says what that means.
export interface Line {
  opened(): Promise<unknown>;
  info(): SocketInfo; // once it is open
  closed(): Promise<unknown>; // by the other side, or for good
  read(): Promise<ArrayBuffer | null>; // null at the end
  cancelRead(): void;
  write(bytes: Uint8Array): Promise<unknown> | undefined; // undefined: go on at once
  end(): void; // of what is written
  close(): void;
  startTls(host: string): Line;
}

export const sockets: NativeSockets = native.socketBinding();

function infoOf(remoteAddress: string | undefined, localAddress: string | undefined): SocketInfo {
  return { __proto__: null, remoteAddress, localAddress } as unknown as SocketInfo;
}

export class NativeLine implements Line {
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  opened(): Promise<unknown> {
    return sockets.opened(this.#id);
  }
  info(): SocketInfo {
    return infoOf(sockets.remoteAddress(this.#id), sockets.localAddress(this.#id));
  }
  closed(): Promise<unknown> {
    return sockets.closed(this.#id);
  }
  read(): Promise<ArrayBuffer | null> {
    return native.bodyRead(this.#id);
  }
  cancelRead(): void {
    native.bodyCancel(this.#id);
  }
  write(bytes: Uint8Array): Promise<unknown> | undefined {
    return sockets.write(this.#id, bytes);
  }
  end(): void {
    sockets.end(this.#id);
  }
  close(): void {
    sockets.close(this.#id);
  }
  startTls(host: string): Line {
    return new NativeLine(sockets.startTls(this.#id, host));
  }
}

function noTls(): never {
  throw new Error('a connection between Workers carries no TLS');
}

// What has arrived and was not asked for yet.
interface Ahead {
  readonly piece: ArrayBuffer;
  next: Ahead | null;
}
// Behind so many bytes that nobody reads the end is heard of; behind more, by who reads.
const kMostAhead = 64 * 1024;

// The side that calls: what it writes is the request of the exchange, what it reads the
// answer, which begins when the handler of the other side is called.
export class CallerLine extends Answered implements Line {
  readonly #address: string;
  readonly #op: number;
  readonly #opened = PromiseWithResolvers<undefined>();
  readonly #closed = PromiseWithResolvers<undefined>();
  #body = 0; // the answer's, once it has begun
  // It is read on before anybody asks: who reads nothing hears of the end too.
  #reading = false;
  #first: Ahead | null = null;
  #last: Ahead | null = null;
  #held = 0; // bytes from #first to #last
  #reader: PromiseWithResolvers<ArrayBuffer | null> | null = null; // nothing is held then
  #over = false;
  #failed = false; // why: `closed` is rejected with it
  #dropping = false;

  constructor(inv: number, via: Via, address: string) {
    super();
    innerThen(this.#opened.promise, undefined, () => undefined);
    innerThen(this.#closed.promise, undefined, () => undefined);
    this.#address = address;
    this.#op = lazy('service').connectTo(inv, via, address, this);
  }

  opened(): Promise<unknown> {
    return this.#opened.promise;
  }
  info(): SocketInfo {
    return infoOf(this.#address, undefined);
  }
  closed(): Promise<unknown> {
    return this.#closed.promise;
  }
  read(): Promise<ArrayBuffer | null> {
    if (this.#body === 0) return PromisePrototypeThen(this.#opened.promise, () => this.read());
    if (this.#dropping) return PromiseResolve(null);
    const first = this.#first;
    if (first !== null) {
      this.#first = first.next;
      if (this.#first === null) this.#last = null;
      this.#held -= ArrayBufferPrototypeGetByteLength(first.piece) as number;
      this.#readOn();
      return PromiseResolve(first.piece);
    }
    if (this.#failed) return this.#closed.promise as Promise<never>;
    if (this.#over) return PromiseResolve(null);
    this.#reader = PromiseWithResolvers();
    this.#readOn();
    return this.#reader.promise;
  }
  cancelRead(): void {
    this.#drop();
  }
  write(bytes: Uint8Array): Promise<unknown> | undefined {
    // Who reads no more is told to nobody: what is written to it is gone.
    return this.#over ? undefined : native.fetchWrite(this.#op, bytes);
  }
  end(): void {
    if (!this.#over) native.fetchEnd(this.#op);
  }
  // What was written is still on its way: the exchange goes on to its end.
  close(): void {
    this.end();
    this.#drop();
  }
  startTls(): Line {
    return noTls();
  }

  // ---- from dispatch ----
  onHead(body: number): void {
    this.#body = body;
    this.#opened.resolve(undefined);
    this.#readOn();
  }
  onError(message: string): void {
    this.#over = true;
    const error = lazy('service').errorOf(message);
    this.#opened.reject(error);
    this.#closed.reject(error);
  }

  #readOn(): void {
    if (this.#body === 0 || this.#reading || this.#over || this.#held >= kMostAhead) return;
    this.#reading = true;
    innerThen(
      native.bodyRead(this.#body),
      (piece) => {
        this.#reading = false;
        if (piece === null) {
          this.#over = true;
          this.#closed.resolve(undefined);
          this.#takeReader()?.resolve(null);
          return;
        }
        this.#take(piece);
        this.#readOn();
      },
      (error) => {
        this.#over = true;
        this.#failed = true;
        this.#closed.reject(error);
        this.#takeReader()?.reject(error);
      },
    );
  }

  #take(piece: ArrayBuffer): void {
    if (this.#dropping) return;
    const reader = this.#takeReader();
    if (reader !== null) {
      reader.resolve(piece);
      return;
    }
    const last = { __proto__: null, piece, next: null };
    if (this.#last === null) this.#first = last;
    else this.#last.next = last;
    this.#last = last;
    this.#held += ArrayBufferPrototypeGetByteLength(piece) as number;
  }

  #takeReader(): PromiseWithResolvers<ArrayBuffer | null> | null {
    const reader = this.#reader;
    this.#reader = null;
    return reader;
  }

  // What still comes is for nobody.
  #drop(): void {
    this.#dropping = true;
    this.#first = null;
    this.#last = null;
    this.#held = 0;
    this.#reader = null; // the stream has answered who read
    this.#readOn();
  }
}

// The side that is called. The exchange is over when it has said all: nothing that the
// other side writes from then on arrives.
export class CalleeLine implements Line {
  readonly #inv: number;
  readonly #body: number;
  readonly #address: string;
  readonly #closed = PromiseWithResolvers<undefined>();
  #ended = false;

  constructor(inv: number, body: number, address: string) {
    this.#inv = inv;
    this.#body = body;
    this.#address = address;
    innerThen(this.#closed.promise, undefined, () => undefined);
  }

  opened(): Promise<unknown> {
    return PromiseResolve(undefined);
  }
  info(): SocketInfo {
    return infoOf(undefined, this.#address);
  }
  closed(): Promise<unknown> {
    return this.#closed.promise;
  }
  read(): Promise<ArrayBuffer | null> {
    return PromisePrototypeThen(native.bodyRead(this.#body), undefined, (error) => {
      // Its own doing, which cuts off what the other side still says.
      if (this.#ended) return null;
      this.#closed.reject(error);
      throw error;
    });
  }
  cancelRead(): void {
    native.bodyCancel(this.#body);
  }
  write(bytes: Uint8Array): Promise<unknown> | undefined {
    if (this.#ended) return PromiseReject(new Error('the connection was closed'));
    return native.respondWrite(this.#inv, bytes);
  }
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    native.respondEnd(this.#inv);
    this.#closed.resolve(undefined);
  }
  close(): void {
    this.end();
    this.cancelRead();
  }
  startTls(): Line {
    return noTls();
  }
}
