// What lies behind a ReadableStream, and the operations on it: Streams Standard
// §4.9. Script sees thin classes (readable_stream.ts, readers.ts); everything
// here works on states only, so nothing that script patches is ever asked.
import type { Body } from '../../body.ts';
import { PromiseReject, PromiseResolve, TypeError } from '../../primordials.ts';
import { wrongState, wrongValue } from './errors.ts';
import { Deferred, react } from './promises.ts';
import { Queue } from './queue.ts';

// Read request (§4.4.2) and read-into request (§4.5.2): exactly one is called.
export interface ReadRequest {
  chunk(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
}

export interface ReadIntoRequest {
  chunk(view: ArrayBufferView): void;
  close(view: ArrayBufferView | undefined): void;
  error(reason: unknown): void;
}

export interface Controller {
  readonly kind: 'default' | 'bytes';
  // [[CancelSteps]], [[PullSteps]], [[ReleaseSteps]]
  cancelSteps(reason: unknown): Promise<unknown>;
  pullSteps(request: ReadRequest): void;
  releaseSteps(): void;
}

export interface ByteController extends Controller {
  readonly kind: 'bytes';
  pullInto(view: ArrayBufferView, min: number, request: ReadIntoRequest): void;
}

export class ReadableState {
  state: 'readable' | 'closed' | 'errored' = 'readable';
  storedError: unknown = undefined;
  disturbed = false;
  reader: Reader | null = null;
  controller!: Controller; // set by the controller's set-up
  // The body that this stream shows, while nobody has read from it.
  origin: Body | null = null;
  // How many bytes will come, -1 when not known.
  expectedLength = -1;

  // Settled at its end, for who does not read (node_interop.ts).
  #ended: Deferred<undefined> | null = null;

  get ended(): Deferred<undefined> {
    if (this.#ended === null) {
      if (this.state === 'readable') this.#ended = new Deferred();
      else if (this.state === 'closed') this.#ended = Deferred.resolved(undefined);
      else this.#ended = Deferred.rejected(this.storedError);
      this.#ended.markHandled();
    }
    return this.#ended;
  }

  get locked(): boolean {
    return this.reader !== null;
  }

  // ReadableStreamClose. Requires: readable.
  close(): void {
    this.state = 'closed';
    this.#ended?.resolve(undefined);
    const reader = this.reader;
    if (reader === null) return;
    reader.closed.resolve(undefined);
    if (reader.kind !== 'default') return;
    const requests = reader.takeRequests();
    while (requests.length > 0) requests.shift().close();
  }

  // ReadableStreamError. Requires: readable.
  error(reason: unknown): void {
    this.state = 'errored';
    this.storedError = reason;
    this.#ended?.reject(reason);
    const reader = this.reader;
    if (reader === null) return;
    reader.closed.reject(reason);
    reader.closed.markHandled();
    reader.errorRequests(reason);
  }

  // ReadableStreamCancel.
  cancel(reason: unknown): Promise<undefined> {
    this.disturbed = true;
    if (this.state === 'closed') return PromiseResolve(undefined);
    if (this.state === 'errored') return PromiseReject(this.storedError);
    this.close();
    const reader = this.reader;
    if (reader !== null && reader.kind === 'byob') {
      const requests = reader.takeRequests();
      while (requests.length > 0) requests.shift().close(undefined);
    }
    return react(this.controller.cancelSteps(reason), () => undefined);
  }

  // Read requests of a default reader; 0 with any other, or none.
  get pendingReads(): number {
    return this.reader !== null && this.reader.kind === 'default' ? this.reader.pending : 0;
  }

  get pendingReadIntos(): number {
    return this.reader !== null && this.reader.kind === 'byob' ? this.reader.pending : 0;
  }

  get hasDefaultReader(): boolean {
    return this.reader !== null && this.reader.kind === 'default';
  }

  get hasByobReader(): boolean {
    return this.reader !== null && this.reader.kind === 'byob';
  }

