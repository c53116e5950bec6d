// Modules of Node's library that hold classes of the web platform: here they are
// the platform's own. Those of lazy modules are loaded when they are looked at.
import { brands } from '../../web/brands.ts';
import { innerThen } from '../../web/inner_promises.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { platformClasses } from '../platform_classes.ts';

// Members that are those of the lazy module `name`.
function members(
  name: 'compression_streams' | 'encoding_streams' | 'forms' | 'streams',
  keys: readonly string[],
): Loose {
  const made: Loose = {};
  for (const key of keys)
    Object.defineProperty(made, key, {
      get: () => (lazy(name) as Loose)[key],
      configurable: true,
      enumerable: true,
    });
  return made;
}

function notBuilt(name: string): Loose {
  return class {
    constructor() {
      throw new TypeError(`${name} is not built in Caravel yet`);
    }
  };
}

// Nothing is registered under such a URL in a Worker.
function resolveObjectURL(_id: unknown): undefined {
  return undefined;
}

export function blob({ require }: Realm): Loose {
  const module = members('forms', ['Blob']);
  return Object.defineProperties(module, {
    isBlob: { value: (value: unknown) => brands.blob(value), enumerable: true },
    resolveObjectURL: { value: resolveObjectURL, enumerable: true },
    // What the file has at this time; for none the error that Node has.
    createBlobFromFilePath: {
      value(path: unknown, options: Loose) {
        const { codes } = require('internal/errors');
        const { existsSync, readFileSync } = require('fs');
        if (!existsSync(path))
          throw new codes.ERR_INVALID_ARG_VALUE('path', path, 'Unable to open file as blob');
        return new module.Blob([readFileSync(path)], options);
      },
      enumerable: true,
    },
    createBlob: { value: notBuilt('createBlob'), enumerable: true },
    kHandle: { value: Symbol('kHandle'), enumerable: true },
    kType: { value: Symbol('kType'), enumerable: true },
  });
}

export function file(): Loose {
  return members('forms', ['File']);
}

export function encoding(): Loose {
  return {
    TextDecoder: platformClasses.TextDecoder,
    TextEncoder: platformClasses.TextEncoder,
    getEncodingFromLabel: (label: string) => native.decoderLabel(label) ?? undefined,
    getUtf8Decoder: () => new platformClasses.TextDecoder(),
  };
}

export function encodingStreams(): Loose {
  return members('encoding_streams', ['TextDecoderStream', 'TextEncoderStream']);
}

export function compressionStreams(): Loose {
  return members('compression_streams', ['CompressionStream', 'DecompressionStream']);
}

export function queuingStrategies(): Loose {
  return members('streams', ['ByteLengthQueuingStrategy', 'CountQueuingStrategy']);
}

export function readableStream(): Loose {
  const module = members('streams', [
    'ReadableByteStreamController',
    'ReadableStream',
    'ReadableStreamBYOBReader',
    'ReadableStreamBYOBRequest',
    'ReadableStreamDefaultController',
    'ReadableStreamDefaultReader',
  ]);
  module.isReadableStream = (value: unknown) => brands.readableStream(value);
  module.readableStreamCancel = (stream: Loose, reason: unknown) =>
    lazy('streams').cancelReadable(stream, reason);
  // How a read went is told to the request by these three.
  module.kChunk = Symbol('kChunk');
  module.kClose = Symbol('kClose');
  module.kError = Symbol('kError');
  module.readableStreamDefaultReaderRead = (reader: Loose, request: Loose) => {
    void innerThen(
      lazy('streams').readByReader(reader),
      ({ done, value }) => (done ? request[module.kClose]() : request[module.kChunk](value)),
      (error) => request[module.kError](error),
    );
  };
  return module;
}

export function writableStream(): Loose {
  const module = members('streams', [
    'WritableStream',
    'WritableStreamDefaultController',
    'WritableStreamDefaultWriter',
  ]);
  module.isWritableStream = (value: unknown) => lazy('streams').isWritable(value);
  // `request` is told how the write went.
  module.writableStreamDefaultWriterWriteWithRequest = (
    writer: Loose,
    chunk: unknown,
    request: Loose,
  ) => {
    void innerThen(
      lazy('streams').writeByWriter(writer, chunk),
      () => request.resolve?.(),
      (error) => request.reject?.(error),
    );
  };
  return module;
}

export function transformStream(): Loose {
  return members('streams', ['TransformStream', 'TransformStreamDefaultController']);
}
