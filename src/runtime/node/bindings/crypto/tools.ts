// What the parts of the binding `crypto` share.
import * as facts from 'node-facts';
import type { Realm } from '../../binding.ts';
import type { Loose } from '../../loose.ts';
import { nativeBinding } from '../../native_binding.ts';

export type Bytes = ArrayBuffer | ArrayBufferView;

const { kCryptoJobSync = 1 } = facts.crypto().constants;

export class Tools {
  readonly native: Loose = nativeBinding('crypto');
  readonly #realm: Realm;
  readonly #from: (value: unknown, encoding?: unknown) => Uint8Array;
  /** Set by keys(): the bytes of a secret, given as they are or as a handle. */
  secretOf: (key: Loose) => Bytes = (key) => key;

  constructor(realm: Realm) {
    this.#realm = realm;
    this.#from = realm.require('buffer').Buffer.from;
  }

  get primordials(): Loose {
    return this.#realm.primordials;
  }

  isShared(value: unknown): boolean {
    return this.#realm.require('internal/util/types').isSharedArrayBuffer(value);
  }

  /** Whether it is an ArrayBuffer, shared or not, or a view of one. */
  isMemory(value: unknown): boolean {
    const { isAnyArrayBuffer, isArrayBufferView } = this.#realm.require('internal/util/types');
    return isAnyArrayBuffer(value) || isArrayBufferView(value);
  }

  /** A module of Node's library, for what is used after it has loaded. */
  require(id: string): Loose {
    return this.#realm.require(id);
  }

  /** A Buffer over the memory, or of the text's bytes. */
  toBuffer(value: unknown, encoding?: unknown): Loose {
    return this.#from(value, encoding === 'buffer' ? 'utf8' : encoding);
  }

  /** Data as update() gets them. */
  toBytes(data: unknown, encoding?: unknown): Bytes {
    return typeof data === 'string' ? this.toBuffer(data, encoding) : (data as Bytes);
  }

  /** The bytes as native functions take them, which is not as shared memory: a copy. */
  unshared(bytes: Loose): Bytes {
    const { primordials, require } = this.#realm;
    const { isArrayBufferView } = require('internal/util/types');
    const memory = isArrayBufferView(bytes) ? bytes.buffer : bytes;
    if (!this.isShared(memory)) return bytes;
    const { Uint8Array } = primordials;
    return new Uint8Array(new Uint8Array(memory, bytes.byteOffset ?? 0, bytes.byteLength));
  }

  /** What a method answers that is asked for an encoding: a text, or else a Buffer. */
  encoded(bytes: ArrayBuffer, encoding?: unknown): Loose {
    const buffer = this.toBuffer(bytes);
    return encoding === undefined || encoding === 'buffer' || !encoding
      ? buffer
      : buffer.toString(encoding);
  }

  /** One of the errors that Node has a class for. */
  error(code: string, ...args: unknown[]): Error {
    return new (this.#realm.require('internal/errors').codes[code])(...args);
  }

  /** An error as Node's native code makes it: the code is a property alone. */
  coded(Class: new (message: string) => Error, code: string, message: string): Error {
    return Object.assign(new Class(message), { code });
  }

  /** A class of Node's jobs. What Node does on another thread is done at once, and told
   * in a later tick. `check` is for what the constructor throws itself. */
  job(name: string, compute: (...args: Loose[]) => unknown, check?: (...args: Loose[]) => void) {
    const { nextTick } = this.#realm.process;
    class Job {
      readonly #mode: number;
      readonly #args: Loose[];
      declare ondone: (error: unknown, result?: unknown) => void;
      constructor(mode: number, ...args: Loose[]) {
        this.#mode = mode;
        this.#args = args;
        check?.(...args);
      }
      run(): unknown {
        let error: unknown;
        let result: unknown;
        try {
          result = compute(...this.#args);
        } catch (cause) {
          error = cause;
        }
        if (this.#mode === kCryptoJobSync) return [error, result];
        nextTick(() => this.ondone(error, result));
      }
    }
    Object.defineProperty(Job, 'name', { value: name });
    return Job;
  }
}
