// The binding `js_stream`: the handle of a net.Socket whose bytes go through a stream of
// script, which Node's library tells by the methods on…() that it gives the handle.
// Source: Node's library, internal/js_stream_socket.js.
import { copyOfBytes } from '../../web/copies.ts';
import type { Loose } from '../loose.ts';
import { type Bytes, type Streams, WriteWrap } from './stream_handle.ts';

export function makeJsStreams({ StreamHandle, bufferOf, complete, uv }: Streams): Loose {
  class JSStream extends StreamHandle {
    [key: string]: Loose;

    protected send(pieces: readonly Bytes[]): number | WriteWrap {
      const write = new WriteWrap();
      const status = this.onwrite(
        write,
        pieces.map((piece) => bufferOf(copyOfBytes(piece))),
      );
      return status === 0 ? write : status;
    }
    readStart(): number {
      this.reading = true;
      return this.onreadstart();
    }
    readStop(): number {
      this.reading = false;
      return this.onreadstop();
    }
    shutdown(request: Loose): number {
      return this.onshutdown(request);
    }
    // The library gives each handle its own.
    close(): void {}

    readBuffer(bytes: Bytes): void {
      this.deliver(bytes);
    }
    emitEOF(): void {
      this.deliverEnd(uv.UV_EOF);
    }
    finishWrite(write: WriteWrap, status: number): void {
      complete(write, status);
    }
    finishShutdown(request: Loose, status: number): void {
      request.oncomplete(status);
    }
  }
  return { JSStream };
}
