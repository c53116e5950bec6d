// The controller of a readable byte stream, Streams Standard §4.7 and §4.9.5:
// a queue of byte ranges, and descriptors of the buffers that readers have lent.
import { copyOfBytes } from '../../copies.ts';
import {
  ArrayBuffer,
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeGetDetached,
  ArrayBufferPrototypeTransfer,
  MathMax,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetToStringTag,
  TypeError,
  Uint8Array,
} from '../../primordials.ts';
import { viewOf } from '../../webidl.ts';
import { ByteQueue, type PullInto, toView } from './byte_queue.ts';
import { wrongRange, wrongState } from './errors.ts';
import { Queue } from './queue.ts';
import type {
  ByteController,
  DefaultReader,
  ReadableState,
  ReadIntoRequest,
  ReadRequest,
} from './readable_state.ts';
import { type Pulling, Source, type SourceAlgorithms } from './source.ts';
import { viewClassOf } from './views.ts';

// [[view]] and [[controller]] of a ReadableStreamBYOBRequest.
export interface ByobRequestState {
  controller: BytesController | null;
  view: Uint8Array | null;
}

export class BytesController implements ByteController, Pulling {
  readonly kind = 'bytes';
  readonly stream: ReadableState;
  readonly #source: Source;
  readonly #queue = new ByteQueue();
  #pullIntos = new Queue<PullInto>();
  #byobRequest: ByobRequestState | null = null;
  readonly #highWaterMark: number;
  readonly #autoAllocate: number | undefined;
  #closeRequested = false;

  constructor(
    stream: ReadableState,
    algorithms: SourceAlgorithms,
    highWaterMark: number,
    autoAllocateChunkSize: number | undefined,
  ) {
    this.stream = stream;
    this.#source = new Source(this, algorithms);
    this.#highWaterMark = highWaterMark;
    this.#autoAllocate = autoAllocateChunkSize;
    stream.controller = this;
  }

  // Second half of SetUpReadableByteStreamController; throws what start throws.
  start(): void {
    this.#source.start();
  }

  get desiredSize(): number | null {
    if (this.stream.state === 'errored') return null;
    return this.stream.state === 'closed' ? 0 : this.#highWaterMark - this.#queue.total;
  }

  get closeRequested(): boolean {
    return this.#closeRequested;
  }

  get hasPullIntos(): boolean {
    return this.#pullIntos.length > 0;
  }

