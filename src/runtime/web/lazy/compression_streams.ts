// CompressionStream and DecompressionStream, Compression Standard §5 and §6. The
// format "zstd" is not in the standard, which has a pull request for it.
import type { NativeCoding } from '../native.ts';
import { ArrayBufferIsView, ObjectFreeze, TypeError, Uint8Array } from '../primordials.ts';
import { defineInterface, isArrayBuffer, requireArguments, viewOf } from '../webidl.ts';
import type { ReadableStream } from './streams/readable_stream.ts';
import type { Sides } from './streams/transform_stream.ts';
import type { WritableStream } from './streams/writable_stream.ts';

const codings: Readonly<Record<string, NativeCoding>> = ObjectFreeze({
  __proto__: null,
  brotli: 'br',
  deflate: 'deflate',
  'deflate-raw': 'deflate-raw',
  gzip: 'gzip',
  zstd: 'zstd',
} as unknown as Record<string, NativeCoding>);

function toCoding(format: unknown, what: string): NativeCoding {
  const name = `${format}`;
  // To look a text up copies all of it.
  const short = name.length <= 32;
  const coding = short ? codings[name] : undefined;
  if (coding === undefined)
    throw new TypeError(
      `${what}: ${short ? `"${name}"` : `a text of ${name.length} characters`} is not a format; there are brotli, deflate, deflate-raw, gzip, zstd`,
    );
  return coding;
}

// BufferSource: shared memory is none.
function toBufferSource(chunk: unknown, what: string): ArrayBuffer | ArrayBufferView {
  if (ArrayBufferIsView(chunk) ? isArrayBuffer(viewOf(chunk).buffer) : isArrayBuffer(chunk))
    return chunk as ArrayBuffer | ArrayBufferView;
  throw new TypeError(`${what}: a chunk is not an ArrayBuffer or a view of one`);
}

type Enqueue = (chunk: unknown) => void;

function drain(coder: { pull(): ArrayBuffer | null }, enqueue: Enqueue): void {
  for (;;) {
    const piece = coder.pull();
    if (piece === null) return;
    enqueue(new Uint8Array(piece));
  }
}

export class CompressionStream {
  readonly #sides: Sides;

  constructor(format: unknown) {
    requireArguments(arguments.length, 1, 'CompressionStream');
    const compressor = native.compressorNew(toCoding(format, 'CompressionStream'));
    this.#sides = lazy('streams').makeSides(
      (chunk, enqueue) => {
        compressor.push(toBufferSource(chunk, 'CompressionStream'));
        drain(compressor, enqueue);
      },
      (enqueue) => {
        compressor.finish();
        drain(compressor, enqueue);
      },
      () => compressor.close(),
    );
  }

  get readable(): ReadableStream {
    return this.#sides.readable;
  }
  get writable(): WritableStream {
    return this.#sides.writable;
  }
}
defineInterface(CompressionStream, 'CompressionStream');

export class DecompressionStream {
  readonly #sides: Sides;

  constructor(format: unknown) {
    requireArguments(arguments.length, 1, 'DecompressionStream');
    const coding = toCoding(format, 'DecompressionStream');
    const decompressor = native.decompressorNew(coding, true);
    this.#sides = lazy('streams').makeSides(
      (chunk, enqueue) => {
        decompressor.push(toBufferSource(chunk, 'DecompressionStream'));
        drain(decompressor, enqueue);
      },
      () => decompressor.finish(),
      () => decompressor.close(),
    );
  }

  get readable(): ReadableStream {
    return this.#sides.readable;
  }
  get writable(): WritableStream {
    return this.#sides.writable;
  }
}
defineInterface(DecompressionStream, 'DecompressionStream');
