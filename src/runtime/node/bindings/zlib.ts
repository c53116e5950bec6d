// The binding `zlib`: handles over native codecs (ops/node/zlib_binding.h). What Node
// does on another thread is done at once here, and told in a later tick.
import * as facts from 'node-facts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { nativeBinding } from '../native_binding.ts';

interface Codec {
  write(
    flush: number,
    inOffset: number,
    inSize: number,
    outOffset: number,
    outSize: number,
    input: ArrayBufferView | null,
    output: ArrayBufferView,
  ): Failure | null;
  params(level: number, strategy: number): Failure | null;
  reset(): Failure | null;
  close(): void;
}
type Failure = readonly [message: string, number: number, code: string];

const noCodec: Codec = {
  write() {
    throw new TypeError('write: the stream was not initialized');
  },
  params: () => null,
  reset: () => null,
  close() {},
};

// No parameter of a library has a higher number.
const mostParameters = 1024;

function toParameters(given: Uint32Array): number[] {
  const parameters: number[] = [];
  for (let i = 0; i < given.length && i < mostParameters; i++)
    parameters[i] = (given[i] as number) >>> 0;
  return parameters;
}

// Zstd's errors have their numbers as names in the constants.
function nameOfZstdError(number: number): string {
  const constants = facts.constants().zlib ?? {};
  for (const name of Object.keys(constants))
    if (name.startsWith('ZSTD_error_') && constants[name] === number) return name;
  return 'ZSTD_error_GENERIC';
}

export function zlib({ process }: Realm): object {
  const { brotliNew, crc32, zlibNew, zstdDecoderNew, zstdEncoderNew } = nativeBinding('zlib');
  const { nextTick } = process;
  const { scratch } = native;

  function create(make: (...args: Loose[]) => Codec, ...args: unknown[]): Codec {
    try {
      return make(...args);
    } catch (cause) {
      const error: Loose = new Error((cause as Error).message);
      error.code = 'ERR_ZLIB_INITIALIZATION_FAILED';
      throw error;
    }
  }

  class Handle {
    #codec = noCodec;
    #state: Uint32Array = new Uint32Array(2);
    #written: () => void = () => {};
    declare onerror: (message: string, number: number, code: string) => void;

    protected start(codec: Codec, state: Uint32Array, written: () => void): void {
      this.#codec.close();
      this.#codec = codec;
      this.#state = state;
      this.#written = written;
    }

    // What is to be told of a write, once it is due; whether it went well.
    #run(args: Loose[]): () => boolean {
      const [flush, input, inOffset, inSize, output, outOffset, outSize] = args;
      const failure = this.#codec.write(
        flush | 0,
        inOffset >>> 0,
        inSize >>> 0,
        outOffset >>> 0,
        outSize >>> 0,
        input ?? null,
        output,
      );
      const outLeft = scratch[0] as number;
      const inLeft = scratch[1] as number;
      return () => {
        if (failure !== null) {
          this.#fail(failure);
          return false;
        }
        this.#state[0] = outLeft;
        this.#state[1] = inLeft;
        return true;
      };
    }

    #fail([message, number, code]: Failure): void {
      this.onerror(message, number, code === '' ? nameOfZstdError(number) : code);
    }

    writeSync(...args: unknown[]): void {
      this.#run(args)();
    }
    write(...args: unknown[]): void {
      const tell = this.#run(args);
      nextTick(() => {
        if (tell()) Reflect.apply(this.#written, this, []);
      });
    }
    params(level?: unknown, strategy?: unknown): void {
      const failure = this.#codec.params((level as number) | 0, (strategy as number) | 0);
      if (failure !== null) this.#fail(failure);
    }
    reset(): void {
      const failure = this.#codec.reset();
      if (failure !== null) this.#fail(failure);
    }
    close(): void {
      this.#codec.close();
    }
  }

  class Zlib extends Handle {
    readonly #mode: number;
    constructor(mode: number) {
      super();
      this.#mode = mode;
    }
    init(
      windowBits: number,
      level: number,
      memoryLevel: number,
      strategy: number,
      state: Uint32Array,
      written: () => void,
      dictionary?: ArrayBufferView,
      rejectGarbage?: boolean,
    ): void {
      const settings = [this.#mode, windowBits, level, memoryLevel, strategy];
      this.start(create(zlibNew, ...settings, rejectGarbage === true, dictionary), state, written);
    }
  }

  function brotliClass(encoder: boolean): Loose {
    return class extends Handle {
      init(
        parameters: Uint32Array,
        state: Uint32Array,
        written: () => void,
        dictionary?: ArrayBufferView,
      ): void {
        const codec = create(brotliNew, encoder, toParameters(parameters), dictionary);
        this.start(codec, state, written);
      }
    };
  }

  class ZstdCompress extends Handle {
    init(
      parameters: Uint32Array,
      pledgedSize: number | undefined,
      state: Uint32Array,
      written: () => void,
      dictionary?: ArrayBufferView,
    ): void {
      if (pledgedSize !== undefined && pledgedSize < 0) {
        const error: Loose = new RangeError('pledgedSrcSize must be non-negative');
        error.code = 'ERR_OUT_OF_RANGE';
        throw error;
      }
      const codec = create(zstdEncoderNew, toParameters(parameters), pledgedSize, dictionary);
      this.start(codec, state, written);
    }
  }

  class ZstdDecompress extends Handle {
    init(
      parameters: Uint32Array,
      _pledgedSize: unknown,
      state: Uint32Array,
      written: () => void,
      dictionary?: ArrayBufferView,
      rejectGarbage?: boolean,
    ): void {
      const list = toParameters(parameters);
      const codec = create(zstdDecoderNew, list, rejectGarbage === true, dictionary);
      this.start(codec, state, written);
    }
  }

  const named = (made: Loose, name: string) => Object.defineProperty(made, 'name', { value: name });
  return {
    BrotliDecoder: named(brotliClass(false), 'BrotliDecoder'),
    BrotliEncoder: named(brotliClass(true), 'BrotliEncoder'),
    Zlib,
    ZstdCompress,
    ZstdDecompress,
    ZLIB_VERSION: process.versions.zlib,
    crc32: (data: unknown, value: number) => crc32(value >>> 0, data),
  };
}
