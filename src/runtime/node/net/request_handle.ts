// A request of the platform as a connection to a server of node:http. The head and the
// body are handed to the server's parser as what it would have found in bytes; what
// the server writes is parsed, as a client does, and becomes a Response.
import { Body, type Boxed, box } from '../../web/body.ts';
import { copyOfBytes, partOfBytes } from '../../web/copies.ts';
import { HeaderList } from '../../web/headers.ts';
import { innerThen } from '../../web/inner_promises.ts';
import {
  Error,
  Number,
  Promise,
  PromiseReject,
  PromiseResolve,
  PromiseWithResolvers,
  ReflectApply,
  RegExpPrototypeExec,
  StringPrototypeIndexOf,
  StringPrototypeToLowerCase,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  Uint8Array,
} from '../../web/primordials.ts';
import type { RequestState } from '../../web/request.ts';
import { Response, ResponseState } from '../../web/response.ts';
import { kInternal } from '../../web/webidl.ts';
import type { Loose } from '../loose.ts';
import { nativeBinding } from '../native_binding.ts';
import { kOnBody, kOnHeaders, kOnHeadersComplete, kOnMessageComplete } from './http_parser.ts';
import {
  type Bytes,
  guarded,
  joined,
  type StreamHandle,
  type Streams,
  WriteWrap,
} from './stream_handle.ts';
import { asksForWebSocket, handshake, Upgraded, withoutHandshake } from './upgraded.ts';

export interface RequestHandle extends StreamHandle {
  // Hands the request to the server whose socket has taken this handle.
  begin(): void;
  // The client has gone.
  abandon(): void;
  readonly response: Promise<Response>;
  readonly ended: Promise<void>;
}

export interface RequestHandleClass {
  new (request: RequestState, port: number): RequestHandle;
}

interface Head {
  readonly status: number;
  readonly reason: string;
  readonly headers: string[];
}

// The next piece of a request's body, or null at its end. The promise is not script's.
type NextPiece = () => Promise<Boxed | null>;

// Script may have patched the methods of lists, and how they are walked.
function placeIn<T>(list: readonly T[], item: T): number {
  for (let i = 0; i < list.length; i++) if (list[i] === item) return i;
  return -1;
}
function addAll<T>(list: T[], items: readonly T[]): void {
  for (let i = 0; i < items.length; i++) list[list.length] = items[i] as T;
}

