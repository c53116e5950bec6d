// Servers by names, as of files, and connections to them within this isolate.
import type { Loose } from '../loose.ts';
import type { EndpointClass } from './endpoint.ts';
import { guarded, type Streams } from './stream_handle.ts';

export function makePipes({ later, uv }: Streams, Endpoint: EndpointClass) {
  const pipes = new Map<string, Pipe>();

  class Pipe extends Endpoint {
    #name = '';
    #listens = false;
    onconnection: Loose = null;

    open(): number {
      return uv.UV_EBADF;
    }
    fchmod(): number {
      return 0;
    }
    setPendingInstances(): void {}
    bind(name: string): number {
      if (pipes.has(name)) return uv.UV_EADDRINUSE;
      this.#name = name;
      return 0;
    }
    listen(): number {
      if (this.#name === '') return uv.UV_EINVAL;
      if (pipes.has(this.#name) && !this.#listens) return uv.UV_EADDRINUSE;
      this.#listens = true;
      pipes.set(this.#name, this);
      return 0;
    }
    override close(done?: () => void): void {
      if (this.#listens) pipes.delete(this.#name);
      this.#listens = false;
      super.close(done);
    }
    connect(request: Loose, name: string): number {
      later(() => {
        const server = this.closed ? undefined : pipes.get(name);
        const status = this.closed ? uv.UV_ECANCELED : server === undefined ? uv.UV_ENOENT : 0;
        if (server !== undefined) {
          const accepted = new Pipe();
          this.join(accepted);
          guarded(() => server.onconnection(0, accepted));
        }
        guarded(() => request.oncomplete(status, this, request, true, true));
      });
      return 0;
    }
  }

  class PipeConnectWrap {
    [key: string]: Loose;
  }

  return {
    Pipe,
    PipeConnectWrap,
    constants: { SOCKET: 0, SERVER: 1, IPC: 2, UV_READABLE: 1, UV_WRITABLE: 2 },
  };
}
