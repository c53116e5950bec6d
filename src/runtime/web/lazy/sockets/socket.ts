// Socket and connect().
//
// A socket has a line (line.ts). startTls() gives another Socket with a line of its
// own: what belongs to the connection in the clear ends there, so that no byte of it
// can pass for a protected one.
import type { Via } from '../../fetch.ts';
import { inner, innerThen } from '../../inner_promises.ts';
import {
  Error,
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  PromiseWithResolvers,
  StringPrototypeIndexOf,
  TypedArrayPrototypeGetByteLength,
  TypeError,
} from '../../primordials.ts';
import { describeError, requireInvocation } from '../../report.ts';
import {
  bytesOf,
  defineInterface,
  illegalConstructor,
  isBufferSource,
  kInternal,
  requireArguments,
  toDictionary,
} from '../../webidl.ts';
import type { ReadableStream } from '../streams/readable_stream.ts';
import type { WritableStream } from '../streams/writable_stream.ts';
import { type Options, type Transport, toAddress, toOptions } from './address.ts';
import { CalleeLine, CallerLine, type Line, NativeLine, type SocketInfo, sockets } from './line.ts';

interface Later {
  readonly line: Line;
}

function nothing(): void {}

function lost(error: unknown): Error {
  return new Error(`Network connection lost: ${describeError(error).message}`);
}

function notConnected(error: unknown): Error {
  return new Error(
    `proxy request failed, cannot connect to the specified address: ${describeError(error).message}`,
  );
}

function toBytes(chunk: unknown): Uint8Array {
  if (!isBufferSource(chunk))
    throw new TypeError('Socket: a chunk is not an ArrayBuffer or a view of one');
  return bytesOf(chunk);
}

// Closes a socket that is open; of a promise that script has not.
let finish: (socket: Socket) => Promise<void>;

export class Socket {
  static {
    finish = (socket) => socket.#finish();
  }

  readonly #host: string;
  readonly #options: Options;
  readonly #transport: Transport;
  readonly #opened = PromiseWithResolvers<SocketInfo>();
  readonly #connected: Promise<void>; // the same, which script has not
  readonly #closed = PromiseWithResolvers<undefined>();
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;
  readonly #ready: Promise<unknown>; // rejected: there never is a line
  #line: Line | null = null; // null: not yet
  #upgraded = false;
  #closing = false;

