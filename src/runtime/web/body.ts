// Bodies, Fetch Standard §5.3, in the cheapest form that still holds them: a
// string stays a string, bytes stay bytes, what arrives on a connection stays in
// C++ under a handle. A ReadableStream is made when script asks for one.
import { type AbortSignal, isAborted, reasonOf } from './abort.ts';
import { brands } from './brands.ts';
import type { Coding } from './coding.ts';
import { copyOfBytes } from './copies.ts';
import { inner, innerThen } from './inner_promises.ts';
import { parseJson } from './json_methods.ts';
import type { ReadableStream } from './lazy/streams.ts';
import {
  ArrayBufferIsView,
  PromiseReject,
  PromiseResolve,
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  StringPrototypeToWellFormed,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  TypeError,
  Uint8Array,
} from './primordials.ts';
import { bytesOf, defineMembers, isBufferSource } from './webidl.ts';

export type Bytes = Uint8Array<ArrayBuffer>;
export type Source = string | Bytes;

// Bytes on their way through a promise of ours: resolving one asks the value for
// `then`, which script may have put on Object.prototype.
export interface Boxed {
  readonly bytes: Bytes;
}

export function box(bytes: Bytes): Boxed {
  return { __proto__: null, bytes } as Boxed;
}

const kPlainText = 'text/plain;charset=UTF-8';
const kForm = 'application/x-www-form-urlencoded;charset=UTF-8';

// Exactly one of three holds the content: `source`, a handle that is not 0, or
// `stream`. A stream may stand beside either of the others: it then is the view
// of the same content that script got, and content may be read past it only
// while it is neither disturbed nor locked.
export class Body {
  source: Source | null;
  handle: number;
  stream: ReadableStream | null;
  length: number; // in bytes, -1 when not known
  coding: Coding | null = null; // of what lies behind `handle`; script sees it decoded
  signal: AbortSignal | null = null; // ends what arrives under `handle`
  #used = false; // read without a stream

  constructor(
    source: Source | null,
    handle: number,
    stream: ReadableStream | null,
    length: number,
  ) {
    this.source = source;
    this.handle = handle;
    this.stream = stream;
    this.length = length;
  }

  get used(): boolean {
    return this.#used || (this.stream !== null && lazy('streams').isDisturbed(this.stream));
  }

  get locked(): boolean {
    return this.stream !== null && lazy('streams').isLocked(this.stream);
  }

  // Throws unless the content is still whole; marks it as read.
  #take(): void {
    if (this.used)
      throw new TypeError(
        'Body has already been used. It can only be used once. Use tee() first if you need to read it twice.',
      );
    if (this.locked) throw new TypeError('This ReadableStream is currently locked to a reader.');
    this.#used = true;
  }

  // Gives up the content to someone who passes it on whole: `source`, or else
  // the handle, or else the stream, which the taker then reads.
  claim(): void {
    this.#take();
    if (this.stream !== null && (this.source !== null || this.handle !== 0))
      lazy('streams').markDisturbed(this.stream);
  }

  // The content as text ("UTF-8 decode"), a promise only when it has to arrive.
  takeText(): string | Promise<string> {
    this.#take();
    if (this.stream === null) {
      const source = this.source;
      if (typeof source === 'string') return withoutMark(StringPrototypeToWellFormed(source));
      if (source !== null) return native.utf8Decode(source, false, false);
      const text = this.coding === null ? native.bodyTakeText(this.handle) : undefined;
      if (text !== undefined) return text;
    }
    return innerThen(this.#readAll(), ({ bytes }) => native.utf8Decode(bytes, false, false));
  }

  // The content as bytes that the caller may keep and change.
  takeBytes(): Bytes | Promise<Boxed> {
    this.#take();
    if (this.stream === null) {
      const source = this.source;
      if (typeof source === 'string') return native.utf8Encode(source);
      if (source !== null) return copyOfBytes(source);
      const buffer = this.coding === null ? native.bodyTake(this.handle) : undefined;
      if (buffer !== undefined) return new Uint8Array(buffer);
    }
    return this.#readAll();
  }

  #readAll(): Promise<Boxed> {
    return this.stream === null ? readHandle(this) : lazy('streams').readAll(this.stream);
  }

  // The stream that script sees.
  toStream(): ReadableStream {
    if (this.stream === null) {
      const streams = lazy('streams');
      this.stream = streams.streamOfBody(this);
      if (this.#used) streams.markDisturbed(this.stream);
    }
    return this.stream;
  }

  // §5.3 "clone": two bodies of one content. Throws when it was read already.
  clone(): Body {
    if (this.used) throw new TypeError('clone: the body has already been used');
    if (this.locked) throw new TypeError('clone: the body is locked to a reader');
    if (this.stream === null && this.handle !== 0 && this.coding === null) {
      const buffer = native.bodyTake(this.handle);
      if (buffer !== undefined) {
        this.handle = 0;
        this.source = new Uint8Array(buffer);
      }
    }
    if (this.stream === null && this.source !== null)
      return new Body(this.source, 0, null, this.length);
    const branches = lazy('streams').teeForClone(this.toStream());
    if (this.coding !== null) this.length = -1; // the branches give it decoded
    this.coding = null;
    this.source = null;
    this.handle = 0;
    this.stream = branches[0];
    return new Body(null, 0, branches[1], this.length);
  }
}

