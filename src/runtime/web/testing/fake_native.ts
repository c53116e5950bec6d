// The native ops over Node's own APIs, for tests. The test plays the network: it
// puts bodies in, and reads answers and outbound requests out.
import { createHash, randomFillSync, randomUUID, timingSafeEqual } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, gzipSync, unzipSync } from 'node:zlib';
import type { AbortSignal } from '../abort.ts';
import type { Exchange } from '../fetch.ts';
import type { Native } from '../native.ts';
import type { NativeCrypto } from '../native_crypto.ts';
import type { NativeKv } from '../native_kv.ts';
import type { NativeSockets } from '../native_sockets.ts';
import type { Timer } from '../timers.ts';
import { componentsOf, copyOf, textOf, toBytes, viewOf } from './fake_values.ts';

// What C++ would have sent to the client of an invocation.
export interface Sent {
  status: number;
  statusText: string;
  headers: string[] | null;
  contentType: string | null;
  body: string | null;
  chunks: string[];
  length: number | null; // of respondStart and respondForward
  forwarded: number; // the handle, 0 when not forwarded
  ended: boolean;
  aborted: string | null;
  failed: { name: string; message: string; stack: string } | null;
  finished: boolean;
}

// An outbound request, as native.fetch got it.
export interface Outbound {
  inv: number;
  method: string;
  url: string;
  headers: string[];
  body: string | null;
  chunks: string[];
  ended: boolean;
  aborted: boolean;
  asker: Exchange | undefined;
}

interface Arriving {
  chunks: Uint8Array<ArrayBuffer>[];
  complete: boolean;
  error: Error | null;
  wake: (() => void) | null;
  cancelled: boolean;
}

export interface Incoming {
  signal?: AbortSignal;
  url: string;
  headers: string[];
  cf: string;
}

