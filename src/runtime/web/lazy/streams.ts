// Streams: the classes for script, and the bridge between bodies and streams for
// the snapshot's modules.
import { Body, type Boxed, type Bytes, box, concat, type NextPiece, piecesOf } from '../body.ts';
import { brands } from '../brands.ts';
import { copyOfBytes } from '../copies.ts';
import { innerThen } from '../inner_promises.ts';
import {
  ArrayBufferIsView,
  PromisePrototypeThen,
  PromiseWithResolvers,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetToStringTag,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import { bytesOf, isBufferSource } from '../webidl.ts';
import type { BytesController } from './streams/byte_controller.ts';
import { createBytes } from './streams/create.ts';
import { offerToNode } from './streams/node_interop.ts';
import { markHandled, resolvedWithUndefined } from './streams/promises.ts';
import { DefaultReader, type ReadableState } from './streams/readable_state.ts';
import { type ReadableStream, readableStateOf, wrapReadable } from './streams/readable_stream.ts';
import { tee } from './streams/tee.ts';
import { sidesOf } from './streams/transform_stream.ts';
import { viewClassOf } from './streams/views.ts';
import { createWritable, type SinkAlgorithms } from './streams/writable_controller.ts';
import type { WritableState } from './streams/writable_state.ts';
import { type WritableStream, wrapWritable, writableStateOf } from './streams/writable_stream.ts';

export {
  ReadableByteStreamController,
  ReadableStream,
  ReadableStreamBYOBRequest,
  ReadableStreamDefaultController,
  wrapReadable,
} from './streams/readable_stream.ts';
export {
  ReadableStreamBYOBReader,
  ReadableStreamDefaultReader,
  readByReader,
} from './streams/readers.ts';
export { ByteLengthQueuingStrategy, CountQueuingStrategy } from './streams/strategies.ts';
export { type Handover, handOver } from './streams/transfer.ts';
export {
  FixedLengthStream,
  IdentityTransformStream,
  makeSides,
  makeTransform,
  TransformStream,
  TransformStreamDefaultController,
} from './streams/transform_stream.ts';
export {
  WritableStream,
  WritableStreamDefaultController,
  WritableStreamDefaultWriter,
  wrapWritable,
  writeByWriter,
} from './streams/writable_stream.ts';

brands.readableStream = (value): value is ReadableStream => readableStateOf(value) !== null;
brands.stream = (value): value is object =>
  brands.readableStream(value) || writableStateOf(value) !== null || sidesOf(value) !== null;
offerToNode();

function stateOf(stream: ReadableStream): ReadableState {
  return readableStateOf(stream) as ReadableState;
}

export function isDisturbed(stream: ReadableStream): boolean {
  return stateOf(stream).disturbed;
}

export function isLocked(stream: ReadableStream): boolean {
  return stateOf(stream).locked;
}

// The content was taken past the stream: script finds it read, at its end, and
// locked for good, as if a reader had taken all (§5.3 "consume body").
export function markDisturbed(stream: ReadableStream): void {
  const state = stateOf(stream);
  state.disturbed = true;
  state.origin = null;
  if (state.state === 'readable') state.close();
  new DefaultReader(state);
}

// ReadableStreamCancel, whoever holds its lock.
export function cancelReadable(stream: ReadableStream, reason: unknown): Promise<unknown> {
  return stateOf(stream).cancel(reason);
}

// The body that the stream shows, null when it is an ordinary stream.
export function originOf(stream: ReadableStream): Body | null {
  return stateOf(stream).origin;
}

// In bytes, -1 when not known (FixedLengthStream knows).
export function expectedLength(stream: ReadableStream): number {
  return stateOf(stream).expectedLength;
}

// A byte stream of what `body` holds, which is not taken before a first read.
export function streamOfBody(body: Body): ReadableStream {
  const { source, handle, coding, signal } = body;
  let next: NextPiece | null = null;
  const state = createBytes({
    start: () => undefined,
    pull: () => {
      state.origin = null;
      if (source !== null) return pullSource(state, source);
      next ??= piecesOf({ handle, signal }, coding);
      return pullPiece(state, next);
    },
    cancel: () => {
      state.origin = null;
      if (source === null) native.bodyCancel(handle);
      return resolvedWithUndefined;
    },
  });
  state.origin = body;
  state.expectedLength = coding === null ? body.length : -1;
  return wrapReadable(state);
}

// A byte stream of what `next` gives, piece by piece and null at the end; `cancel`
// is told when nobody reads on.
export function streamOfPieces(
  next: () => Promise<ArrayBuffer | null>,
  cancel: () => void,
): ReadableStream {
  const state = createBytes({
    start: () => undefined,
    pull: () => pullPiece(state, next),
    cancel: () => {
      cancel();
      return resolvedWithUndefined;
    },
  });
  return wrapReadable(state);
}

// Comes to its end by itself.
export function endReadable(stream: ReadableStream): void {
  const state = stateOf(stream);
  if (state.state === 'readable') end(state.controller as BytesController);
}

// A stream whose chunks go to `sink`; `size` says what each counts against the high
// water mark.
export function streamToSink(
  sink: SinkAlgorithms,
  highWaterMark: number,
  size: (chunk: unknown) => number,
): WritableStream {
  return wrapWritable(createWritable(sink, highWaterMark, size));
}

// Fails, or is closed, by itself, whoever holds its lock. Closing waits for what was
// written, and is fulfilled however that ends.
export function failWritable(stream: WritableStream, reason: unknown): void {
  const state = writableStateOf(stream) as WritableState;
  state.controller.errorIfNeeded(reason);
}
export function endWritable(stream: WritableStream): Promise<unknown> {
  const state = writableStateOf(stream) as WritableState;
  if (state.state !== 'writable') return resolvedWithUndefined;
  const ended = state.closing ? state.ended.promise : state.close();
  return PromisePrototypeThen(ended, undefined, () => undefined);
}

export function isWritable(value: unknown): value is WritableStream {
  return writableStateOf(value) !== null;
}

export function isWritableLocked(stream: WritableStream): boolean {
  return (writableStateOf(stream) as WritableState).locked;
}

// Gives `bytes` to the stream, in the reader's own buffer if it lent one.
function supply(controller: BytesController, bytes: Uint8Array): void {
  controller.enqueue(bytes);
}

// Closes, also when a reader has lent a buffer that stays empty.
function end(controller: BytesController): void {
  controller.close();
  if (controller.hasPullIntos) controller.respond(0);
}

function pullSource(state: ReadableState, source: string | Bytes): Promise<unknown> {
  const controller = state.controller as BytesController;
  const bytes = typeof source === 'string' ? native.utf8Encode(source) : copyOfBytes(source);
  if (TypedArrayPrototypeGetByteLength(bytes) > 0) supply(controller, bytes);
  end(controller);
  return resolvedWithUndefined;
}

function pullPiece(
  state: ReadableState,
  next: () => Promise<ArrayBuffer | null>,
): Promise<unknown> {
  const controller = state.controller as BytesController;
  return innerThen(next(), (piece) => {
    if (state.state !== 'readable') return;
    if (piece === null) end(controller);
    else supply(controller, new Uint8Array(piece));
  });
}

// All bytes of the stream. Requires: not locked.
export function readAll(stream: ReadableStream): Promise<Boxed> {
  const pieces: Bytes[] = [];
  const collect = (chunk: Uint8Array) => {
    pieces[pieces.length] = chunk as Bytes;
    return undefined;
  };
  return innerThen(pump(stream, collect), () => box(copyOfAll(pieces)));
}

function copyOfAll(pieces: readonly Bytes[]): Bytes {
  return pieces.length === 1 ? copyOfBytes(pieces[0] as Bytes) : concat(pieces);
}

// Hands every chunk to `write`, and waits when that says so. Cancels the stream
// when `write` rejects. Requires: not locked.
export function pump(
  stream: ReadableStream,
  write: (chunk: Uint8Array) => Promise<void> | undefined,
): Promise<void> {
  const reader = new DefaultReader(stateOf(stream));
  return new Pump(reader, write).done;
}

class Pump {
  readonly done: Promise<void>;
  readonly #reader: DefaultReader;
  readonly #write: (chunk: Uint8Array) => Promise<void> | undefined;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;

  constructor(reader: DefaultReader, write: (chunk: Uint8Array) => Promise<void> | undefined) {
    this.#reader = reader;
    this.#write = write;
    const { promise, resolve, reject } = PromiseWithResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#read();
  }

  // One chunk after another; `busy` turns recursion into a loop when chunks are
  // there already and the writer takes them at once.
  #read(): void {
    let again = true;
    let busy = true;
    while (again) {
      again = false;
      this.#reader.read({
        chunk: (chunk) => {
          const wait = this.#forward(chunk);
          if (wait === null) return;
          if (wait !== undefined)
            innerThen(
              wait,
              () => this.#read(),
              (reason) => this.#fail(reason),
            );
          else if (busy) again = true;
          else this.#read();
        },
        close: () => this.#resolve(),
        error: (reason) => this.#reject(reason),
      });
    }
    busy = false;
  }

  // null: failed.
  #forward(chunk: unknown): Promise<void> | undefined | null {
    if (!isBufferSource(chunk)) {
      const kind = chunk === null ? 'null' : typeof chunk;
      this.#fail(
        new TypeError(
          `A body's stream gave a chunk that is no bytes but ${kind}. Encode text first: pipeThrough(new TextEncoderStream())`,
        ),
      );
      return null;
    }
    try {
      return this.#write(bytesOf(chunk));
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  #fail(reason: unknown): void {
    markHandled(this.#reader.cancel(reason));
    this.#reject(reason);
  }
}

