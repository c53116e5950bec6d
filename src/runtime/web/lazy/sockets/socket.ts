// Socket and connect().
//
// A socket has a native id (native_sockets.ts). startTls() gives another Socket with
// an id of its own: what belongs to the connection in the clear ends there, so that
// no byte of it can pass for a protected one.
import { innerThen } from '../../inner_promises.ts';
import type { NativeSockets } from '../../native_sockets.ts';
import {
  Error,
  PromisePrototypeThen,
  PromiseReject,
  PromiseResolve,
  PromiseWithResolvers,
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

const binding: NativeSockets = native.socketBinding();

interface SocketInfo {
  readonly remoteAddress: string;
  readonly localAddress: string;
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

export class Socket {
  readonly #host: string;
  readonly #options: Options;
  readonly #transport: Transport;
  readonly #opened = PromiseWithResolvers<SocketInfo>();
  readonly #connected: Promise<void>; // the same, which script has not
  readonly #closed = PromiseWithResolvers<undefined>();
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;
  readonly #ready: Promise<unknown>; // rejected: there never is an id
  #id = 0; // 0: not yet
  #upgraded = false;
  #closing = false;

  // `begin` gives the native id, at once or once it can.
  constructor(token: unknown, host: unknown, options: unknown, begin: unknown) {
    if (token !== kInternal) illegalConstructor();
    this.#host = host as string;
    this.#options = options as Options;
    this.#transport = this.#options.transport;
    const streams = lazy('streams');
    const { highWaterMark } = this.#options;
    this.#readable = streams.streamOfPieces(
      () => this.#read(),
      () => this.#id !== 0 && native.bodyCancel(this.#id),
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
    const id = (begin as () => number | Promise<number>)();
    if (typeof id === 'number') {
      this.#id = id;
      this.#ready = PromiseResolve(undefined);
      this.#watch();
    } else {
      this.#ready = PromisePrototypeThen(id, (given) => {
        this.#id = given;
        this.#watch();
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
    if (!(#id in this)) return PromiseReject(new TypeError('close: the receiver is not a Socket'));
    if (!this.#closing) {
      this.#closing = true;
      const shut = () => this.#shut();
      innerThen(
        this.#connected,
        () => PromisePrototypeThen(lazy('streams').endWritable(this.#writable), shut, shut),
        nothing,
      );
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
    return new Socket(kInternal, host, { ...this.#options, transport: 'on' }, () =>
      innerThen(this.#connected, () =>
        PromisePrototypeThen(streams.endWritable(this.#writable), () => {
          const secured = binding.startTls(this.#id, host);
          streams.endReadable(this.#readable);
          this.#closed.resolve(undefined);
          return secured;
        }),
      ),
    );
  }

  #watch(): void {
    PromisePrototypeThen(
      binding.opened(this.#id),
      () =>
        this.#opened.resolve({
          __proto__: null,
          remoteAddress: binding.remoteAddress(this.#id),
          localAddress: binding.localAddress(this.#id),
        } as unknown as SocketInfo),
      (error) => this.#fail(notConnected(error)),
    );
    PromisePrototypeThen(
      binding.closed(this.#id),
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

  #shut(): void {
    if (this.#upgraded) return;
    if (this.#id !== 0) binding.close(this.#id);
    lazy('streams').endReadable(this.#readable);
    this.#closed.resolve(undefined);
  }

  #read(): Promise<ArrayBuffer | null> {
    if (this.#id === 0) return PromisePrototypeThen(this.#ready, () => native.bodyRead(this.#id));
    return PromisePrototypeThen(
      native.bodyRead(this.#id),
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
      if (this.#id !== 0) return this.#send(bytes);
      return PromisePrototypeThen(this.#ready, () => this.#send(bytes));
    } catch (error) {
      return PromiseReject(error);
    }
  }

  #send(bytes: Uint8Array): Promise<unknown> {
    const waits = binding.write(this.#id, bytes);
    return waits === undefined
      ? PromiseResolve(undefined)
      : PromisePrototypeThen(waits, undefined, (error) => {
          throw lost(error);
        });
  }

  #end(): Promise<unknown> {
    if (!this.#upgraded && this.#id !== 0) binding.end(this.#id);
    return PromiseResolve(undefined);
  }
}
defineInterface(Socket, 'Socket');

function connect(address: unknown, options: unknown = undefined): Socket {
  requireArguments(arguments.length, 1, 'connect');
  const { host, port } = toAddress(address);
  const how = toOptions(options);
  const inv = requireInvocation();
  return new Socket(kInternal, host, how, () =>
    binding.open(inv, host, port, how.transport === 'on'),
  );
}

// The module's exports.
export function cloudflareSockets(): Record<string, unknown> {
  return { connect };
}
