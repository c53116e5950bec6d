// Ports of this isolate: who listens where, and connections between its own sockets.
// Nothing of these leaves the isolate. A connection is two handles, each with what has
// arrived for it and was not read yet. Where nobody of the isolate listens, a connection
// goes outside.
// Source: Node's library, net.js; Workers documentation, "Node.js http".
import { requireInvocation } from '../../web/report.ts';
import type { Loose } from '../loose.ts';
import { makeOutside, type Opened, type Outside, type OutsideOwner } from './outside.ts';
import { type Bytes, guarded, type Streams, WriteWrap } from './stream_handle.ts';

// What may wait at a reader before its writer has to wait, as in a kernel's buffer.
const kRoom = 256 * 1024;
const kLargestRead = 64 * 1024;
const kFirstEphemeral = 49152;
const kLastPort = 65535;

interface Address {
  readonly address: string;
  readonly port: number;
  readonly family: 'IPv4' | 'IPv6';
}

function addressOf(address: string, port: number): Address {
  return { address, port, family: address.includes(':') ? 'IPv6' : 'IPv4' };
}

// "127.0.0.1:80" and "[::1]:80".
function parsedAddress(text: string): Address | null {
  const found = /^\[?([0-9a-f.:]+?)\]?:(\d+)$/.exec(text);
  return found === null ? null : addressOf(found[1] as string, Number(found[2]));
}

// A copy.
function joined(pieces: readonly Bytes[], size: number): Bytes {
  const all: Bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
}

function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}

export type Ports = ReturnType<typeof makePorts>;