// The chunks of `stream` one by one, null at its end; it is then locked. Requires: not
// locked.
export interface Pieces {
  next(): Promise<Boxed | null>;
  cancel(reason: unknown): void;
}

// `takesText`: a text among them is given as UTF-8.
export function piecesOfStream(stream: ReadableStream, takesText = false): Pieces {
  const reader = new DefaultReader(stateOf(stream));
  return {
    next: () => {
      const { promise, resolve, reject } = PromiseWithResolvers<Boxed | null>();
      reader.read({
        chunk: (chunk) => {
          if (isBufferSource(chunk)) resolve(box(bytesOf(chunk)));
          else if (takesText && typeof chunk === 'string') resolve(box(native.utf8Encode(chunk)));
          else reject(new TypeError('A chunk of the stream is no bytes'));
        },
        close: () => resolve(null),
        error: reject,
      });
      return promise;
    },
    cancel: (reason) => markHandled(reader.cancel(reason)),
  };
}

export function emptyStream(): ReadableStream {
  return streamOfBody(new Body('', 0, null, 0));
}

// Nobody will read this stream.
export function discard(stream: ReadableStream): void {
  markHandled(stateOf(stream).cancel(undefined));
}

// Two streams of one content, for clone(); chunks are copied for the second.
export function teeForClone(stream: ReadableStream): [ReadableStream, ReadableStream] {
  const branches = tee(stateOf(stream), cloneChunk);
  return [wrapReadable(branches[0]), wrapReadable(branches[1])];
}

function cloneChunk(chunk: unknown): unknown {
  if (!isBufferSource(chunk)) return lazy('structured_clone').structuredClone(chunk, undefined);
  const copy = copyOfBytes(bytesOf(chunk));
  const buffer = TypedArrayPrototypeGetBuffer(copy);
  if (!ArrayBufferIsView(chunk)) return buffer;
  const viewClass = viewClassOf(TypedArrayPrototypeGetToStringTag(chunk));
  return viewClass.make(buffer, 0, TypedArrayPrototypeGetByteLength(copy) / viewClass.elementSize);
}

// The content of `stream` in another stream; the given one is then locked.
export function passOn(stream: ReadableStream): ReadableStream {
  const reader = new DefaultReader(stateOf(stream));
  const state = createBytes({
    start: () => undefined,
    pull: () => {
      reader.read({
        chunk: (chunk) => {
          const controller = state.controller as BytesController;
          if (!isBufferSource(chunk)) controller.error(new TypeError('A chunk is no bytes'));
          else controller.enqueue(copyOfBytes(bytesOf(chunk)));
        },
        close: () => end(state.controller as BytesController),
        error: (reason) => (state.controller as BytesController).error(reason),
      });
      return resolvedWithUndefined;
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return wrapReadable(state);
}