const kParts = [
  'href',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const;

export class FakeNative {
  clock = 1_700_000_000_000;
  invocation = 0;
  readonly incoming = new Map<number, Incoming>();
  readonly bodies = new Map<number, Arriving>();
  readonly sent = new Map<number, Sent>();
  readonly outbound = new Map<number, Outbound>();
  readonly timers = new Map<number, { delay: number; repeat: boolean; timer: Timer }>();
  readonly logs: { level: number; json: string; text: string }[] = [];
  readonly exceptions: { name: string; message: string; stack: string }[] = [];
  readonly loaded: string[] = [];
  // Waited for by respondWrite and fetchWrite; null: the client takes all.
  credit: Promise<void> | null = null;
  clientGone = false;
  #lastHandle = 0;

  // A body that arrives; more may be fed later.
  addBody(chunks: (string | Uint8Array)[], complete: boolean): number {
    this.#lastHandle++;
    const body: Arriving = { chunks: [], complete, error: null, wake: null, cancelled: false };
    for (const chunk of chunks) body.chunks.push(toBytes(chunk));
    this.bodies.set(this.#lastHandle, body);
    return this.#lastHandle;
  }

  feed(handle: number, chunk: string | Uint8Array): void {
    this.#body(handle).chunks.push(toBytes(chunk));
    this.#wake(handle);
  }

  endBody(handle: number, error: Error | null = null): void {
    this.#body(handle).complete = error === null;
    this.#body(handle).error = error;
    this.#wake(handle);
  }

  #body(handle: number): Arriving {
    const body = this.bodies.get(handle);
    if (body === undefined) throw new Error(`the test knows no body ${handle}`);
    return body;
  }

  #wake(handle: number): void {
    const body = this.#body(handle);
    body.wake?.();
    body.wake = null;
  }

  #sentOf(inv: number): Sent {
    let sent = this.sent.get(inv);
    if (sent === undefined) {
      sent = {
        status: 0,
        statusText: '',
        headers: null,
        contentType: null,
        body: null,
        chunks: [],
        length: null,
        forwarded: 0,
        ended: false,
        aborted: null,
        failed: null,
        finished: false,
      };
      this.sent.set(inv, sent);
    }
    return sent;
  }

  // `make` wraps results in classes of the realm under test.
  ops(make: Realm): Native {
    const scratch = make.uint32(16);
    // The realm's own set() may be spoiled by then.
    const { set } = Uint32Array.prototype;
    const fill = (url: URL) => set.call(scratch, componentsOf(url));
    return {
      scratch,
      requestUrl: (inv) => this.incoming.get(inv)?.url ?? '',
      requestHeaders: (inv) => make.strings(this.incoming.get(inv)?.headers ?? []),
      requestCf: (inv) => this.incoming.get(inv)?.cf ?? 'null',
      requestSignal: (inv, signal) => {
        const incoming = this.incoming.get(inv);
        if (incoming !== undefined) incoming.signal = signal as AbortSignal;
      },
      bodyTake: (handle) => {
        const body = this.#body(handle);
        if (!body.complete) return undefined;
        return make.buffer(Buffer.concat(body.chunks.splice(0)));
      },
      bodyTakeText: (handle) => {
        const body = this.#body(handle);
        if (!body.complete) return undefined;
        return new TextDecoder().decode(Buffer.concat(body.chunks.splice(0)));
      },
      bodyRead: (handle) =>
        make.promise(async () => {
          const body = this.#body(handle);
          for (;;) {
            const chunk = body.chunks.shift();
            if (chunk !== undefined) return make.buffer(chunk);
            if (body.cancelled) throw make.error('the body was cancelled');
            if (body.error !== null) throw make.error(body.error.message);
            if (body.complete) return null;
            await new Promise<void>((resolve) => {
              body.wake = resolve;
            });
          }
        }),
      bodyCancel: (handle) => {
        this.#body(handle).cancelled = true;
        this.#wake(handle);
      },
      respond: (inv, status, statusText, headers, contentType, body) => {
        Object.assign(this.#sentOf(inv), {
          status,
          statusText,
          headers: copyOf(headers),
          contentType,
          body: body === null ? null : textOf(body),
          ended: true,
        });
      },
      respondStart: (inv, status, statusText, headers, contentType, length) => {
        const head = { status, statusText, headers: copyOf(headers), contentType, length };
        Object.assign(this.#sentOf(inv), head);
      },
      respondWrite: (inv, chunk) => {
        if (this.clientGone)
          return make.promise<void>(async () => {
            throw make.error('the client is gone');
          });
        this.#sentOf(inv).chunks.push(textOf(chunk));
        const credit = this.credit;
        return credit === null ? undefined : make.promise(() => credit);
      },
      passThrough: () => {},
      respondEnd: (inv) => {
        this.#sentOf(inv).ended = true;
      },
      respondAbort: (inv, message) => {
        this.#sentOf(inv).aborted = message;
        return !this.clientGone;
      },
      respondForward: (inv, status, statusText, headers, body, length) => {
        const head = { status, statusText, headers: copyOf(headers), forwarded: body, length };
        Object.assign(this.#sentOf(inv), head, { ended: true });
      },
      fail: (inv, name, message, stack) => {
        this.#sentOf(inv).failed = { name, message, stack };
      },
      finish: (inv) => {
        this.#sentOf(inv).finished = true;
      },
      fetch: (inv, method, url, headers, body, _hasStream, asker) => {
        this.#lastHandle++;
        this.outbound.set(this.#lastHandle, {
          inv,
          method,
          url,
          headers: [...headers],
          body: body === null ? null : textOf(body),
          chunks: [],
          ended: false,
          aborted: false,
          asker: asker as Exchange,
        });
        return this.#lastHandle;
      },
      fetchWrite: (op, chunk) => {
        this.outbound.get(op)?.chunks.push(textOf(chunk));
        const credit = this.credit;
        return credit === null ? undefined : make.promise(() => credit);
      },
      fetchEnd: (op) => Object.assign(this.outbound.get(op) ?? {}, { ended: true }),
      fetchAbort: (op) =>
        Object.assign(this.outbound.get(op) ?? {}, { aborted: true, asker: undefined }),
      timerStart: (id, delay, repeat, timer) =>
        this.timers.set(id, { delay, repeat, timer: timer as Timer }),
      timerStop: (id) => this.timers.delete(id),
      timerFind: (id) => this.timers.get(id)?.timer,
      now: () => this.clock,
      timeOrigin: () => 1_600_000_000_000,
      log: (level, json, text) =>
        this.logs.push({ level, json, text: text === '' ? JSON.parse(json).join(' ') : text }),
      reportException: (name, message, stack) => this.exceptions.push({ name, message, stack }),
      stackText: (stack) => stack.replace(/^ {4}at .*\bcaravel:.*\n?/gm, ''),
      currentInvocation: () => this.invocation,
      serviceBinding: () => ({}) as never, // the same
      socketBinding: () => ({}) as NativeSockets, // tested in real isolates
      webSocketBinding: () => ({ listen() {}, rules: () => 7 }) as never, // the same
      kvBinding: () => ({}) as NativeKv, // the same
      rateLimit: () => make.promise(() => Promise.resolve(true)),
      nodeBinding: () => null,
      nodeCompile: () => null,
      nodeModules: () => [],
      loadLazy: (name) => make.load(name),
      compatibilityFlags: () => make.strings(['nodejs_compat', 'on', 'rpc', '']),
      // Script can tell these from data properties; those of real isolates not.
      defineLazy: (target, name, maker, enumerable) => {
        const put = (value: unknown) => {
          const attributes = { writable: true, enumerable, configurable: true };
          Object.defineProperty(target, name, { value, ...attributes });
          return value;
        };
        const made = (): unknown =>
          typeof maker === 'string' ? (make.load(maker) as never)[name] : maker(name);
        const get = () => put(made());
        Object.defineProperty(target, name, { get, set: put, enumerable, configurable: true });
      },
      utf8Encode: (text) => new make.Uint8Array(make.buffer(Buffer.from(text))),
      utf8EncodeInto: (text, view) => {
        const { read, written } = new TextEncoder().encodeInto(text, view);
        set.call(scratch, [read, written]);
      },
      utf8Decode: (bytes, fatal, ignoreBOM) =>
        make.guard(() => new TextDecoder('utf-8', { fatal, ignoreBOM }).decode(viewOf(bytes))),
      decoderLabel: (label) => {
        try {
          return new TextDecoder(label).encoding;
        } catch {
          return null;
        }
      },
      decoderNew: (name, fatal, ignoreBOM) => {
        const decoder = new TextDecoder(name, { fatal, ignoreBOM });
        return {
          decode: (bytes, stream) => make.guard(() => decoder.decode(viewOf(bytes), { stream })),
        };
      },
      btoa: (text) => btoa(text),
      atob: (text) => {
        try {
          return atob(text);
        } catch {
          return null;
        }
      },
      compressorNew: (format) => {
        const compress = format === 'br' ? brotliCompressSync : gzipSync;
        const pieces: Uint8Array[] = [];
        let finished = false;
        return {
          push: (bytes) => pieces.push(viewOf(bytes).slice()),
          pull: () => {
            if (!finished) return null;
            finished = false;
            return make.buffer(compress(Buffer.concat(pieces)));
          },
          finish: () => {
            finished = true;
          },
          close() {},
        };
      },
      decompressorNew: (format) => {
        const undo = format === 'br' ? brotliDecompressSync : unzipSync;
        const pieces: Uint8Array[] = [];
        let ended = false;
        return {
          push: (bytes) => pieces.push(viewOf(bytes).slice()),
          // All at once, when the test's whole body has been pushed.
          pull: () => {
            if (ended || pieces.length === 0) return null;
            try {
              const out = undo(Buffer.concat(pieces));
              ended = true;
              return make.buffer(out);
            } catch (error) {
              if ((error as { code?: string }).code === 'Z_BUF_ERROR') return null;
              return make.guard(() => {
                throw error;
              });
            }
          },
          finish: () => {
            if (ended || pieces.length === 0) return;
            make.guard(() => {
              throw new Error(`The ${format} data ends too early`);
            });
          },
          close() {},
        };
      },
      urlParse: (input, base) => {
        const url = URL.parse(input, base);
        if (url !== null) fill(url);
        return url?.href ?? null;
      },
      urlSet: (href, part, value) => {
        const url = new URL(href);
        try {
          url[kParts[part] as 'href'] = value;
        } catch {
          return null;
        }
        fill(url);
        return url.href;
      },
      urlOrigin: (href) => new URL(href).origin,
      randomFill: (view) => {
        randomFillSync(viewOf(view));
      },
      randomUuid: () => randomUUID(),
      cryptoBinding: () => digests(make) as NativeCrypto,
      htmlBinding: () => {
        throw new Error('HTML is rewritten in C++: tests/e2e/html_rewriter.e2e.ts');
      },
      structuredClone: (value, transfer, _clone, _ofAll, refuse) => {
        try {
          return make.clone(value, transfer);
        } catch (error) {
          throw (error as Error).name === 'DataCloneError'
            ? refuse(`${(error as Error).message}`)
            : error;
        }
      },
    };
  }
}

// What a vm context lends so that results belong to it.
export interface Realm {
  Uint8Array: Uint8ArrayConstructor;
  uint32(length: number): Uint32Array;
  strings(values: string[]): string[];
  buffer(bytes: Uint8Array): ArrayBuffer;
  promise<T>(run: () => Promise<T>): Promise<T>;
  error(message: string): Error;
  guard<T>(run: () => T): T; // a TypeError thrown within becomes one of the realm
  clone(value: unknown, transfer: ArrayBuffer[]): unknown;
  load(name: string): object;
}

// What of cryptography needs no key; ops/crypto has its tests over the real ops.
function digests(make: Realm): Pick<NativeCrypto, 'digest' | 'digestNew' | 'timingSafeEqual'> {
  return {
    digest: (algorithm, data) =>
      make.buffer(createHash(algorithm.replace('-', '')).update(viewOf(data)).digest()),
    digestNew: (algorithm) => {
      const hash = createHash(algorithm.replace('-', ''));
      return {
        update: (bytes) => {
          hash.update(viewOf(bytes));
        },
        finish: () => make.buffer(hash.digest()),
      };
    },
    timingSafeEqual: (a, b) => timingSafeEqual(viewOf(a), viewOf(b)),
  };
}