  // Of `line`, or, where that is null, of the one that `later` gives.
  constructor(token: unknown, host: unknown, options: unknown, line: unknown, later: unknown) {
    if (token !== kInternal) illegalConstructor();
    this.#host = host as string;
    this.#options = options as Options;
    this.#transport = this.#options.transport;
    const streams = lazy('streams');
    const { highWaterMark } = this.#options;
    this.#readable = streams.streamOfPieces(
      () => this.#read(),
      () => this.#line?.cancelRead(),
    );
    this.#writable = streams.streamToSink(
      {
        start: () => undefined,
        write: (chunk) => this.#write(chunk),
        close: () => this.#end(),
        abort: () => {
          this.#shut();
          return PromiseResolve(undefined);
        },
      },
      highWaterMark ?? 1,
      highWaterMark === undefined
        ? () => 1
        : (chunk) => (isBufferSource(chunk) ? TypedArrayPrototypeGetByteLength(bytesOf(chunk)) : 1),
    );
    this.#connected = PromisePrototypeThen(this.#opened.promise, nothing);
    innerThen(this.#connected, undefined, nothing);
    PromisePrototypeThen(this.#closed.promise, undefined, nothing);
    if (line !== null) {
      this.#line = line as Line;
      this.#ready = PromiseResolve(undefined);
      this.#watch(this.#line);
    } else {
      this.#ready = PromisePrototypeThen(later as Promise<Later>, (given) => {
        this.#line = given.line;
        this.#watch(given.line);
      });
      PromisePrototypeThen(this.#ready, undefined, (error) => this.#fail(error));
    }
  }

  get readable(): ReadableStream {
    return this.#readable;
  }
  get writable(): WritableStream {
    return this.#writable;
  }
  get opened(): Promise<SocketInfo> {
    return this.#opened.promise;
  }
  get closed(): Promise<undefined> {
    return this.#closed.promise;
  }
  get upgraded(): boolean {
    return this.#upgraded;
  }
  get secureTransport(): Transport {
    return this.#transport;
  }

  // What was written is sent, and both streams are at their end.
  close(): Promise<undefined> {
    if (!(#line in this))
      return PromiseReject(new TypeError('close: the receiver is not a Socket'));
    if (!this.#closing) {
      this.#closing = true;
      innerThen(this.#connected, () => this.#finish(), nothing);
    }
    return this.#closed.promise;
  }

  startTls(options: unknown = undefined): Socket {
    if (this.#upgraded) throw new TypeError('startTls can only be called once.');
    if (this.#transport === 'on') throw new TypeError('Cannot startTls on a TLS socket.');
    if (this.#transport !== 'starttls')
      throw new TypeError(
        "The `secureTransport` socket option must be set to 'starttls' for startTls to be used.",
      );
    if (this.#closing) throw new TypeError('startTls: the socket is closed');
    const { expectedServerHostname } = toDictionary<Record<string, unknown>>(options, 'startTls');
    const host = expectedServerHostname === undefined ? this.#host : `${expectedServerHostname}`;
    const streams = lazy('streams');
    if (streams.isLocked(this.#readable) || streams.isWritableLocked(this.#writable))
      throw new TypeError('startTls: release the locks of readable and writable first');
    this.#upgraded = true;
    const secured = innerThen(this.#connected, () =>
      PromisePrototypeThen(streams.endWritable(this.#writable), () => {
        const line = (this.#line as Line).startTls(host);
        streams.endReadable(this.#readable);
        this.#closed.resolve(undefined);
        return { __proto__: null, line };
      }),
    );
    return new Socket(kInternal, host, { ...this.#options, transport: 'on' }, null, secured);
  }

  #watch(line: Line): void {
    PromisePrototypeThen(
      line.opened(),
      () => this.#opened.resolve(line.info()),
      (error) => this.#fail(notConnected(error)),
    );
    PromisePrototypeThen(
      line.closed(),
      () => this.#upgraded || this.#closed.resolve(undefined),
      (error) => this.#fail(lost(error)),
    );
  }

  // What has arrived can still be read: the readable stream fails behind it.
  #fail(error: unknown): void {
    this.#opened.reject(error);
    this.#closed.reject(error);
    lazy('streams').failWritable(this.#writable, error);
  }

  // Closes it once what was written is sent.
  #finish(): Promise<void> {
    const shut = () => this.#shut();
    return PromisePrototypeThen(lazy('streams').endWritable(this.#writable), shut, shut);
  }

  #shut(): void {
    if (this.#upgraded) return;
    this.#line?.close();
    lazy('streams').endReadable(this.#readable);
    this.#closed.resolve(undefined);
  }

  #read(): Promise<ArrayBuffer | null> {
    const line = this.#line;
    if (line === null) return PromisePrototypeThen(this.#ready, () => (this.#line as Line).read());
    return PromisePrototypeThen(
      line.read(),
      (piece) => {
        if (piece === null && !this.#upgraded && !this.#options.allowHalfOpen)
          lazy('streams').endWritable(this.#writable);
        return piece;
      },
      (error) => {
        throw lost(error);
      },
    );
  }

  #write(chunk: unknown): Promise<unknown> {
    try {
      const bytes = toBytes(chunk);
      if (this.#line !== null) return this.#send(this.#line, bytes);
      return PromisePrototypeThen(this.#ready, () => this.#send(this.#line as Line, bytes));
    } catch (error) {
      return PromiseReject(error);
    }
  }

  #send(line: Line, bytes: Uint8Array): Promise<unknown> {
    const waits = line.write(bytes);
    return waits === undefined
      ? PromiseResolve(undefined)
      : PromisePrototypeThen(waits, undefined, (error) => {
          throw lost(error);
        });
  }

  #end(): Promise<unknown> {
    if (!this.#upgraded) this.#line?.end();
    return PromiseResolve(undefined);
  }
}
defineInterface(Socket, 'Socket');

function connect(address: unknown, options: unknown = undefined): Socket {
  requireArguments(arguments.length, 1, 'connect');
  const { host, port } = toAddress(address);
  const how = toOptions(options);
  const inv = requireInvocation();
  const line = new NativeLine(sockets.open(inv, host, port, how.transport === 'on'));
  return new Socket(kInternal, host, how, line, null);
}

// connect() of a service binding: the handler of that name of the Worker `via` gets the
// other end.
export function connectBy(via: Via, given: number, address: unknown, options: unknown): Socket {
  requireArguments(given, 1, 'connect');
  const { host, port } = toAddress(address);
  const how = toOptions(options);
  if (how.transport !== 'off')
    throw new TypeError(
      'connect: a connection between Workers carries no TLS; leave secureTransport out',
    );
  const inv = requireInvocation();
  const name = StringPrototypeIndexOf(host, ':') < 0 ? host : `[${host}]`;
  return new Socket(kInternal, host, how, new CallerLine(inv, via, `${name}:${port}`), null);
}

// The other end, for the handler of that invocation, whose request is `body`; and what
// ends it once what was written to it is sent.
export function acceptConnection(
  inv: number,
  body: number,
  address: string,
): { readonly socket: Socket; readonly end: () => Promise<void> } {
  const line = new CalleeLine(inv, body, address);
  const socket = new Socket(kInternal, '', toOptions(undefined), line, null);
  return { socket, end: () => inner(finish(socket)) };
}

// The module's exports.
export function cloudflareSockets(): Record<string, unknown> {
  return { connect };
}