  // Of the view that was lent first, by what the read asked for: at least one.
  get bytesWanted(): number | null {
    if (this.#pullIntos.length === 0) return null;
    const { minimumFill, bytesFilled } = this.#pullIntos.peek();
    return MathMax(1, minimumFill - bytesFilled);
  }

  // ReadableByteStreamControllerGetBYOBRequest.
  get byobRequest(): ByobRequestState | null {
    if (this.#byobRequest === null && this.#pullIntos.length > 0) {
      const { buffer, byteOffset, byteLength, bytesFilled } = this.#pullIntos.peek();
      const view = new Uint8Array(buffer, byteOffset + bytesFilled, byteLength - bytesFilled);
      this.#byobRequest = { controller: this, view };
    }
    return this.#byobRequest;
  }

  // Throws when a reader's buffer holds part of an element; the stream is errored then.
  close(): void {
    if (this.#closeRequested || this.stream.state !== 'readable') return;
    if (this.#queue.total > 0) {
      this.#closeRequested = true;
      return;
    }
    if (this.#pullIntos.length > 0) {
      const first = this.#pullIntos.peek();
      if (first.bytesFilled % first.viewClass.elementSize !== 0) {
        const error = new TypeError('close: a pending read is filled with part of an element');
        this.error(error);
        throw error;
      }
    }
    this.#source.clear();
    this.stream.close();
  }

  // ReadableByteStreamControllerEnqueue: takes the chunk's buffer away.
  enqueue(chunk: ArrayBufferView): void {
    const stream = this.stream;
    if (this.#closeRequested || stream.state !== 'readable') return;
    const { buffer, byteOffset, byteLength } = viewOf(chunk);
    if (ArrayBufferPrototypeGetDetached(buffer))
      throw wrongState("enqueue: the chunk's buffer is detached");
    const taken = ArrayBufferPrototypeTransfer(buffer);
    if (this.#pullIntos.length > 0) {
      const first = this.#pullIntos.peek();
      if (ArrayBufferPrototypeGetDetached(first.buffer))
        throw wrongState('enqueue: the buffer of the pending read is detached');
      this.#invalidateByobRequest();
      first.buffer = ArrayBufferPrototypeTransfer(first.buffer);
      if (first.readerType === 'none') this.#keepFilledPart(first);
    }
    if (stream.hasDefaultReader) {
      this.#serveReads();
      if (stream.pendingReads === 0) {
        this.#queue.push(taken, byteOffset, byteLength);
      } else {
        if (this.#pullIntos.length > 0) this.#pullIntos.shift();
        stream.fulfillRead(new Uint8Array(taken, byteOffset, byteLength), false);
      }
    } else if (stream.hasByobReader) {
      this.#queue.push(taken, byteOffset, byteLength);
      this.#commitFilled();
    } else {
      this.#queue.push(taken, byteOffset, byteLength);
    }
    this.#source.pullIfNeeded();
  }

  error(reason: unknown): void {
    if (this.stream.state !== 'readable') return;
    this.#clearPullIntos();
    this.#queue.clear();
    this.#source.clear();
    this.stream.error(reason);
  }

  cancelSteps(reason: unknown): Promise<unknown> {
    this.#clearPullIntos();
    this.#queue.clear();
    return this.#source.cancel(reason);
  }

  pullSteps(request: ReadRequest): void {
    if (this.#queue.total > 0) {
      this.#fillRead(request);
      return;
    }
    const size = this.#autoAllocate;
    if (size !== undefined) {
      let buffer: ArrayBuffer;
      try {
        buffer = new ArrayBuffer(size);
      } catch (error) {
        request.error(error);
        return;
      }
      this.#pullIntos.push({
        buffer,
        bufferByteLength: size,
        byteOffset: 0,
        byteLength: size,
        bytesFilled: 0,
        minimumFill: 1,
        viewClass: viewClassOf('Uint8Array'),
        readerType: 'default',
      });
    }
    this.stream.addReadRequest(request);
    this.#source.pullIfNeeded();
  }

  releaseSteps(): void {
    if (this.#pullIntos.length === 0) return;
    const first = this.#pullIntos.peek();
    first.readerType = 'none';
    this.#pullIntos = new Queue();
    this.#pullIntos.push(first);
  }

  // ReadableByteStreamControllerPullInto.
  pullInto(view: ArrayBufferView, min: number, request: ReadIntoRequest): void {
    const viewClass = viewClassOf(TypedArrayPrototypeGetToStringTag(view));
    const { buffer: lent, byteOffset, byteLength } = viewOf(view);
    let buffer: ArrayBuffer;
    try {
      buffer = ArrayBufferPrototypeTransfer(lent);
    } catch (error) {
      request.error(error);
      return;
    }
    const pullInto: PullInto = {
      buffer,
      bufferByteLength: ArrayBufferPrototypeGetByteLength(buffer) as number,
      byteOffset,
      byteLength,
      bytesFilled: 0,
      minimumFill: min * viewClass.elementSize,
      viewClass,
      readerType: 'byob',
    };
    if (this.#pullIntos.length > 0) {
      this.#pullIntos.push(pullInto);
      this.stream.addReadIntoRequest(request);
      return;
    }
    if (this.stream.state === 'closed') {
      request.close(viewClass.make(buffer, byteOffset, 0));
      return;
    }
    if (this.#queue.total > 0) {
      if (this.#queue.fill(pullInto)) {
        const filled = toView(pullInto);
        this.#afterDrain();
        request.chunk(filled);
        return;
      }
      if (this.#closeRequested) {
        const error = new TypeError('The stream ends in the middle of an element');
        this.error(error);
        request.error(error);
        return;
      }
    }
    this.#pullIntos.push(pullInto);
    this.stream.addReadIntoRequest(request);
    this.#source.pullIfNeeded();
  }

  // ReadableByteStreamControllerRespond. Requires: hasPullIntos.
  respond(bytesWritten: number): void {
    const first = this.#pullIntos.peek();
    this.#checkResponse(bytesWritten, first);
    first.buffer = ArrayBufferPrototypeTransfer(first.buffer);
    this.#respond(bytesWritten);
  }

  // ReadableByteStreamControllerRespondWithNewView. Requires: hasPullIntos.
  respondWithNewView(view: ArrayBufferView): void {
    const first = this.#pullIntos.peek();
    const { buffer, byteOffset, byteLength } = viewOf(view);
    if (this.stream.state === 'closed' ? byteLength !== 0 : byteLength === 0)
      throw wrongState(
        `respondWithNewView: a view of ${byteLength} bytes for a ${this.stream.state} stream`,
      );
    if (first.byteOffset + first.bytesFilled !== byteOffset)
      throw wrongRange('respondWithNewView: the view starts elsewhere than the request');
    if (first.bufferByteLength !== ArrayBufferPrototypeGetByteLength(buffer))
      throw wrongRange("respondWithNewView: the view's buffer has another length");
    if (first.bytesFilled + byteLength > first.byteLength)
      throw wrongRange('respondWithNewView: the view is longer than the request');
    first.buffer = ArrayBufferPrototypeTransfer(buffer);
    this.#respond(byteLength);
  }

  #checkResponse(bytesWritten: number, first: PullInto): void {
    if (this.stream.state === 'closed') {
      if (bytesWritten !== 0) throw wrongState('respond: the stream is closed, so only 0 is due');
      return;
    }
    if (bytesWritten === 0) throw wrongState('respond: 0 bytes, but the stream is not closed');
    if (first.bytesFilled + bytesWritten > first.byteLength)
      throw wrongRange(`respond: ${bytesWritten} bytes are more than the request has room for`);
  }

  // ReadableByteStreamControllerRespondInternal.
  #respond(bytesWritten: number): void {
    const first = this.#pullIntos.peek();
    this.#invalidateByobRequest();
    if (this.stream.state === 'closed') this.#respondClosed(first);
    else this.#respondReadable(bytesWritten, first);
    this.#source.pullIfNeeded();
  }

  #respondClosed(first: PullInto): void {
    if (first.readerType === 'none') this.#pullIntos.shift();
    const filled = new Queue<PullInto>();
    while (filled.length < this.stream.pendingReadIntos) filled.push(this.#pullIntos.shift());
    while (filled.length > 0) this.#commit(filled.shift());
  }

  #respondReadable(bytesWritten: number, pullInto: PullInto): void {
    pullInto.bytesFilled += bytesWritten;
    if (pullInto.readerType === 'none') {
      this.#keepFilledPart(pullInto);
      this.#commitFilled();
      return;
    }
    if (pullInto.bytesFilled < pullInto.minimumFill) return;
    this.#pullIntos.shift();
    const remainder = pullInto.bytesFilled % pullInto.viewClass.elementSize;
    if (remainder > 0) {
      const end = pullInto.byteOffset + pullInto.bytesFilled;
      this.#pushCopy(pullInto.buffer, end - remainder, remainder);
    }
    pullInto.bytesFilled -= remainder;
    const filled = this.#takeFilled();
    this.#commit(pullInto);
    while (filled.length > 0) this.#commit(filled.shift());
  }

