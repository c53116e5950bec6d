// What C++ gives to the TypeScript of this folder: the parameters of the two
// function forms that build.mjs emits. native_ops.cc binds each name below, and
// tools/test/native_types.ts holds what it binds against what stands here.
//
//   snapshot.js    (function (native, globalObject, lazy) { … })
//   lazy/NAME.js   (function (native, globalObject, lazy, internals) { … })
//
// Every op is synchronous unless it says Promise. Handles are int32 and 0 is
// none: `inv` is a running invocation, `body` an arriving body, `op` an outbound
// fetch. Header lists are flat [name, value, name, value, …] with names in lower
// case and values isomorphic (one code unit a byte). An op that is asked with a
// handle that is gone does nothing, or answers as an empty one would.
//
// Header lists that JS gives are what script wrote. Those that frame a message
// (connection, content-length, host, keep-alive, proxy-connection, te, trailer,
// transfer-encoding, upgrade) are C++'s own business: it leaves them out of what
// it sends, and may read a content-length for a body whose length it is not told.
import type { Via } from './fetch.ts';
import type { LazyModules } from './lazy_modules.ts';
import type { NativeCrypto } from './native_crypto.ts';
import type { NativeHtml } from './native_html.ts';
import type { NativeKv } from './native_kv.ts';
import type { NativeServices } from './native_services.ts';
import type { NativeSockets } from './native_sockets.ts';
import type { NativeWebSockets } from './native_websockets.ts';

// The bytes of a message as JS hands them over. A string goes out as UTF-8.
export type NativeBytes = string | ArrayBufferView | ArrayBuffer;

// The state of one TextDecoder, a native object.
export interface NativeDecoder {
  // Requires: fatal decoders are dropped after a throw (TypeError: bad bytes).
  decode(bytes: ArrayBuffer | ArrayBufferView, stream: boolean): string;
}

export type NativeCoding = 'br' | 'deflate' | 'deflate-raw' | 'gzip' | 'zstd';

// Undoes a compression: push a piece, pull until null, and so on; finish last, or
// close where the rest is of no use.
export interface NativeDecompressor {
  // Requires: pull() has answered null since the last piece.
  push(bytes: ArrayBuffer | ArrayBufferView): void;
  // The next of what comes out, at most 64 KB; null: nothing before more is pushed.
  // TypeError for corrupt data, RangeError for want of memory.
  pull(): ArrayBuffer | null;
  finish(): void; // TypeError when the data is cut short
  close(): void;
}

// Compresses: push a piece, pull until null, and so on; then finish, and pull until
// null; or close.
export interface NativeCompressor {
  // Requires: pull() has answered null since the last piece.
  push(bytes: ArrayBuffer | ArrayBufferView): void;
  // The next of what comes out, at most 64 KB; null: nothing before more is pushed.
  // RangeError for want of memory.
  pull(): ArrayBuffer | null;
  finish(): void;
  close(): void;
}

export interface Native {
  // --- The incoming request -------------------------------------------------
  requestUrl(inv: number): string; // absolute and serialized: http(s)://host/path?query
  requestHeaders(inv: number): string[];
  requestCf(inv: number): string; // JSON text of request.cf
  // dispatch.onAbort gets `signal` when the client goes away.
  requestSignal(inv: number, signal: object): void;

  // --- Bodies that arrive: of a request, or of the answer to a fetch --------
  // All of it when it has completely arrived, now owned by JS; else undefined.
  bodyTake(body: number): ArrayBuffer | undefined;
  // As bodyTake, decoded as "UTF-8 decode" of the Encoding Standard does it
  // (BOM dropped, errors replaced), without a buffer in between.
  bodyTakeText(body: number): string | undefined;
  // The next piece, null at the end; rejects when the sender is gone. Not to be
  // called while an earlier promise is pending.
  bodyRead(body: number): Promise<ArrayBuffer | null>;
  bodyCancel(body: number): void;

  // --- The answer -----------------------------------------------------------
  // `contentType` is sent when `headers` is null or names none. An answer to
  // HEAD is passed as one to GET: the connection leaves the body out.
  respond(
    inv: number,
    status: number,
    statusText: string,
    headers: string[] | null,
    contentType: string | null,
    body: NativeBytes | null,
  ): void;
  respondStart(
    inv: number,
    status: number,
    statusText: string,
    headers: string[] | null,
    contentType: string | null,
    length: number, // -1: not known, so chunked
  ): void;
  // undefined: go on at once. A promise: wait for it; rejects when the client is gone.
  respondWrite(inv: number, chunk: Uint8Array): Promise<void> | undefined;
  respondEnd(inv: number): void;
  // Whether the client was still there to be told.
  respondAbort(inv: number, message: string): boolean;
  // Pumps `body` to the client without JS. Requires: no byte of it was read.
  respondForward(
    inv: number,
    status: number,
    statusText: string,
    headers: string[] | null,
    body: number,
    length: number,
  ): void;
  // The handler threw or rejected: error page 1101, outcome `exception`.
  fail(inv: number, name: string, message: string, stack: string): void;
  passThrough(inv: number): void;
  // The answer is whole (or failed), and every waitUntil has settled.
  finish(inv: number): void;