function withoutMark(text: string): string {
  return StringPrototypeCharCodeAt(text, 0) === 0xfeff ? StringPrototypeSlice(text, 1) : text;
}

export type NextPiece = () => Promise<ArrayBuffer | null>;

// Gives what arrives under the handle, decoded: the next piece, or null at its end.
// What was cut short by the signal rejects with its reason.
export function piecesOf(
  { handle, signal }: Pick<Body, 'handle' | 'signal'>,
  coding: Coding | null,
): NextPiece {
  const next =
    coding === null
      ? () => native.bodyRead(handle)
      : lazy('content_coding').decodedPieces(handle, coding);
  if (signal === null) return next;
  return async () => {
    const piece = await inner(next());
    if (piece === null && isAborted(signal)) throw reasonOf(signal);
    return piece;
  };
}

async function readHandle(body: Body): Promise<Boxed> {
  const next = piecesOf(body, body.coding);
  const pieces: Bytes[] = [];
  for (;;) {
    const piece = await inner(next());
    if (piece === null) return box(concat(pieces));
    pieces[pieces.length] = new Uint8Array(piece);
  }
}

// Hands every piece of what arrives under the body's handle to `write`, and waits when that
// says so. With a coding it is decoded on the way. Cancels it when `write` fails.
export async function copyHandle(
  body: Body,
  coding: Coding | null,
  write: (chunk: Uint8Array) => Promise<void> | undefined,
): Promise<void> {
  const next = piecesOf(body, coding);
  for (;;) {
    const piece = await inner(next());
    if (piece === null) return;
    try {
      const wait = write(new Uint8Array(piece));
      if (wait !== undefined) await inner(wait);
    } catch (error) {
      native.bodyCancel(body.handle);
      throw error;
    }
  }
}

export function concat(pieces: readonly Bytes[]): Bytes {
  if (pieces.length === 1) return pieces[0] as Bytes;
  let length = 0;
  for (let i = 0; i < pieces.length; i++) length += TypedArrayPrototypeGetByteLength(pieces[i]);
  const all = new Uint8Array(length);
  for (let i = 0, at = 0; i < pieces.length; i++) {
    TypedArrayPrototypeSet(all, pieces[i] as Bytes, at);
    at += TypedArrayPrototypeGetByteLength(pieces[i]);
  }
  return all;
}

export interface Extracted {
  readonly body: Body;
  readonly type: string | null; // the Content-Type that goes with it
}

