// The binding `stream_wrap`, and the class from which the handles of connections
// derive: what net.Socket finds where Node has a libuv stream.
// Source: Node's library, internal/stream_base_commons.js.
import * as facts from 'node-facts';
import { concat } from '../../web/body.ts';
import { copyOfBytes, partOfBytes } from '../../web/copies.ts';
import {
  MathMin,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeSet,
} from '../../web/primordials.ts';
import { reportError } from '../../web/report.ts';
import { startTimer } from '../../web/timers.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';

// Fields of `streamBaseState`.
const kReadBytesOrError = 0;
const kArrayBufferOffset = 1;
const kBytesWritten = 2;
const kLastWriteWasAsync = 3;
const kLastWriteErr = 4;

export type Bytes = Uint8Array<ArrayBuffer>;

// One write that was not done at once.
export class WriteWrap {
  oncomplete: Loose = null;
  callback: Loose = null;
  handle: Loose = null;
  async = false;
  bytes = 0;
  buffer: unknown = null;
  writeStatus: number | null = null; // where it was done before anyone listened
}

const sizeOf = TypedArrayPrototypeGetByteLength;

export class ShutdownWrap {
  [key: string]: Loose;
}

export type StreamHandleClass = ReturnType<typeof makeStreams>['StreamHandle'];
export type StreamHandle = InstanceType<StreamHandleClass>;
export type Streams = ReturnType<typeof makeStreams>;

// Calls of the library that lead into code of the Worker: what that throws goes where
// exceptions go that nobody catches.
export function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    reportError(error);
  }
}

// A copy: who wrote the pieces may change them.
export function joined(pieces: readonly Bytes[]): Bytes {
  return pieces.length === 1 ? copyOfBytes(pieces[0] as Bytes) : concat(pieces);
}

export function makeStreams({ process, require }: Realm) {
  const { from } = require('buffer').Buffer;
  const { FastBuffer } = require('internal/buffer');
  const { newAsyncId } = require('internal/async_hooks');
  const { nextTick } = process;
  const state = new Int32Array(5);

  // The same bytes as Node's class.
  function bufferOf(bytes: Uint8Array): Bytes {
    return new FastBuffer(
      TypedArrayPrototypeGetBuffer(bytes),
      TypedArrayPrototypeGetByteOffset(bytes),
      sizeOf(bytes),
    );
  }

  // Whether the running invocation has no turn after this one.
  const moment = { last: false };
  function asLast(run: () => void): void {
    moment.last = true;
    try {
      run();
    } finally {
      moment.last = false;
    }
  }

  // In a turn of its own, as what Node's loop calls; where the invocation is over, which
  // has no more turns, at the end of this one.
  function later(run: () => void): void {
    if (native.currentInvocation() !== 0 && !moment.last) {
      try {
        startTimer(() => guarded(run), 0);
        return;
      } catch {
        // It is over.
      }
    }
    nextTick(() => guarded(run));
  }

  function complete(write: WriteWrap, status: number): void {
    if (write.oncomplete === null) write.writeStatus = status;
    else guarded(() => write.oncomplete(status));
  }

  abstract class StreamHandle {
    onread: Loose = null;
    reading = false;
    bytesRead = 0;
    bytesWritten = 0;
    readonly fd: number = -1;
    #userBuffer: Uint8Array | null = null;
    #asyncId = 0;

    // A number of libuv's for what was done at once, 0 for success, else the write,
    // which is completed later. The pieces are the caller's to change afterwards.
    protected abstract send(pieces: readonly Bytes[], size: number): number | WriteWrap;
    abstract readStart(): number;
    abstract readStop(): number;
    abstract shutdown(request: Loose): number;
    abstract close(done?: () => void): void;

    // `bytes` are the library's from here on.
    protected deliver(bytes: Bytes): void {
      this.bytesRead += sizeOf(bytes);
      let rest = bytes;
      let left = sizeOf(bytes);
      while (this.#userBuffer !== null && left > 0) {
        const size = MathMin(left, sizeOf(this.#userBuffer));
        TypedArrayPrototypeSet(this.#userBuffer, partOfBytes(rest, 0, size));
        rest = partOfBytes(rest, size, left);
        left -= size;
        state[kReadBytesOrError] = size;
        const next = this.onread(undefined);
        if (next instanceof Uint8Array) this.#userBuffer = next;
      }
      if (left === 0) return;
      state[kReadBytesOrError] = left;
      state[kArrayBufferOffset] = TypedArrayPrototypeGetByteOffset(rest);
      this.onread(TypedArrayPrototypeGetBuffer(rest));
    }

    // The end (UV_EOF), or a failure.
    protected deliverEnd(status: number): void {
      state[kReadBytesOrError] = status;
      this.onread?.(undefined);
    }

    #write(pieces: readonly Bytes[]): number | WriteWrap {
      let size = 0;
      for (let i = 0; i < pieces.length; i++) size += sizeOf(pieces[i]);
      const result = this.send(pieces, size);
      state[kLastWriteErr] = 0;
      state[kBytesWritten] = size;
      state[kLastWriteWasAsync] = typeof result === 'number' ? 0 : 1;
      if (result === 0 || typeof result !== 'number') this.bytesWritten += size;
      return result;
    }

    writeBuffer(_request: unknown, bytes: Bytes): number | WriteWrap {
      return this.#write([bytes]);
    }
    writeUtf8String(_request: unknown, text: string): number | WriteWrap {
      return this.#write([from(text, 'utf8')]);
    }
    writeLatin1String(_request: unknown, text: string): number | WriteWrap {
      return this.#write([from(text, 'latin1')]);
    }
    writeAsciiString(_request: unknown, text: string): number | WriteWrap {
      return this.#write([from(text, 'latin1')]);
    }
    writeUcs2String(_request: unknown, text: string): number | WriteWrap {
      return this.#write([from(text, 'utf16le')]);
    }
    writev(_request: unknown, chunks: Loose[], allBuffers: boolean): number | WriteWrap {
      if (allBuffers) return this.#write(chunks);
      const pieces: Bytes[] = [];
      for (let i = 0; i < chunks.length; i += 2) {
        const chunk = chunks[i];
        pieces[i / 2] = typeof chunk === 'string' ? from(chunk, chunks[i + 1]) : chunk;
      }
      return this.#write(pieces);
    }

    getAsyncId(): number {
      this.#asyncId ||= newAsyncId();
      return this.#asyncId;
    }
    getProviderType(): number {
      return facts.asyncWrap().Providers.TCPWRAP as number;
    }
    asyncReset(): void {
      this.#asyncId = newAsyncId();
    }

    useUserBuffer(buffer: Uint8Array): void {
      this.#userBuffer = buffer;
    }
    get writeQueueSize(): number {
      return 0;
    }
    setBlocking(): number {
      return 0;
    }
    setNoDelay(): number {
      return 0;
    }
    setKeepAlive(): number {
      return 0;
    }
    setTypeOfService(): number {
      return 0;
    }
    getTypeOfService(): number {
      return 0;
    }
    ref(): void {}
    unref(): void {}
    hasRef(): boolean {
      return false;
    }
  }

  const binding = {
    kReadBytesOrError,
    kArrayBufferOffset,
    kBytesWritten,
    kLastWriteWasAsync,
    kLastWriteErr,
    ShutdownWrap,
    WriteWrap,
    streamBaseState: state,
  };
  return {
    StreamHandle,
    asLast,
    binding,
    bufferOf,
    complete,
    later,
    nextTick,
    uv: facts.uv() as Loose,
  };
}
