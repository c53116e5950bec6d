// What carries the bytes of a Socket: a connection of the host's, or an exchange with
// another Worker, on either side of it.
import { Answered, type Via } from '../../fetch.ts';
import { innerThen } from '../../inner_promises.ts';
import type { NativeSockets } from '../../native_sockets.ts';
import {
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

// The side that calls: what it writes is the request of the exchange, what it reads the
// answer, which begins when the handler of the other side is called.
export class CallerLine extends Answered implements Line {
  readonly #address: string;
  readonly #op: number;
  readonly #opened = PromiseWithResolvers<undefined>();
  readonly #closed = PromiseWithResolvers<undefined>();
  #body = 0; // the answer's, once it has begun
  // What is read before it is asked for: who reads nothing hears of the end too.
  #ahead: Promise<ArrayBuffer | null> | null = null;
  #over = false;
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
    // Of two that read one would wait for ever.
    if (this.#dropping) return PromiseResolve(null);
    const ahead = this.#ahead;
    this.#ahead = null;
    return ahead ?? this.#readBody();
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
    if (this.#dropping) {
      this.#discard();
      return;
    }
    this.#ahead = this.#readBody();
    PromisePrototypeThen(this.#ahead, undefined, () => undefined);
  }
  onError(message: string): void {
    this.#over = true;
    const error = lazy('service').errorOf(message);
    this.#opened.reject(error);
    this.#closed.reject(error);
  }

  #readBody(): Promise<ArrayBuffer | null> {
    if (this.#over) return PromiseResolve(null);
    return PromisePrototypeThen(
      native.bodyRead(this.#body),
      (piece) => {
        if (piece === null) {
          this.#over = true;
          this.#closed.resolve(undefined);
        }
        return piece;
      },
      (error) => {
        this.#over = true;
        this.#closed.reject(error);
        throw error;
      },
    );
  }

  #drop(): void {
    if (this.#dropping) return;
    this.#dropping = true;
    if (this.#body !== 0) this.#discard();
  }
  #discard(): void {
    innerThen(
      this.#readBody(),
      (piece) => piece !== null && this.#discard(),
      () => undefined,
    );
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