// Of a serialized URL: protocol, host with its port, and what is asked for there.
const parts = /^([^:]*:)(?:\/\/(?:[^/?#@]*@)?([^/?#]*))?([^#]*)/;

function piecesOfBody(body: Body): NextPiece {
  body.claim();
  if (body.source !== null) {
    let rest: Boxed | null = box(
      typeof body.source === 'string' ? native.utf8Encode(body.source) : body.source,
    );
    return () => {
      const piece = rest;
      rest = null;
      return PromiseResolve(piece);
    };
  }
  if (body.handle !== 0)
    return () =>
      innerThen(native.bodyRead(body.handle), (piece) =>
        piece === null ? null : box(new Uint8Array(piece)),
      );
  return lazy('streams').piecesOfStream(body.toStream()).next;
}

// What tells a server that a request has a body, and of what length: the platform keeps
// it apart from the headers that arrived, and leaves it out of a Worker's own.
function framing(body: Body | null, list: HeaderList, arrived: boolean): string[] {
  const given = list.get('content-length');
  if (arrived && given !== null) return ['Content-Length', given];
  if (body === null || given !== null) return [];
  const { source } = body;
  if (source === null) return ['Transfer-Encoding', 'chunked'];
  const bytes = typeof source === 'string' ? native.utf8Encode(source) : source;
  return ['Content-Length', `${TypedArrayPrototypeGetByteLength(bytes)}`];
}

const kSwitching = 101;

// Hop by hop: the platform's own connection has its own.
const ofConnection = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding'];

function toList(raw: readonly string[]): HeaderList {
  const list = new HeaderList([]);
  for (let i = 0; i < raw.length; i += 2) {
    const name = StringPrototypeToLowerCase(raw[i]);
    if (placeIn(ofConnection, name) < 0) list.append(name, raw[i + 1] as string);
  }
  return list;
}

function reset(message: string): Error {
  const error = new Error(message);
  (error as Loose).code = 'ECONNRESET';
  return error;
}

export function makeRequestHandle(
  streams: Streams,
  { HTTPParser, allMethods }: Loose,
  owner: symbol,
): RequestHandleClass {
  const { StreamHandle, bufferOf, complete, nextTick, uv } = streams;

  return class extends StreamHandle {
    readonly #request: RequestState;
    readonly #port: number;
    readonly #answer = PromiseWithResolvers<Response>();
    readonly #end = PromiseWithResolvers<void>();
    readonly #parser = new HTTPParser();
    #serverParser: Loose = null;
    #next: NextPiece | null = null; // null: there is no body, or it has been read
    #reads = false; // a piece is on its way
    #head: Head | null = null;
    #pieces: Bytes[] = []; // of the answer, which nobody has taken
    #whole = false;
    #closed = false;
    #answered = false;
    #write: WriteWrap | null = null; // waits until the answer's pieces are taken
    #wanted: (() => void) | null = null; // the answer's stream waits for a piece
    readonly #upgrades: boolean; // the client asks for a WebSocket
    #upgraded: Upgraded | null = null;

    constructor(request: RequestState, port: number) {
      super();
      this.#request = request;
      this.#port = port;
      this.#upgrades = asksForWebSocket(request.method, request.list);
      this.#parser.initialize(HTTPParser.RESPONSE, this, 0, HTTPParser.kLenientAll);
      this.#parser[kOnHeaders] = () => {};
      this.#parser[kOnHeadersComplete] = (
        _major: number,
        _minor: number,
        headers: string[],
        _method: unknown,
        _url: unknown,
        status: number,
        reason: string,
      ) => {
        if (status >= 200 || status === kSwitching) this.#head = { status, reason, headers };
        return status === kSwitching ? 2 : request.method === 'HEAD' ? 1 : 0;
      };
      this.#parser[kOnBody] = (piece: Bytes) => {
        this.#pieces[this.#pieces.length] = piece;
      };
      this.#parser[kOnMessageComplete] = () => {
        if (this.#head !== null) this.#whole = true;
      };
      // It is told to who asked; nobody has to listen.
      innerThen(this.#answer.promise, undefined, () => undefined);
    }

    // Neither is for script (web/inner_promises.ts).
    get response(): Promise<Response> {
      return this.#answer.promise;
    }
    get ended(): Promise<void> {
      return this.#end.promise;
    }

    get #socket(): Loose {
      return (this as Loose)[owner];
    }

    begin(): void {
      const parser = this.#socket?.parser;
      if (parser?.[kOnHeadersComplete] === undefined) {
        this.#fail(reset(`The server on port ${this.#port} did not take the request`));
        this.#socket?.destroy();
        return;
      }
      this.#serverParser = parser;
      const { body, inv, list, method, url } = this.#request;
      if (body !== null) this.#next = piecesOfBody(body);
      // One that arrived cannot have been changed: as it came.
      const given: string[] = inv === 0 ? list.items : nativeBinding('http').rawHeaders(inv);
      const found = RegExpPrototypeExec(parts, url) as (string | undefined)[];
      if (found[1] === 'https:') this.#socket.encrypted = true;
      let headers: string[] = list.has('host') ? [] : ['Host', found[2] ?? ''];
      addAll(headers, given);
      addAll(headers, framing(body, list, inv !== 0));
      if (this.#upgrades) headers = handshake(headers);
      try {
        parser[kOnHeadersComplete](
          1,
          1,
          headers,
          placeIn(allMethods, method),
          found[3],
          undefined,
          undefined,
          this.#upgrades,
          false,
        );
      } catch (error) {
        this.#fail(error);
        this.#socket.destroy();
        return;
      }
      if (this.#next === null) this.#bodyEnds();
      else this.#read();
      // Behind the head the server gives the socket to those who listen for upgrades.
      if (this.#upgrades) guarded(() => parser[HTTPParser.kOnExecute]?.(0));
    }

    abandon(): void {
      // A WebSocket tells of its end itself.
      if (this.#closed || this.#upgraded !== null) return;
      this.#fail(reset('aborted'));
      this.#socket?.destroy();
    }

    // The server's parser is another connection's once the socket has let it go.
    get #isRead(): boolean {
      return !this.#closed && this.#socket?.parser === this.#serverParser;
    }

    #bodyEnds(): void {
      this.#next = null;
      if (this.#isRead) guarded(() => this.#serverParser[kOnMessageComplete]());
    }

    readStart(): number {
      this.reading = true;
      this.#read();
      this.#upgraded?.readStart();
      return 0;
    }
    readStop(): number {
      this.reading = false;
      return 0;
    }

    #read(): void {
      if (this.#reads || !this.reading || this.#next === null || this.#serverParser === null)
        return;
      this.#reads = true;
      void innerThen(
        this.#next(),
        (piece) => {
          this.#reads = false;
          if (piece === null) {
            this.#bodyEnds();
            return;
          }
          const bytes = new Uint8Array(piece.bytes); // a server may change them
          this.bytesRead += TypedArrayPrototypeGetByteLength(bytes);
          if (this.#isRead) guarded(() => this.#serverParser[kOnBody](bufferOf(bytes)));
          this.#read();
        },
        () => {
          this.#reads = false;
          this.#next = null;
          this.abandon();
        },
      );
    }

    protected send(pieces: readonly Bytes[]): number | WriteWrap {
      if (this.#closed) return uv.UV_EPIPE;
      for (let i = 0; i < pieces.length; i++) {
        const piece = pieces[i] as Bytes;
        if (this.#upgraded !== null) {
          if (!this.#writeFrames(copyOfBytes(piece))) return uv.UV_EPROTO;
          continue;
        }
        const result = this.#parser.execute(piece);
        if (result instanceof Error) {
          this.#fail(result);
          return uv.UV_EPROTO;
        }
        if (this.#head?.status !== kSwitching) continue;
        if (!this.#upgrades) {
          this.#fail(new Error('The server answered 101 to a request that asks for no WebSocket'));
          return uv.UV_EPROTO;
        }
        this.#upgrade(this.#head);
        const frames = partOfBytes(piece, result, TypedArrayPrototypeGetByteLength(piece));
        if (!this.#writeFrames(copyOfBytes(frames))) return uv.UV_EPROTO;
      }
      if (this.#upgraded !== null) return 0;
      this.#respond();
      if (this.#pieces.length === 0) return 0;
      if (this.#whole) {
        // The server may change what it has written, once that is done.
        const kept = this.#pieces;
        for (let i = 0; i < kept.length; i++) kept[i] = copyOfBytes(kept[i] as Bytes);
        return 0;
      }
      this.#write = new WriteWrap();
      return this.#write;
    }

    // Between messages of the platform and the bytes of frames.
    #upgrade(head: Head): void {
      const upgraded = new Upgraded(streams, {
        isReading: () => this.reading && !this.#closed,
        take: (bytes) => this.deliver(bytes),
        takeEnd: (status) => this.deliverEnd(status),
      });
      this.#upgraded = upgraded;
      this.#answered = true;
      const state = new ResponseState();
      state.status = head.status;
      state.statusText = head.reason;
      state.list = withoutHandshake(toList(head.headers));
      state.webSocket = upgraded.client;
      this.#answer.resolve(new Response(kInternal, state));
    }

    #writeFrames(bytes: Bytes): boolean {
      try {
        this.#upgraded?.write(bytes);
        return true;
      } catch (error) {
        this.#socket?.destroy(error);
        return false;
      }
    }

    #respond(): void {
      this.#wanted?.();
      const head = this.#head;
      if (this.#answered || head === null) return;
      this.#answered = true;
      const state = new ResponseState();
      state.status = head.status;
      state.statusText = head.reason;
      state.list = toList(head.headers);
      if (head.status !== 204 && head.status !== 205 && head.status !== 304)
        state.body = this.#bodyOf(state.list.get('content-length'));
      this.#answer.resolve(new Response(kInternal, state));
    }

    #bodyOf(length: string | null): Body {
      if (this.#whole && this.#request.method !== 'HEAD')
        return new Body(this.#taken(), 0, null, -1);
      const expectedLength = length === null ? -1 : Number(length);
      const stream = lazy('streams').streamOfPieces(
        () => this.#nextOfAnswer(),
        () => this.abandon(),
      );
      return new Body(null, 0, stream, expectedLength);
    }

    // A copy: the server has what it wrote.
    #taken(): Bytes {
      const pieces = this.#pieces;
      this.#pieces = [];
      return joined(pieces);
    }

    // What there is, or else what the server writes next; null at the end.
    #nextOfAnswer(): Promise<ArrayBuffer | null> {
      if (this.#pieces.length > 0) {
        const taken = this.#taken();
        this.#written(0);
        return PromiseResolve(TypedArrayPrototypeGetBuffer(taken));
      }
      if (this.#whole) return PromiseResolve(null);
      if (this.#closed)
        return PromiseReject(reset('The server closed the connection before its answer was whole'));
      const wanted = new Promise<void>((resolve) => {
        this.#wanted = () => {
          this.#wanted = null;
          resolve();
        };
      });
      return innerThen(wanted, () => this.#nextOfAnswer());
    }

    #written(status: number): void {
      const write = this.#write;
      this.#write = null;
      if (write !== null) complete(write, status);
    }

    shutdown(request: Loose): number {
      if (this.#upgraded === null) this.#finish();
      else this.#upgraded.end();
      nextTick(() => guarded(() => request.oncomplete(0)));
      return 0;
    }

    // Where an answer has no length, the end of the connection is its own.
    #finish(): void {
      if (!this.#whole) this.#parser.finish();
      this.#respond();
    }

    close(done?: () => void): void {
      if (!this.#closed) {
        this.#closed = true;
        this.reading = false;
        this.#next = null;
        if (this.#request.body?.handle) native.bodyCancel(this.#request.body.handle);
        this.#fail(reset('The server closed the connection before it answered'));
        this.#wanted?.();
        this.#upgraded?.close();
        this.#written(uv.UV_ECANCELED);
        this.#end.resolve();
      }
      if (done !== undefined) nextTick(() => guarded(() => ReflectApply(done, this, [])));
    }
    reset(done?: () => void): number {
      this.close(done);
      return 0;
    }

    #fail(error: unknown): void {
      this.#answered = true;
      this.#answer.reject(error);
    }

    getsockname(out: Loose): number {
      out.address = '127.0.0.1';
      out.port = this.#port;
      out.family = 'IPv4';
      return 0;
    }
    getpeername(out: Loose): number {
      const address = this.#request.list.get('cf-connecting-ip') ?? '127.0.0.1';
      out.address = address;
      out.port = 0;
      out.family = StringPrototypeIndexOf(address, ':') < 0 ? 'IPv4' : 'IPv6';
      return 0;
    }
  };
}
