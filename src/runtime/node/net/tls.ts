// What Node's module `tls` has sockets and contexts of: clients, over TLS that the host
// speaks (net/raw_connection.h). So
// certificates are verified always and as the host's system trusts them, and what would
// change that is refused. Source: Node's documentation, "TLS (SSL)"; Workers
// documentation, "Node.js tls".
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { refusal } from '../name_only.ts';

// What the host's TLS has no part of.
const refused = [
  'ALPNProtocols',
  'ca',
  'cert',
  'checkServerIdentity',
  'clientCertEngine',
  'crl',
  'key',
  'pfx',
  'privateKeyEngine',
  'privateKeyIdentifier',
  'pskCallback',
  'SNICallback',
];

function refuse(option: string): never {
  throw Object.assign(
    new Error(
      `tls: the option "${option}" is not supported in Workers: certificates are verified ` +
        'as the system trusts them, and no client certificate or protocol is offered',
    ),
    { code: 'ERR_OPTION_NOT_IMPLEMENTED' },
  );
}

// Who names no protocol speaks HTTP/1.1 where that is what both mean.
function changesNothing(option: string, options: Loose): boolean {
  return option === 'ALPNProtocols' && `${options[option]}` === 'http/1.1';
}

function checkOptions(options: Loose): void {
  for (const option of refused)
    if (
      options[option] !== undefined &&
      options[option] !== null &&
      !changesNothing(option, options)
    )
      refuse(option);
  if (options.rejectUnauthorized === false) refuse('rejectUnauthorized');
  if (options.minVersion === 'TLSv1.3') refuse('minVersion');
  if (options.maxVersion !== undefined && options.maxVersion !== 'TLSv1.3') refuse('maxVersion');
}