// `owner_symbol` is where a handle has its socket.
export function makePorts(streams: Streams, owner_symbol: symbol) {
  const { StreamHandle, asLast, complete, later, uv } = streams;
  const OutsideConnection = makeOutside(streams);
  const listening = new Map<number, TCP[]>();
  // Connections to the outside, by the invocation that they belong to.
  const outside = new Map<number, Set<TCP>>();
  const pipes = new Map<string, Pipe>();
  const state = { lastPort: kLastPort };

  // One side of a connection, or none yet.
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
      if (size > 0) peer.#put(joined(pieces, size));
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

  class TCP extends Endpoint {
    #local: Address | null = null;
    #remote: Address | null = null;
    #outside: Outside | null = null;
    #invocation = 0; // that this belongs to
    readonly #owner: OutsideOwner = {
      isReading: () => this.reading,
      take: (bytes) => this.deliver(bytes),
      takeEnd: (status) => this.deliverEnd(status),
    };
    #listens = false;
    onconnection: Loose = null;

    open(): number {
      return uv.UV_EBADF;
    }

    bind(address: string, port: number): number {
      if (this.#local !== null) return uv.UV_EINVAL;
      if (!isAny(address) && !isLoopback(address)) return uv.UV_EADDRNOTAVAIL;
      if (port !== 0 && this.#clashes(address, port)) return uv.UV_EADDRINUSE;
      const chosen = port === 0 ? freePort() : port;
      if (chosen === 0) return uv.UV_EADDRINUSE;
      this.#local = addressOf(address, chosen);
      return 0;
    }
    bind6(address: string, port: number): number {
      return this.bind(address, port);
    }

    #clashes(address: string, port: number): boolean {
      for (const other of listening.get(port) ?? []) {
        const taken = other.#local?.address ?? '';
        if (taken === address || isAny(taken) || isAny(address)) return true;
      }
      return false;
    }

    listen(): number {
      this.#local ??= addressOf('0.0.0.0', freePort());
      const { address, port } = this.#local;
      if (this.#listens) return 0;
      if (this.#clashes(address, port)) return uv.UV_EADDRINUSE;
      this.#listens = true;
      const others = listening.get(port);
      if (others === undefined) listening.set(port, [this]);
      else others.push(this);
      return 0;
    }

    override close(done?: () => void): void {
      if (this.#listens && this.#local !== null) {
        this.#listens = false;
        const { port } = this.#local;
        const others = (listening.get(port) ?? []).filter((other) => other !== this);
        if (others.length === 0) listening.delete(port);
        else listening.set(port, others);
      }
      if (this.#outside !== null) this.#leaveOutside();
      super.close(done);
    }

    connect(request: Loose, address: string, port: number): number {
      if (this.#remote !== null || this.#outside !== null) return uv.UV_EISCONN;
      if (find(address, port) === undefined) return this.#goOutside(request, address, port);
      this.#local ??= addressOf(address.includes(':') ? '::1' : '127.0.0.1', freePort());
      later(() => {
        const server = this.closed ? undefined : find(address, port);
        const status = this.closed
          ? uv.UV_ECANCELED
          : server === undefined
            ? uv.UV_ECONNREFUSED
            : 0;
        if (server !== undefined) this.#meet(server, addressOf(address, port));
        guarded(() => request.oncomplete(status, this, request, true, true));
      });
      return 0;
    }
    connect6(request: Loose, address: string, port: number): number {
      return this.connect(request, address, port);
    }

    #goOutside(request: Loose, address: string, port: number): number {
      requireInvocation();
      try {
        this.#outside = OutsideConnection.connect(this.#owner, address, port, (status) => {
          this.#meetOutside();
          request.oncomplete(status, this, request, true, true);
        });
      } catch {
        return uv.UV_EMFILE; // the invocation has no subrequest left
      }
      this.#note();
      return 0;
    }

    #note(): void {
      this.#invocation = native.currentInvocation();
      const others = outside.get(this.#invocation);
      if (others === undefined) outside.set(this.#invocation, new Set([this]));
      else others.add(this);
    }

    // The invocation is about to be over. What an Agent keeps for a next request is of no
    // use to another invocation: it is closed, so that the Agent knows. Others fail when
    // they are used.
    dropIfKept(): void {
      const socket = (this as Loose)[owner_symbol];
      if (socket?._httpMessage || !(socket?.listenerCount('agentRemove') > 0)) return;
      guarded(() => socket.destroy());
    }

    #leaveOutside(): void {
      this.#outside?.close();
      const others = outside.get(this.#invocation);
      if (others?.delete(this) && others.size === 0) outside.delete(this.#invocation);
    }

    #meetOutside(): void {
      this.#local = parsedAddress(this.#outside?.local ?? '') ?? this.#local;
      this.#remote = parsedAddress(this.#outside?.remote ?? '');
    }

    // Takes over the connection of `raw`, which goes to the outside, through TLS with
    // `host`. Rejects when there is none.
    async secure(raw: TCP, host: string, secured: Opened): Promise<void> {
      const open = raw.#outside;
      if (open === null || raw.closed)
        throw new Error('TLS needs an open connection to a host outside of the Worker');
      raw.reading = false;
      this.#outside = await open.secure(this.#owner, host, (status, why) => {
        this.#meetOutside();
        secured(status, why);
        void this.#outside?.pump();
      });
      this.#note();
      if (this.closed) this.#leaveOutside();
    }

    protected override send(pieces: readonly Bytes[], size: number): number | WriteWrap {
      return this.#outside === null
        ? super.send(pieces, size)
        : this.#outside.send(joined(pieces, size));
    }
    override readStart(): number {
      super.readStart();
      void this.#outside?.pump();
      return 0;
    }
    override shutdown(request: Loose): number {
      if (this.#outside === null) return super.shutdown(request);
      this.#outside.shutdown(request);
      return 0;
    }
    override reset(done?: () => void): number {
      if (this.#outside !== null) this.#leaveOutside();
      return super.reset(done);
    }

    #meet(server: TCP, remote: Address): void {
      const accepted = new TCP();
      const own = this.#local as Address;
      // A socket of IPv6 that takes IPv4 too shows it within its own addresses.
      const mapped = (found: Address) =>
        server.#local?.address === '::' && found.family === 'IPv4'
          ? addressOf(`::ffff:${found.address}`, found.port)
          : found;
      this.#remote = remote;
      accepted.#local = mapped(remote);
      accepted.#remote = mapped(own);
      this.join(accepted);
      guarded(() => server.onconnection(0, accepted));
    }

    getsockname(out: Loose): number {
      return tell(this.#local, out);
    }
    getpeername(out: Loose): number {
      return tell(this.#remote, out);
    }

    // A connection that does not come from a socket of this isolate.
    static accept(port: number, handle: object): boolean {
      const [server] = listening.get(port) ?? [];
      if (server === undefined) return false;
      server.onconnection(0, handle);
      return true;
    }

    static at(port: number, address: string): TCP | undefined {
      for (const server of listening.get(port) ?? []) {
        const own = server.#local?.address ?? '';
        if (own === address || own === '::' || (own === '0.0.0.0' && !address.includes(':')))
          return server;
      }
      return undefined;
    }
  }

  function find(address: string, port: number): TCP | undefined {
    if (isAny(address)) return TCP.at(port, address === '::' ? '::1' : '127.0.0.1');
    return isLoopback(address) ? TCP.at(port, address) : undefined;
  }

  function tell(address: Address | null, out: Loose): number {
    if (address === null) return uv.UV_ENOTCONN;
    Object.assign(out, address);
    return 0;
  }

  function freePort(): number {
    for (let tried = kFirstEphemeral; tried <= kLastPort; tried++) {
      state.lastPort = state.lastPort >= kLastPort ? kFirstEphemeral : state.lastPort + 1;
      if (!listening.has(state.lastPort)) return state.lastPort;
    }
    return 0;
  }

  // The same by names, as of files.
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

  class TCPConnectWrap {
    [key: string]: Loose;
  }
  class PipeConnectWrap {
    [key: string]: Loose;
  }

  function dropKept(invocation: number): void {
    const all = outside.get(invocation);
    if (all === undefined) return;
    outside.delete(invocation);
    asLast(() => {
      for (const tcp of all) tcp.dropIfKept();
    });
  }

  return {
    accept: TCP.accept,
    dropKept,
    tcpBinding: {
      TCP,
      TCPConnectWrap,
      constants: { SOCKET: 0, SERVER: 1, UV_TCP_IPV6ONLY: 1, UV_TCP_REUSEPORT: 2 },
    },
    pipeBinding: {
      Pipe,
      PipeConnectWrap,
      constants: { SOCKET: 0, SERVER: 1, IPC: 2, UV_READABLE: 1, UV_WRITABLE: 2 },
    },
  };
}
