// The controller of a readable byte stream, Streams Standard §4.7 and §4.9.5:
// a queue of byte ranges, and descriptors of the buffers that readers have lent.
import {
  ArrayBuffer,
  ArrayBufferPrototypeGetByteLength,
  ArrayBufferPrototypeGetDetached,
  ArrayBufferPrototypeSlice,
  ArrayBufferPrototypeTransfer,
  MathMin,
  PromiseResolve,
  RangeError,
  TypedArrayPrototypeGetToStringTag,
  TypedArrayPrototypeSet,
  TypeError,
  Uint8Array,
} from '../../primordials.ts';
import { viewOf } from '../../webidl.ts';
import type { SourceAlgorithms } from './default_controller.ts';
import { resolvedWithUndefined, upon } from './promises.ts';
import { Queue } from './queue.ts';
import type {
  ByteController,
  DefaultReader,
  ReadableState,
  ReadIntoRequest,
  ReadRequest,
} from './readable_state.ts';
import { type ViewClass, viewClassOf } from './views.ts';

interface Range {
  buffer: ArrayBuffer;
  byteOffset: number;
  byteLength: number;
}

// Pull-into descriptor, §4.7.2.
interface PullInto {
  buffer: ArrayBuffer;
  readonly bufferByteLength: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  bytesFilled: number;
  readonly minimumFill: number;
  readonly viewClass: ViewClass;
  readerType: 'default' | 'byob' | 'none';
}

// [[view]] and [[controller]] of a ReadableStreamBYOBRequest.
export interface ByobRequestState {
  controller: BytesController | null;
  view: Uint8Array | null;
}

export class BytesController implements ByteController {
  readonly kind = 'bytes';
  readonly stream: ReadableState;
  readonly #queue = new Queue<Range>();
  #queued = 0; // bytes
  #pullIntos = new Queue<PullInto>();
  #byobRequest: ByobRequestState | null = null;
  readonly #highWaterMark: number;
  readonly #autoAllocate: number | undefined;
  #algorithms: SourceAlgorithms | null;
  #started = false;
  #closeRequested = false;
  #pulling = false;
  #pullAgain = false;

  constructor(
    stream: ReadableState,
    algorithms: SourceAlgorithms,
    highWaterMark: number,
    autoAllocateChunkSize: number | undefined,
  ) {
    this.stream = stream;
    this.#algorithms = algorithms;
    this.#highWaterMark = highWaterMark;
    this.#autoAllocate = autoAllocateChunkSize;
    stream.controller = this;
  }