// What Node calls the ways in which a certificate is refused. The first that fits.
const failures: readonly [text: RegExp, code: string][] = [
  [/is not valid for/, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [/has expired/, 'CERT_HAS_EXPIRED'],
  [/not valid yet/, 'CERT_NOT_YET_VALID'],
  [/self.signed certificate in/, 'SELF_SIGNED_CERT_IN_CHAIN'],
  [/self.signed/, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [/not trusted/, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  [/certificate/, 'CERT_REJECTED'],
  [/TLS handshake failed/, 'EPROTO'],
];

function failureOf(why: string): Error {
  const found = failures.find(([text]) => text.test(why));
  return Object.assign(new Error(why), { code: found === undefined ? 'ECONNRESET' : found[1] });
}

const onlySockets = () =>
  Object.assign(
    new Error(
      'tls: only a net.Socket without TLS carries TLS in Workers, no other stream: ' +
        'give one of net.connect(), or tls.connect() a host and a port',
    ),
    { code: 'ERR_OPTION_NOT_IMPLEMENTED' },
  );

export function tlsWrap({ internalBinding, require }: Realm): Loose {
  const net = require('net');
  const { TCP, constants } = internalBinding('tcp_wrap');
  const { validateString } = require('internal/validators');

  function checkEngines(options: Loose): void {
    for (const name of ['clientCertEngine', 'privateKeyEngine', 'privateKeyIdentifier'])
      if (options[name] !== undefined && options[name] !== null)
        validateString(options[name], `options.${name}`);
  }

  class SecureContext {
    context = {};
  }
  function createSecureContext(options: Loose = {}): SecureContext {
    checkEngines(options);
    checkOptions(options);
    return new SecureContext();
  }

  class TLSSocket extends (net.Socket as Loose) {
    encrypted = true;
    authorized = false;
    authorizationError: unknown = null;
    alpnProtocol: string | false = false;
    servername: string | null = null;
    secureConnecting = true;
    readonly #raw: Loose;

    // `stream` is a net.Socket, connected or about to be; without one, connect() has to be
    // called. Any other Duplex makes a socket too, as packages make one to look at it, but
    // TLS over it ends in an error.
    constructor(stream: Loose = undefined, given: Loose = undefined) {
      const options = { ...given };
      if (options.isServer) refuse('isServer');
      checkOptions(options);
      const { allowHalfOpen } = stream || options;
      const wrapped = Boolean(stream) && !(stream instanceof net.Socket);
      super({ handle: new TCP(constants.SOCKET), manualStart: true, allowHalfOpen });
      let raw = stream;
      if (wrapped) raw = new (require('internal/js_stream_socket'))(stream);
      else raw ||= new net.Socket({ allowHalfOpen });
      this.#raw = raw;
      this._parent = raw;
      this.connecting = Boolean(stream);
      raw.on('error', (error: unknown) => this.destroy(error));
      raw.on('close', () => this.secureConnecting && this.destroy());
      this.on('close', () => raw.destroy());
      const secure = () =>
        this.#secure(options.servername || options.host || raw._host || 'localhost');
      if (wrapped || raw instanceof TLSSocket) {
        this.connecting = false;
        this._handle._parentWrap = raw;
        this._read = this._writeGeneric = () => this.destroy(onlySockets());
      } else if (raw.pending && !raw.destroyed) raw.once('connect', secure);
      else secure();
    }

    connect(...args: unknown[]): this {
      const callback = args.at(-1);
      if (typeof callback === 'function') this.once('connect', args.pop());
      this.connecting = true;
      this.#raw.connect(...args);
      return this;
    }

    #secure(host: string): void {
      this.servername = net.isIP(host) === 0 ? host : null;
      const fail = (error: unknown) => this.destroy(error);
      if (this.destroyed) return;
      if (!(this.#raw._handle instanceof TCP)) {
        fail(failureOf('the connection is closed'));
        return;
      }
      const done = (status: number, why: string) => {
        if (this.destroyed) return;
        if (status === 0) this.#secured();
        else fail(failureOf(why));
      };
      this._handle.secure(this.#raw._handle, host, done).catch(fail);
    }

    #secured(): void {
      this.connecting = false;
      this.secureConnecting = false;
      this.authorized = true;
      this._sockname = null;
      this._unrefTimer();
      this.emit('connect');
      this.emit('ready');
      this.emit('secureConnect');
      this.emit('secure');
      if (!this.isPaused()) this.read(0);
    }

    // What is known of the peer is that it was verified.
    getPeerCertificate(): object {
      return {};
    }
    getPeerX509Certificate(): undefined {}
    getCertificate(): object {
      return {};
    }
    getX509Certificate(): undefined {}
    getProtocol(): null {
      return null;
    }
    getSession(): undefined {}
    getTLSTicket(): undefined {}
    getEphemeralKeyInfo(): object {
      return {};
    }
    getFinished(): undefined {}
    getPeerFinished(): undefined {}
    getSharedSigalgs(): string[] {
      return [];
    }
    isSessionReused(): boolean {
      return false;
    }
    setMaxSendFragment(): boolean {
      return false;
    }
    setKeyCert(): never {
      refuse('key');
    }
    setServername(): never {
      refuse('servername');
    }
    disableRenegotiation(): void {}
    enableTrace(): void {}
  }
  for (const name of ['exportKeyingMaterial', 'getCipher', 'renegotiate', 'setSession'])
    Object.defineProperty(TLSSocket.prototype, name, {
      value: refusal('tls', `TLSSocket.${name}`, 'function'),
      configurable: true,
      writable: true,
    });

  // connect(options | port[, host] | path[, options][, callback])
  function connect(...args: Loose[]): TLSSocket {
    const [given, callback] = net._normalizeArgs(args);
    const more = args.find((arg, at) => at > 0 && typeof arg === 'object' && arg !== null);
    const options = { ...given, ...more };
    if (options.servername !== undefined) validateString(options.servername, 'options.servername');
    const tls = require('tls');
    if (!options.secureContext)
      tls.createSecureContext({ ciphers: tls.DEFAULT_CIPHERS, ...options });
    const { timeout } = options;
    const socket = options.socket || net.connect(options);
    const secured = new TLSSocket(socket, { host: 'localhost', ...options });
    if (!(socket instanceof net.Socket) || socket instanceof TLSSocket)
      secured.destroy(onlySockets());
    if (timeout) secured.setTimeout(timeout);
    if (callback !== null) secured.once('secureConnect', callback);
    return secured;
  }

  return {
    SecureContext,
    Server: refusal('tls', 'Server', 'class'),
    TLSSocket,
    connect,
    createSecureContext,
    createServer: refusal('tls', 'createServer', 'function'),
  };
}

// The same for `https`, whose servers are those of `http`: a request comes to a Worker
// when the platform has ended its TLS, and the server's certificate serves nobody.
export function tlsOfHttps({ require }: Realm): Loose {
  const net = require('net');

  function Server(this: Loose, options: Loose, listener: Loose): void {
    net.Server.call(this, { ...options, allowHalfOpen: true });
    this.on('connection', listener);
  }
  Object.setPrototypeOf(Server.prototype, net.Server.prototype);
  Object.setPrototypeOf(Server, net.Server);
  return { ...require('tls'), Server };
}
