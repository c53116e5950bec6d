// crypto.DigestStream: a writable stream whose bytes are digested. Source: Workers
// documentation, Web Crypto, "DigestStream".
import {
  PromisePrototypeThen,
  PromiseWithResolvers,
  TypedArrayPrototypeGetByteLength,
  TypeError,
} from '../primordials.ts';
import { bytesOf, defineInterface, isBufferSource, requireArguments } from '../webidl.ts';
import { digestName } from './subtle/digests.ts';

export class DigestStream extends lazy('streams').WritableStream {
  readonly #digest: Promise<ArrayBuffer>;
  #bytesWritten = 0;

  constructor(algorithm: unknown) {
    requireArguments(arguments.length, 1, 'DigestStream');
    const context = lazy('crypto').binding().digestNew(digestName(algorithm));
    const { promise, resolve, reject } = PromiseWithResolvers<ArrayBuffer>();
    let count: (size: number) => void;
    super({
      __proto__: null,
      write(chunk: unknown) {
        try {
          const bytes = toBytes(chunk);
          context.update(bytes);
          count(TypedArrayPrototypeGetByteLength(bytes));
        } catch (error) {
          reject(error); // nobody aborts a stream that has failed
          throw error;
        }
      },
      close: () => resolve(context.finish()),
      abort: (reason: unknown) => reject(reason),
    });
    count = (size) => {
      this.#bytesWritten += size;
    };
    PromisePrototypeThen(promise, undefined, () => {}); // who aborts knows of it
    this.#digest = promise;
  }

  get digest(): Promise<ArrayBuffer> {
    return this.#digest;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }
}
defineInterface(DigestStream, 'DigestStream');

function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return native.utf8Encode(chunk);
  if (isBufferSource(chunk)) return bytesOf(chunk);
  throw new TypeError('DigestStream: a chunk is neither bytes nor text');
}