  // Second half of SetUpReadableByteStreamController; throws what start throws.
  start(): void {
    const result = (this.#algorithms as SourceAlgorithms).start();
    upon(
      PromiseResolve(result),
      () => {
        this.#started = true;
        this.#pullIfNeeded();
      },
      (reason) => this.error(reason),
    );
  }

  get desiredSize(): number | null {
    if (this.stream.state === 'errored') return null;
    return this.stream.state === 'closed' ? 0 : this.#highWaterMark - this.#queued;
  }

  get closeRequested(): boolean {
    return this.#closeRequested;
  }

  get hasPullIntos(): boolean {
    return this.#pullIntos.length > 0;
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
    if (this.#queued > 0) {
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
    this.#algorithms = null;
    this.stream.close();
  }

  // ReadableByteStreamControllerEnqueue: takes the chunk's buffer away.
  enqueue(chunk: ArrayBufferView): void {
    const stream = this.stream;
    if (this.#closeRequested || stream.state !== 'readable') return;
    const { buffer, byteOffset, byteLength } = viewOf(chunk);
    if (ArrayBufferPrototypeGetDetached(buffer))
      throw new TypeError("enqueue: the chunk's buffer is detached");
    const taken = ArrayBufferPrototypeTransfer(buffer);
    if (this.#pullIntos.length > 0) {
      const first = this.#pullIntos.peek();
      if (ArrayBufferPrototypeGetDetached(first.buffer))
        throw new TypeError('enqueue: the buffer of the pending read is detached');
      this.#invalidateByobRequest();
      first.buffer = ArrayBufferPrototypeTransfer(first.buffer);
      if (first.readerType === 'none') this.#keepFilledPart(first);
    }
    if (stream.hasDefaultReader) {
      this.#serveReads();
      if (stream.pendingReads === 0) {
        this.#push(taken, byteOffset, byteLength);
      } else {
        if (this.#pullIntos.length > 0) this.#pullIntos.shift();
        stream.fulfillRead(new Uint8Array(taken, byteOffset, byteLength), false);
      }
    } else if (stream.hasByobReader) {
      this.#push(taken, byteOffset, byteLength);
      this.#commitFilled();
    } else {
      this.#push(taken, byteOffset, byteLength);
    }
    this.#pullIfNeeded();
  }

  error(reason: unknown): void {
    if (this.stream.state !== 'readable') return;
    this.#clearPullIntos();
    this.#clearQueue();
    this.#algorithms = null;
    this.stream.error(reason);
  }

  cancelSteps(reason: unknown): Promise<unknown> {
    this.#clearPullIntos();
    this.#clearQueue();
    const result = this.#algorithms?.cancel(reason) ?? resolvedWithUndefined;
    this.#algorithms = null;
    return result;
  }

  pullSteps(request: ReadRequest): void {
    if (this.#queued > 0) {
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
    this.#pullIfNeeded();
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
    if (this.#queued > 0) {
      if (this.#fill(pullInto)) {
        const filled = convert(pullInto);
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
    this.#pullIfNeeded();
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
      throw new TypeError(
        `respondWithNewView: a view of ${byteLength} bytes for a ${this.stream.state} stream`,
      );
    if (first.byteOffset + first.bytesFilled !== byteOffset)
      throw new RangeError('respondWithNewView: the view starts elsewhere than the request');
    if (first.bufferByteLength !== ArrayBufferPrototypeGetByteLength(buffer))
      throw new RangeError("respondWithNewView: the view's buffer has another length");
    if (first.bytesFilled + byteLength > first.byteLength)
      throw new RangeError('respondWithNewView: the view is longer than the request');
    first.buffer = ArrayBufferPrototypeTransfer(buffer);
    this.#respond(byteLength);
  }

  #checkResponse(bytesWritten: number, first: PullInto): void {
    if (this.stream.state === 'closed') {
      if (bytesWritten !== 0)
        throw new TypeError('respond: the stream is closed, so only 0 is due');
      return;
    }
    if (bytesWritten === 0) throw new TypeError('respond: 0 bytes, but the stream is not closed');
    if (first.bytesFilled + bytesWritten > first.byteLength)
      throw new RangeError(`respond: ${bytesWritten} bytes are more than the request has room for`);
  }

  // ReadableByteStreamControllerRespondInternal.
  #respond(bytesWritten: number): void {
    const first = this.#pullIntos.peek();
    this.#invalidateByobRequest();
    if (this.stream.state === 'closed') this.#respondClosed(first);
    else this.#respondReadable(bytesWritten, first);
    this.#pullIfNeeded();
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
    const view = convert(pullInto);
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
    while (this.#pullIntos.length > 0 && this.#queued > 0) {
      if (!this.#fill(this.#pullIntos.peek())) break;
      filled.push(this.#pullIntos.shift());
    }
    return filled;
  }

  // …ProcessReadRequestsUsingQueue.
  #serveReads(): void {
    const reader = this.stream.reader as DefaultReader;
    while (reader.pending > 0 && this.#queued > 0) this.#fillRead(reader.next());
  }

  // …FillReadRequestFromQueue.
  #fillRead(request: ReadRequest): void {
    const { buffer, byteOffset, byteLength } = this.#queue.shift();
    this.#queued -= byteLength;
    this.#afterDrain();
    request.chunk(new Uint8Array(buffer, byteOffset, byteLength));
  }

  // …FillPullIntoDescriptorFromQueue: true when the descriptor can be committed.
  #fill(pullInto: PullInto): boolean {
    const { elementSize } = pullInto.viewClass;
    let remaining = MathMin(this.#queued, pullInto.byteLength - pullInto.bytesFilled);
    const most = pullInto.bytesFilled + remaining;
    const aligned = most - (most % elementSize);
    const ready = aligned >= pullInto.minimumFill;
    if (ready) remaining = aligned - pullInto.bytesFilled;
    while (remaining > 0) {
      const head = this.#queue.peek();
      const count = MathMin(remaining, head.byteLength);
      const to = pullInto.byteOffset + pullInto.bytesFilled;
      TypedArrayPrototypeSet(
        new Uint8Array(pullInto.buffer),
        new Uint8Array(head.buffer, head.byteOffset, count),
        to,
      );
      if (head.byteLength === count) this.#queue.shift();
      else {
        head.byteOffset += count;
        head.byteLength -= count;
      }
      this.#queued -= count;
      pullInto.bytesFilled += count;
      remaining -= count;
    }
    return ready;
  }

  #push(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    this.#queue.push({ buffer, byteOffset, byteLength });
    this.#queued += byteLength;
  }

  // …EnqueueClonedChunkToQueue.
  #pushCopy(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    let copy: ArrayBuffer;
    try {
      copy = ArrayBufferPrototypeSlice(buffer, byteOffset, byteOffset + byteLength);
    } catch (error) {
      this.error(error);
      throw error;
    }
    this.#push(copy, 0, byteLength);
  }

  // …EnqueueDetachedPullIntoToQueue: the reader has gone, its bytes stay.
  #keepFilledPart(pullInto: PullInto): void {
    if (pullInto.bytesFilled > 0)
      this.#pushCopy(pullInto.buffer, pullInto.byteOffset, pullInto.bytesFilled);
    this.#pullIntos.shift();
  }

  // …HandleQueueDrain.
  #afterDrain(): void {
    if (this.#queued === 0 && this.#closeRequested) {
      this.#algorithms = null;
      this.stream.close();
    } else {
      this.#pullIfNeeded();
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

  #clearQueue(): void {
    this.#queue.clear();
    this.#queued = 0;
  }

  #shouldPull(): boolean {
    const stream = this.stream;
    if (stream.state !== 'readable' || this.#closeRequested || !this.#started) return false;
    return (
      stream.pendingReads > 0 || stream.pendingReadIntos > 0 || (this.desiredSize as number) > 0
    );
  }

  #pullIfNeeded(): void {
    if (!this.#shouldPull()) return;
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    this.#pulling = true;
    upon(
      (this.#algorithms as SourceAlgorithms).pull(),
      () => {
        this.#pulling = false;
        if (!this.#pullAgain) return;
        this.#pullAgain = false;
        this.#pullIfNeeded();
      },
      (reason) => this.error(reason),
    );
  }
}

// …ConvertPullIntoDescriptor.
function convert(pullInto: PullInto): ArrayBufferView {
  const { viewClass, byteOffset, bytesFilled } = pullInto;
  const buffer = ArrayBufferPrototypeTransfer(pullInto.buffer);
  return viewClass.make(buffer, byteOffset, bytesFilled / viewClass.elementSize);
}