  // ReadableByteStreamControllerCommitPullIntoDescriptor.
  #commit(pullInto: PullInto): void {
    const done = this.stream.state === 'closed';
    const view = toView(pullInto);
    if (pullInto.readerType === 'default') this.stream.fulfillRead(view, done);
    else this.stream.fulfillReadInto(view, done);
  }

  #commitFilled(): void {
    const filled = this.#takeFilled();
    while (filled.length > 0) this.#commit(filled.shift());
  }

  // …ProcessPullIntoDescriptorsUsingQueue.
  #takeFilled(): Queue<PullInto> {
    const filled = new Queue<PullInto>();
    while (this.#pullIntos.length > 0 && this.#queue.total > 0) {
      if (!this.#queue.fill(this.#pullIntos.peek())) break;
      filled.push(this.#pullIntos.shift());
    }
    return filled;
  }

  // …ProcessReadRequestsUsingQueue.
  #serveReads(): void {
    const reader = this.stream.reader as DefaultReader;
    while (reader.pending > 0 && this.#queue.total > 0) this.#fillRead(reader.next());
  }

  // …FillReadRequestFromQueue.
  #fillRead(request: ReadRequest): void {
    const chunk = this.#queue.shift();
    this.#afterDrain();
    request.chunk(chunk);
  }

  // …EnqueueClonedChunkToQueue.
  #pushCopy(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    let copy: ArrayBuffer;
    try {
      copy = TypedArrayPrototypeGetBuffer(
        copyOfBytes(new Uint8Array(buffer, byteOffset, byteLength)),
      );
    } catch (error) {
      this.error(error);
      throw error;
    }
    this.#queue.push(copy, 0, byteLength);
  }

  // …EnqueueDetachedPullIntoToQueue: the reader has gone, its bytes stay.
  #keepFilledPart(pullInto: PullInto): void {
    if (pullInto.bytesFilled > 0)
      this.#pushCopy(pullInto.buffer, pullInto.byteOffset, pullInto.bytesFilled);
    this.#pullIntos.shift();
  }

  // …HandleQueueDrain.
  #afterDrain(): void {
    if (this.#queue.total === 0 && this.#closeRequested) {
      this.#source.clear();
      this.stream.close();
    } else {
      this.#source.pullIfNeeded();
    }
  }

  #invalidateByobRequest(): void {
    if (this.#byobRequest === null) return;
    this.#byobRequest.controller = null;
    this.#byobRequest.view = null;
    this.#byobRequest = null;
  }

  #clearPullIntos(): void {
    this.#invalidateByobRequest();
    this.#pullIntos.clear();
  }

  wantsPull(): boolean {
    const stream = this.stream;
    if (stream.state !== 'readable' || this.#closeRequested) return false;
    return (
      stream.pendingReads > 0 || stream.pendingReadIntos > 0 || (this.desiredSize as number) > 0
    );
  }
}
