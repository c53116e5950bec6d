// Ports of this isolate: who listens where, and connections between its own sockets.
// Nothing of these leaves the isolate. A connection is two handles, each with what has
// arrived for it and was not read yet. Where nobody of the isolate listens, a connection
// goes outside.
// Source: Node's library, net.js; Workers documentation, "Node.js http".
import { MapPrototypeDelete, MapPrototypeGet, SetPrototypeForEach } from '../../web/primordials.ts';
import { requireInvocation } from '../../web/report.ts';
import type { Loose } from '../loose.ts';
import { makeEndpoint } from './endpoint.ts';
import { makeOutside, type Opened, type Outside, type OutsideOwner } from './outside.ts';
import { makePipes } from './pipes.ts';
import { type Address, addressOf, isAny, isLoopback, parsedAddress } from './socket_address.ts';
import { type Bytes, guarded, joined, type Streams, type WriteWrap } from './stream_handle.ts';

const kFirstEphemeral = 49152;
const kLastPort = 65535;

export type Ports = ReturnType<typeof makePorts>;

// `owner_symbol` is where a handle has its socket.
export function makePorts(streams: Streams, owner_symbol: symbol) {
  const { asLast, later, uv } = streams;
  const Endpoint = makeEndpoint(streams);
  const OutsideConnection = makeOutside(streams);
  const listening = new Map<number, TCP[]>();
  // Connections to the outside, by the invocation that they belong to.
  const outside = new Map<number, Set<TCP>>();
  const state = { lastPort: kLastPort };

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
      guarded(() => {
        if (!socket?._httpMessage && socket?.listenerCount('agentRemove') > 0) socket.destroy();
      });
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
      return this.#outside === null ? super.send(pieces, size) : this.#outside.send(joined(pieces));
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
      const server = (MapPrototypeGet(listening, port) as TCP[] | undefined)?.[0];
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

  class TCPConnectWrap {
    [key: string]: Loose;
  }

  function dropKept(invocation: number): void {
    const all = MapPrototypeGet(outside, invocation) as Set<TCP> | undefined;
    if (all === undefined) return;
    MapPrototypeDelete(outside, invocation);
    asLast(() => SetPrototypeForEach(all, (tcp: TCP) => tcp.dropIfKept()));
  }

  return {
    accept: TCP.accept,
    dropKept,
    tcpBinding: {
      TCP,
      TCPConnectWrap,
      constants: { SOCKET: 0, SERVER: 1, UV_TCP_IPV6ONLY: 1, UV_TCP_REUSEPORT: 2 },
    },
    pipeBinding: makePipes(streams, Endpoint),
  };
}
