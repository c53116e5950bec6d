// TextEncoderStream and TextDecoderStream, Encoding Standard §7.
import { type DecoderSettings, toDecoderSettings } from '../encoding.ts';
import {
  StringPrototypeCharCodeAt,
  StringPrototypeSlice,
  TypeError,
  Uint8Array,
} from '../primordials.ts';
import { defineInterface, illegalReceiver, isBufferSource, isObject } from '../webidl.ts';
import { showFields } from './node_compat/inspected.ts';
import type { ReadableStream } from './streams/readable_stream.ts';
import type { Sides } from './streams/transform_stream.ts';
import type { WritableStream } from './streams/writable_stream.ts';

export class TextEncoderStream {
  readonly #sides: Sides;

  constructor() {
    let lead = ''; // a leading surrogate whose other half has to come
    this.#sides = lazy('streams').makeSides(
      (chunk, enqueue) => {
        let text = `${lead}${chunk}`;
        lead = '';
        const last = StringPrototypeCharCodeAt(text, text.length - 1);
        if (last >= 0xd800 && last <= 0xdbff) {
          lead = StringPrototypeSlice(text, -1);
          text = StringPrototypeSlice(text, 0, -1);
        }
        if (text !== '') enqueue(native.utf8Encode(text));
      },
      (enqueue) => {
        if (lead !== '') enqueue(native.utf8Encode(lead)); // as U+FFFD
      },
    );
  }

  get encoding(): string {
    if (!isObject(this) || !(#sides in this)) illegalReceiver('TextEncoderStream');
    return 'utf-8';
  }
  get readable(): ReadableStream {
    return this.#sides.readable;
  }
  get writable(): WritableStream {
    return this.#sides.writable;
  }
}
defineInterface(TextEncoderStream, 'TextEncoderStream');
showFields(TextEncoderStream, 'TextEncoderStream', (self: TextEncoderStream) => {
  const { encoding, readable, writable } = self;
  return { encoding, readable, writable };
});

export class TextDecoderStream {
  readonly #settings: DecoderSettings;
  readonly #sides: Sides;

  constructor(label: unknown = 'utf-8', options: unknown = undefined) {
    const settings = toDecoderSettings(label, options, 'TextDecoderStream');
    const decoder = native.decoderNew(settings.encoding, settings.fatal, settings.ignoreBOM);
    this.#settings = settings;
    this.#sides = lazy('streams').makeSides(
      (chunk, enqueue) => {
        if (!isBufferSource(chunk))
          throw new TypeError('TextDecoderStream: a chunk is not an ArrayBuffer or a view of one');
        const text = decoder.decode(chunk, true);
        if (text !== '') enqueue(text);
      },
      (enqueue) => {
        const text = decoder.decode(new Uint8Array(0), false);
        if (text !== '') enqueue(text);
      },
    );
  }

  get encoding(): string {
    if (!isObject(this) || !(#settings in this)) illegalReceiver('TextDecoderStream');
    return this.#settings.encoding;
  }
  get fatal(): boolean {
    return this.#settings.fatal;
  }
  get ignoreBOM(): boolean {
    return this.#settings.ignoreBOM;
  }
  get readable(): ReadableStream {
    return this.#sides.readable;
  }
  get writable(): WritableStream {
    return this.#sides.writable;
  }
}
defineInterface(TextDecoderStream, 'TextDecoderStream');
showFields(TextDecoderStream, 'TextDecoderStream', (self: TextDecoderStream) => {
  const { encoding, fatal, ignoreBOM, readable, writable } = self;
  return { encoding, fatal, ignoreBOM, readable, writable };
});