  addReadRequest(request: ReadRequest): void {
    (this.reader as DefaultReader).add(request);
  }

  addReadIntoRequest(request: ReadIntoRequest): void {
    (this.reader as ByobReader).add(request);
  }

  // ReadableStreamFulfillReadRequest. Requires: pendingReads > 0.
  fulfillRead(chunk: unknown, done: boolean): void {
    const request = (this.reader as DefaultReader).next();
    if (done) request.close();
    else request.chunk(chunk);
  }

  // ReadableStreamFulfillReadIntoRequest. Requires: pendingReadIntos > 0.
  fulfillReadInto(view: ArrayBufferView, done: boolean): void {
    const request = (this.reader as ByobReader).next();
    if (done) request.close(view);
    else request.chunk(view);
  }
}

// ReadableStreamGenericReader, §4.3.
abstract class GenericReader<Request extends { error(reason: unknown): void }> {
  stream: ReadableState | null;
  closed: Deferred<undefined>;
  #requests = new Queue<Request>();

  // Throws when the stream is locked.
  constructor(stream: ReadableState) {
    if (stream.locked) throw wrongState('This ReadableStream is currently locked to a reader.');
    this.stream = stream;
    if (stream.state === 'readable') this.closed = new Deferred();
    else if (stream.state === 'closed') this.closed = Deferred.resolved(undefined);
    else this.closed = Deferred.rejected(stream.storedError);
    if (stream.state === 'errored') this.closed.markHandled();
  }

  get pending(): number {
    return this.#requests.length;
  }

  add(request: Request): void {
    this.#requests.push(request);
  }

  next(): Request {
    return this.#requests.shift();
  }

  takeRequests(): Queue<Request> {
    const requests = this.#requests;
    this.#requests = new Queue();
    return requests;
  }

  errorRequests(reason: unknown): void {
    const requests = this.takeRequests();
    while (requests.length > 0) requests.shift().error(reason);
  }

  // ReadableStreamReaderGenericCancel. Requires: not released.
  cancel(reason: unknown): Promise<undefined> {
    return (this.stream as ReadableState).cancel(reason);
  }

  // ReadableStream…ReaderRelease. Requires: not released.
  release(): void {
    const stream = this.stream as ReadableState;
    const reason = new TypeError('The reader was released');
    if (stream.state === 'readable') {
      this.closed.reject(reason);
    } else {
      this.closed = Deferred.rejected(reason);
    }
    this.closed.markHandled();
    stream.controller.releaseSteps();
    stream.reader = null;
    this.stream = null;
    this.errorRequests(new TypeError('The reader was released while a read was pending'));
  }
}

export class DefaultReader extends GenericReader<ReadRequest> {
  readonly kind = 'default';

  constructor(stream: ReadableState) {
    super(stream);
    stream.reader = this;
  }

  // ReadableStreamDefaultReaderRead. Requires: not released.
  read(request: ReadRequest): void {
    const stream = this.stream as ReadableState;
    stream.disturbed = true;
    if (stream.state === 'closed') request.close();
    else if (stream.state === 'errored') request.error(stream.storedError);
    else stream.controller.pullSteps(request);
  }
}

export class ByobReader extends GenericReader<ReadIntoRequest> {
  readonly kind = 'byob';

  constructor(stream: ReadableState) {
    super(stream);
    if (stream.controller.kind !== 'bytes')
      throw wrongValue('A BYOB reader needs a byte stream (type: "bytes")');
    stream.reader = this;
  }

  // ReadableStreamBYOBReaderRead. Requires: not released.
  read(view: ArrayBufferView, min: number, request: ReadIntoRequest): void {
    const stream = this.stream as ReadableState;
    stream.disturbed = true;
    if (stream.state === 'errored') request.error(stream.storedError);
    else (stream.controller as ByteController).pullInto(view, min, request);
  }
}

export type Reader = DefaultReader | ByobReader;