// §5.2 "extract a body".
export function extractBody(init: unknown): Extracted {
  if (typeof init === 'string') return { body: new Body(init, 0, null, -1), type: kPlainText };
  if (isBufferSource(init)) return ofBytes(copyOfBytes(bytesOf(init)), null);
  if (brands.readableStream(init)) return { body: ofStream(init), type: null };
  if (brands.blob(init)) {
    const { bytes, type } = lazy('forms').blobContent(init);
    return ofBytes(bytes, type === '' ? null : type);
  }
  if (brands.searchParams(init))
    return { body: new Body(lazy('search_params').serialize(init), 0, null, -1), type: kForm };
  if (brands.formData(init)) {
    const { bytes, type } = lazy('forms').encodeMultipart(init);
    return ofBytes(bytes, type);
  }
  return { body: new Body(`${init}`, 0, null, -1), type: kPlainText };
}

function ofBytes(bytes: Bytes, type: string | null): Extracted {
  return { body: new Body(bytes, 0, null, TypedArrayPrototypeGetByteLength(bytes)), type };
}

function ofStream(stream: ReadableStream): Body {
  const streams = lazy('streams');
  if (streams.isDisturbed(stream))
    throw new TypeError('The ReadableStream has been read from: it cannot be a body');
  if (streams.isLocked(stream))
    throw new TypeError('The ReadableStream is locked to a reader: it cannot be a body');
  const origin = streams.originOf(stream);
  if (origin !== null) {
    const body = new Body(origin.source, origin.handle, stream, origin.length);
    body.coding = origin.coding;
    body.signal = origin.signal;
    return body;
  }
  return new Body(null, 0, stream, streams.expectedLength(stream));
}

// What Request and Response have in common for the methods below.
export interface BodyOwner {
  body: Body | null;
  contentType(): string | null;
}

// Defines the members of the Body mixin (§5.3) on `target`. `ownerOf` throws a
// TypeError for a receiver that is not of the class.
export function mixBody(
  target: { readonly prototype: object },
  ownerOf: (self: unknown) => BodyOwner,
): void {
  function text<T>(self: unknown, convert: (text: string) => T): Promise<T> {
    try {
      const body = ownerOf(self).body;
      const taken = body === null ? '' : body.takeText();
      if (typeof taken === 'string') return PromiseResolve(convert(taken)) as Promise<T>;
      return innerThen(taken, convert);
    } catch (error) {
      return PromiseReject(error);
    }
  }

  function bytes<T>(self: unknown, convert: (bytes: Bytes, owner: BodyOwner) => T): Promise<T> {
    try {
      const owner = ownerOf(self);
      const taken = owner.body === null ? new Uint8Array(0) : owner.body.takeBytes();
      if (ArrayBufferIsView(taken)) return PromiseResolve(convert(taken, owner)) as Promise<T>;
      return innerThen(taken, ({ bytes }) => convert(bytes, owner));
    } catch (error) {
      return PromiseReject(error);
    }
  }

  const members = {
    get body() {
      const body = ownerOf(this).body;
      return body === null ? null : body.toStream();
    },
    get bodyUsed() {
      const body = ownerOf(this).body;
      return body?.used ?? false;
    },
    arrayBuffer() {
      return bytes(this, bufferOf);
    },
    blob() {
      return bytes(this, (all, owner) => lazy('forms').makeBlobOf(all, owner.contentType()));
    },
    bytes() {
      return bytes(this, (all) => all);
    },
    formData() {
      return bytes(this, (all, owner) => lazy('forms').parseForm(all, owner.contentType()));
    },
    json() {
      return text(this, parseJson);
    },
    text() {
      return text(this, (all) => all);
    },
  };
  defineMembers(target.prototype, members);
}

function bufferOf(bytes: Bytes): ArrayBuffer {
  return TypedArrayPrototypeGetBuffer(bytes);
}
