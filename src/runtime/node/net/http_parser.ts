// The binding `http_parser`: Node's class over the native parser
// (ops/node/http_binding.h), and the list of connections in which a server looks for
// those that take too long. Source: Node's library, _http_common.js, _http_server.js.
import * as facts from 'node-facts';
import {
  ArrayPrototypeShift,
  Error,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  Uint8Array,
} from '../../web/primordials.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { nativeBinding } from '../native_binding.ts';

interface NativeParser {
  initialize(type: number, maxHead: number, lenient: number): void;
  execute(owner: object, bytes: Uint8Array): number | Failure;
  finish(owner: object): undefined | Failure;
  pause(paused: boolean): void;
  startedAt(): number;
  headersCompleted(): boolean;
}
type Failure = readonly [bytes: number, code: string, reason: string];

export const kOnHeaders = 1;
export const kOnHeadersComplete = 2;
export const kOnBody = 3;
export const kOnMessageComplete = 4;

function toError(failure: Failure): Error {
  const error: Loose = new Error('Parse Error');
  error.bytesParsed = failure[0];
  error.code = failure[1];
  error.reason = failure[2];
  return error;
}

export function httpParser({ primordials, require }: Realm): Loose {
  const { parserNew } = nativeBinding('http');
  const { ArrayPrototypeFilter, SafeSet } = primordials;
  const { FastBuffer } = require('internal/buffer');
  const { getOptionValue } = require('internal/options');
  const { allMethods, constants, methods } = facts.httpParser();
  let stateOf: (parser: HTTPParser) => { startedAt: number; headersCompleted: boolean };

  class HTTPParser {
    [index: number]: Loose;
    // Made when there are bytes: a request of the platform has none (request_handle.ts).
    #native: NativeParser | null = null;
    #type = 0;
    #maxHead = 0;
    #lenient = 0;
    #startedAt = 0;
    #connections: ConnectionsList | null = null;
    #bytes: Uint8Array | null = null; // that are being parsed
    readonly #following: Uint8Array[] = [];
    readonly #owner = {
      __proto__: null,
      [kOnHeaders]: (headers: unknown, url: unknown) => this[kOnHeaders]?.(headers, url),
      [kOnHeadersComplete]: (
        major: number,
        minor: number,
        headers: unknown,
        method: unknown,
        url: unknown,
        status: unknown,
        reason: unknown,
        upgrade: boolean,
        keepAlive: boolean,
      ) =>
        this[kOnHeadersComplete]?.(
          major,
          minor,
          headers,
          method,
          url,
          status,
          reason,
          upgrade,
          keepAlive,
        ),
      [kOnBody]: (at: number, size: number) => this[kOnBody]?.(this.#part(at, size)),
      [kOnMessageComplete]: () => this[kOnMessageComplete]?.(),
    };

    static {
      stateOf = (parser) => ({
        startedAt: parser.#native?.startedAt() ?? parser.#startedAt,
        headersCompleted: parser.#native?.headersCompleted() ?? false,
      });
    }

    initialize(
      type: number,
      _resource: object,
      maxHeaderSize = 0,
      lenientFlags = 0,
      connections: ConnectionsList | null = null,
    ): void {
      this.#type = type;
      this.#maxHead = maxHeaderSize > 0 ? maxHeaderSize : getOptionValue('--max-http-header-size');
      this.#lenient = lenientFlags;
      this.#startedAt = native.now();
      this.#native?.initialize(type, this.#maxHead, lenientFlags);
      this.#connections = connections ?? null;
      this.#connections?.add(this);
    }

    #made(): NativeParser {
      if (this.#native === null) {
        const made = parserNew() as NativeParser;
        made.initialize(this.#type, this.#maxHead, this.#lenient);
        this.#native = made;
      }
      return this.#native;
    }

    // Of what is being parsed.
    #part(at: number, size: number): Uint8Array {
      const bytes = this.#bytes as Uint8Array;
      return new FastBuffer(
        TypedArrayPrototypeGetBuffer(bytes),
        TypedArrayPrototypeGetByteOffset(bytes) + at,
        size,
      );
    }

    execute(bytes: Uint8Array): number | Error {
      // From a callback: those come when the parser is done with what it has.
      if (this.#bytes !== null) {
        this.#following[this.#following.length] = new Uint8Array(bytes);
        return TypedArrayPrototypeGetByteLength(bytes);
      }
      try {
        this.#bytes = bytes;
        const used = this.#made().execute(this.#owner, bytes);
        if (typeof used !== 'number') return toError(used);
        while (this.#following.length > 0) {
          this.#bytes = ArrayPrototypeShift(this.#following) as Uint8Array;
          const more = this.#made().execute(this.#owner, this.#bytes);
          if (typeof more !== 'number') return toError(more);
        }
        return used;
      } finally {
        this.#bytes = null;
        this.#following.length = 0;
      }
    }

    finish(): undefined | Error {
      const result = this.#made().finish(this.#owner);
      return result === undefined ? undefined : toError(result);
    }

    getCurrentBuffer(): Uint8Array {
      return new FastBuffer(this.#bytes ?? 0);
    }
    pause(): void {
      this.#made().pause(true);
    }
    resume(): void {
      this.#native?.pause(false);
    }
    remove(): void {
      this.#connections?.remove(this);
    }
    close(): void {}
    free(): void {}
    consume(): void {}
    unconsume(): void {}
  }
  Object.assign(HTTPParser, constants);

  class ConnectionsList {
    readonly #parsers: Set<HTTPParser> = new SafeSet();

    add(parser: HTTPParser): void {
      this.#parsers.add(parser);
    }
    remove(parser: HTTPParser): void {
      this.#parsers.delete(parser);
    }
    all(): HTTPParser[] {
      return [...this.#parsers];
    }
    idle(): HTTPParser[] {
      return ArrayPrototypeFilter(
        this.all(),
        (parser: HTTPParser) => stateOf(parser).startedAt === 0,
      );
    }
    active(): HTTPParser[] {
      return ArrayPrototypeFilter(
        this.all(),
        (parser: HTTPParser) => stateOf(parser).startedAt !== 0,
      );
    }
    // Those whose head, or whose message, took longer than that.
    expired(headersTimeout: number, requestTimeout: number): HTTPParser[] {
      const now = native.now();
      return ArrayPrototypeFilter(this.active(), (parser: HTTPParser) => {
        const { startedAt, headersCompleted } = stateOf(parser);
        const took = now - startedAt;
        return (
          (!headersCompleted && headersTimeout > 0 && took > headersTimeout) ||
          (requestTimeout > 0 && took > requestTimeout)
        );
      });
    }
  }

  return { ConnectionsList, HTTPParser, allMethods, methods };
}
