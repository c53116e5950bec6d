// A connection of a node:net socket to a host outside of the isolate: what stands behind
// the handle `TCP` then.
import type { NativeSockets } from '../../web/native_sockets.ts';
import { describeError, requireInvocation } from '../../web/report.ts';
import type { Loose } from '../loose.ts';
import { type Bytes, guarded, type Streams, WriteWrap } from './stream_handle.ts';

// Whose connection it is. What comes is given to it while it reads.
export interface OutsideOwner {
  isReading(): boolean;
  take(bytes: Bytes): void;
  takeEnd(status: number): void;
}

// Gets a status of libuv's, 0 for success, and what went wrong.
export type Opened = (status: number, why: string) => void;

export type OutsideClass = ReturnType<typeof makeOutside>;
export type Outside = OutsideClass['prototype'];

// What failures of a connection are called in libuv. The first that fits.
const failures: readonly [text: RegExp, code: string][] = [
  [/connection refused/i, 'UV_ECONNREFUSED'],
  [/network is unreachable/i, 'UV_ENETUNREACH'],
  [/no route to host/i, 'UV_EHOSTUNREACH'],
  [/timed out|no answer in/i, 'UV_ETIMEDOUT'],
  [/--allow-egress/, 'UV_EACCES'],
  [/does not resolve|no name of a host/, 'UV_EHOSTUNREACH'],
  [/closed/, 'UV_EPIPE'],
];

export function makeOutside({ complete, later, uv }: Streams) {
  const sockets: NativeSockets = native.socketBinding();

  function codeOf(error: unknown): number {
    const { message } = describeError(error);
    const found = failures.find(([text]) => text.test(message));
    return uv[found === undefined ? 'UV_ECONNRESET' : found[1]];
  }

  return class Outside {
    readonly #id: number;
    readonly #owner: OutsideOwner;
    #kept: ArrayBuffer | null = null; // came while nobody read
    #pumping = false;
    #closed = false;
    #writing: Promise<unknown> | null = null;

    private constructor(owner: OutsideOwner, id: number, opened: Opened) {
      this.#owner = owner;
      this.#id = id;
      sockets.opened(id).then(
        () => this.#closed || guarded(() => opened(0, '')),
        (error) => {
          const { message } = describeError(error);
          if (!this.#closed) guarded(() => opened(codeOf(error), message));
        },
      );
    }

    // Throws where no connection may be opened: at global scope, and beyond the limit of
    // subrequests.
    static connect(owner: OutsideOwner, address: string, port: number, opened: Opened): Outside {
      return new Outside(owner, sockets.open(requireInvocation(), address, port, false), opened);
    }

    // The same connection through TLS, behind what was written; this is closed then.
    // Requires: the connection is open. Throws when it is not any more.
    async secure(owner: OutsideOwner, host: string, opened: Opened): Promise<Outside> {
      if (this.#writing !== null) await this.#writing;
      const id = sockets.startTls(this.#id, host);
      this.#closed = true;
      return new Outside(owner, id, opened);
    }

    get local(): string {
      return sockets.localAddress(this.#id);
    }
    get remote(): string {
      return sockets.remoteAddress(this.#id);
    }

    // Gives the owner what comes, as long as it reads.
    async pump(): Promise<void> {
      if (this.#pumping) return;
      this.#pumping = true;
      while (this.#owner.isReading() && !this.#closed) {
        let piece = this.#kept;
        this.#kept = null;
        try {
          piece ??= await native.bodyRead(this.#id);
        } catch (error) {
          if (!this.#closed) guarded(() => this.#owner.takeEnd(codeOf(error)));
          return;
        }
        if (this.#closed) return;
        if (piece === null) {
          guarded(() => this.#owner.takeEnd(uv.UV_EOF));
          return;
        }
        if (this.#owner.isReading()) guarded(() => this.#owner.take(new Uint8Array(piece)));
        else this.#kept = piece;
      }
      this.#pumping = false;
    }

    // As StreamHandle's send().
    send(bytes: Bytes): number | WriteWrap {
      if (this.#closed) return uv.UV_EPIPE;
      const write = () => sockets.write(this.#id, bytes);
      const wait = this.#writing === null ? write() : this.#writing.then(write);
      if (wait === undefined) return 0;
      const pending = new WriteWrap();
      this.#writing = wait;
      const finish = (status: number) => {
        if (this.#writing === wait) this.#writing = null;
        complete(pending, status);
      };
      wait.then(
        () => finish(0),
        (error) => finish(codeOf(error)),
      );
      return pending;
    }

    shutdown(request: Loose): void {
      const end = () => {
        sockets.end(this.#id);
        later(() => request.oncomplete(0));
      };
      if (this.#writing === null) end();
      else this.#writing.then(end, end);
    }

    close(): void {
      this.#closed = true;
      sockets.close(this.#id);
    }
  };
}