  // --- Outbound fetch -------------------------------------------------------
  // The answer comes by dispatch.onFetchHead or onFetchError. No redirect is
  // followed here. With `hasStream` the body follows by fetchWrite and fetchEnd. Both
  // get `asker`, unless the exchange was aborted meanwhile. `via` may be the rules of a
  // fetch, as lazy/fetch_rules.ts writes them.
  fetch(
    inv: number,
    method: string,
    url: string,
    headers: string[],
    body: NativeBytes | null,
    hasStream: boolean,
    asker: object,
    via: Via | string | undefined,
  ): number;
  fetchWrite(op: number, chunk: Uint8Array): Promise<void> | undefined;
  fetchEnd(op: number): void;
  fetchAbort(op: number): void;
  serviceBinding(): NativeServices; // made on each call
  socketBinding(): NativeSockets; // made on each call
  webSocketBinding(): NativeWebSockets; // made on each call
  kvBinding(): NativeKv; // made on each call
  // Whether one more call is within the limit, which has a number.
  rateLimit(inv: number, limit: number, key: string): Promise<boolean>;

  // --- Time -----------------------------------------------------------------
  // dispatch.onTimer gets `timer`, which is kept until the timer is over.
  // One that runs under that number begins anew.
  timerStart(number: number, delayMs: number, repeat: boolean, timer: object): void;
  timerStop(number: number): void; // nothing where none runs under that number
  timerFind(number: number): object | undefined; // the `timer` that runs
  now(): number; // ms since the epoch; stands still during a turn
  timeOrigin(): number;

  // --- What people read -----------------------------------------------------
  // `json`: the arguments as tail shows them, a JSON array. `text`: one line.
  log(level: 0 | 1 | 2 | 3 | 4, json: string, text: string): void;
  reportException(name: string, message: string, stack: string): void;
  // A stack in the author's terms: by source maps, without the platform's frames.
  stackText(stack: string): string;

  currentInvocation(): number; // 0 while the worker's global scope runs
  loadLazy(name: string): object;
  // [name, 'on' or '', …] of every compatibility flag, by its enabling name.
  compatibilityFlags(): string[];
  // A data property whose value is made when it is first read: by the lazy module
  // that exports it, or by a function, though not in the snapshot. It answers the
  // same each time: it is asked again where script has frozen `target`.
  defineLazy(
    target: object,
    name: string,
    maker: keyof LazyModules | ((name: string) => unknown),
    enumerable: boolean,
  ): void;

  // --- Node's library (runtime/node) ----------------------------------------
  // A module as a function of what Node gives it; null: none of that id.
  nodeCompile(id: string): unknown;
  nodeModules(): string[];
  // The native functions of one internal binding; null: none of that name.
  nodeBinding(name: string): unknown;

  // --- Encoding -------------------------------------------------------------
  utf8Encode(text: string): Uint8Array<ArrayBuffer>;
  // Leaves scratch[0] = code units read, scratch[1] = bytes written.
  utf8EncodeInto(text: string, view: Uint8Array): void;
  utf8Decode(bytes: ArrayBuffer | ArrayBufferView, fatal: boolean, ignoreBOM: boolean): string;
  decoderLabel(label: string): string | null; // canonical name, lower case
  decoderNew(name: string, fatal: boolean, ignoreBOM: boolean): NativeDecoder;
  btoa(text: string): string; // Requires: every code unit is below 256
  atob(text: string): string | null;

  // --- Compression ----------------------------------------------------------
  compressorNew(format: NativeCoding): NativeCompressor;
  // Strict: gzip has one member, and no data at all is cut short.
  decompressorNew(format: NativeCoding, strict: boolean): NativeDecompressor;

  // --- URL ------------------------------------------------------------------
  // Both answer the href, or null when refused, and leave in scratch:
  // [protocol_end, username_end, host_start, host_end, port, pathname_start,
  //  search_start, hash_start, scheme_type]; 0xFFFFFFFF is omitted.
  urlParse(input: string, base: string | undefined): string | null;
  urlSet(href: string, part: number, value: string): string | null;
  urlOrigin(href: string): string;

  // --- Crypto ---------------------------------------------------------------
  randomFill(view: ArrayBufferView): void;
  randomUuid(): string;
  cryptoBinding(): NativeCrypto; // made on each call

  htmlBinding(): NativeHtml; // made on each call

  // HTML §2.7. `clone` gets each object whose prototype is neither Object.prototype
  // nor null, or (`ofAll`) each: a copy when it is a platform object, null for a plain
  // one; what it throws is passed on. `refuse` makes the error for what cannot be cloned.
  structuredClone(
    value: unknown,
    transfer: ArrayBuffer[],
    clone: (object: object) => object | null,
    ofAll: boolean,
    refuse: (message: string) => object,
  ): unknown;

  readonly scratch: Uint32Array; // 16 elements, overwritten by the next op that fills it
}

declare global {
  const native: Native;
  // The global object of the worker's realm.
  const globalObject: Record<PropertyKey, unknown>;
  // The exports of lazy/NAME.js: compiled and run on first use, then kept.
  function lazy<Name extends keyof LazyModules>(name: Name): LazyModules[Name];
}
