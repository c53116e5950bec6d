// The binding `http_parser`: Node's class over the native parser
// (ops/node/http_binding.h), and the list of connections in which a server looks for
// those that take too long. Source: Node's library, _http_common.js, _http_server.js.
import * as facts from 'node-facts';
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

function toError([bytesParsed, code, reason]: Failure): Error {
  return Object.assign(new Error('Parse Error'), { bytesParsed, code, reason });
}

export function httpParser({ require }: Realm): Loose {
  const { parserNew } = nativeBinding('http');
  const { Buffer } = require('buffer');
  const { getOptionValue } = require('internal/options');
  const { allMethods, constants, methods } = facts.httpParser();
  let stateOf: (parser: HTTPParser) => { startedAt: number; headersCompleted: boolean };

  class HTTPParser {
    [index: number]: Loose;
    // Made when there are bytes: a request of the platform has none (request_handle.ts).
    #native: NativeParser | null = null;
    #settings: [type: number, maxHead: number, lenient: number] = [0, 0, 0];
    #startedAt = 0;
    #connections: ConnectionsList | null = null;
    #bytes: Uint8Array | null = null; // that are being parsed
    readonly #following: Uint8Array[] = [];
    readonly #owner = {
      __proto__: null,
      [kOnHeaders]: (headers: unknown, url: unknown) => this[kOnHeaders]?.(headers, url),
      [kOnHeadersComplete]: (...head: unknown[]) => this[kOnHeadersComplete]?.(...head),
      [kOnBody]: (at: number, size: number) => {
        const bytes = this.#bytes as Uint8Array;
        this[kOnBody]?.(Buffer.from(bytes.buffer, bytes.byteOffset + at, size));
      },
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
      const most = maxHeaderSize > 0 ? maxHeaderSize : getOptionValue('--max-http-header-size');
      this.#settings = [type, most, lenientFlags];
      this.#startedAt = native.now();
      this.#native?.initialize(...this.#settings);
      this.#connections = connections ?? null;
      this.#connections?.add(this);
    }

    #made(): NativeParser {
      if (this.#native === null) {
        const made = parserNew() as NativeParser;
        made.initialize(...this.#settings);
        this.#native = made;
      }
      return this.#native;
    }

    execute(bytes: Uint8Array): number | Error {
      // From a callback: those come when the parser is done with what it has.
      if (this.#bytes !== null) {
        this.#following.push(new Uint8Array(bytes));
        return bytes.byteLength;
      }
      try {
        this.#bytes = bytes;
        const used = this.#made().execute(this.#owner, bytes);
        if (typeof used !== 'number') return toError(used);
        while (this.#following.length > 0) {
          this.#bytes = this.#following.shift() as Uint8Array;
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
      return Buffer.from(this.#bytes ?? []);
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
    readonly #parsers = new Set<HTTPParser>();

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
      return this.all().filter((parser) => stateOf(parser).startedAt === 0);
    }
    active(): HTTPParser[] {
      return this.all().filter((parser) => stateOf(parser).startedAt !== 0);
    }
    // Those whose head, or whose message, took longer than that.
    expired(headersTimeout: number, requestTimeout: number): HTTPParser[] {
      const now = native.now();
      return this.active().filter((parser) => {
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
