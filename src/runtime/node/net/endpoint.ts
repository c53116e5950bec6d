// One side of a connection between two sockets of this isolate: what has arrived for it
// and was not read yet.
import type { Loose } from '../loose.ts';
import { type Bytes, guarded, joined, type Streams, WriteWrap } from './stream_handle.ts';

// What may wait at a reader before its writer has to wait, as in a kernel's buffer.
const kRoom = 256 * 1024;
const kLargestRead = 64 * 1024;

export type EndpointClass = ReturnType<typeof makeEndpoint>;

export function makeEndpoint({ StreamHandle, complete, later, uv }: Streams) {
  // Joined to another, or not yet.
  abstract class Endpoint extends StreamHandle {
    #peer: Endpoint | null = null;
    #inbox: (Bytes | number)[] = []; // a number: the end, or a failure
    #unread = 0;
    #waiting: WriteWrap[] = []; // of the peer
    #due = false;
    #shut = false;
    #lost = false; // something was written to a peer that has closed
    closed = false;

    protected join(peer: Endpoint): void {
      this.#peer = peer;
      peer.#peer = this;
    }

    protected send(pieces: readonly Bytes[], size: number): number | WriteWrap {
      const peer = this.#peer;
      if (this.closed) return uv.UV_EBADF;
      if (peer === null || this.#shut || this.#lost) return uv.UV_EPIPE;
      if (peer.closed) {
        // As over a network, where the first such write is only answered by a reset,
        // before one is done that does not fit into the kernel's buffer.
        this.#lost = true;
        return size > kRoom ? uv.UV_EPIPE : 0;
      }
      if (size > 0) peer.#put(joined(pieces));
      if (peer.#unread <= kRoom) return 0;
      const write = new WriteWrap();
      peer.#waiting.push(write);
      return write;
    }

    #put(item: Bytes | number): void {
      if (this.closed) return;
      if (typeof item !== 'number') this.#unread += item.byteLength;
      this.#inbox.push(item);
      this.#schedule();
    }

    #schedule(): void {
      if (this.#due || !this.reading || this.#inbox.length === 0) return;
      this.#due = true;
      later(() => this.#readOne());
    }

    #readOne(): void {
      this.#due = false;
      const item = this.#inbox[0];
      if (!this.reading || this.closed || item === undefined) return;
      if (typeof item === 'number') {
        this.#inbox.shift();
        guarded(() => this.deliverEnd(item));
      } else {
        let bytes = item;
        if (item.byteLength > kLargestRead) {
          bytes = item.slice(0, kLargestRead);
          this.#inbox[0] = item.subarray(kLargestRead);
        } else {
          this.#inbox.shift();
        }
        this.#unread -= bytes.byteLength;
        guarded(() => this.deliver(bytes));
        if (this.#unread <= kRoom) this.#release(0);
      }
      this.#schedule();
    }

    #release(status: number): void {
      for (const write of this.#waiting.splice(0)) complete(write, status);
    }

    readStart(): number {
      this.reading = true;
      this.#schedule();
      return 0;
    }
    readStop(): number {
      this.reading = false;
      return 0;
    }

    shutdown(request: Loose): number {
      if (this.#peer === null) return uv.UV_ENOTCONN;
      if (!this.#shut) this.#peer.#put(uv.UV_EOF);
      this.#shut = true;
      later(() => request.oncomplete(0));
      return 0;
    }

    // Ends the connection: in good order, or so that the other side fails.
    #hangUp(status: number): void {
      if (this.closed) return;
      const peer = this.#peer;
      this.closed = true;
      this.reading = false;
      if (peer !== null && (!this.#shut || status !== uv.UV_EOF))
        peer.#put(this.#unread > 0 ? uv.UV_ECONNRESET : status);
      this.#inbox = [];
      this.#unread = 0;
      this.#release(uv.UV_EPIPE);
    }

    close(done?: () => void): void {
      this.#hangUp(uv.UV_EOF);
      if (done !== undefined) later(() => Reflect.apply(done, this, []));
    }
    reset(done?: () => void): number {
      this.#hangUp(uv.UV_ECONNRESET);
      if (done !== undefined) later(() => Reflect.apply(done, this, []));
      return 0;
    }
  }

  return Endpoint;
}
