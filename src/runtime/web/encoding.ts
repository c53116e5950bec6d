// TextEncoder and TextDecoder, Encoding Standard §7; atob and btoa, HTML §8.3.
import { DOMException } from './dom_exception.ts';
import type { NativeDecoder } from './native.ts';
import {
  RangeError,
  RegExpPrototypeExec,
  TypedArrayPrototypeGetToStringTag,
  TypeError,
  Uint8Array,
} from './primordials.ts';
import {
  defineInterface,
  isBufferSource,
  requireArguments,
  toDictionary,
  viewOfShared,
  withCode,
} from './webidl.ts';

export class TextEncoder {
  readonly #brand = true;

  get encoding(): string {
    if (!(#brand in this)) throw new TypeError('The receiver is not a TextEncoder');
    return 'utf-8';
  }

  encode(input: unknown = ''): Uint8Array<ArrayBuffer> {
    if (!(#brand in this)) throw new TypeError('The receiver is not a TextEncoder');
    return native.utf8Encode(typeof input === 'string' ? input : `${input}`);
  }

  encodeInto(source: unknown, destination: unknown): { read: number; written: number } {
    if (!(#brand in this)) throw new TypeError('The receiver is not a TextEncoder');
    requireArguments(arguments.length, 2, 'TextEncoder.encodeInto');
    // The op makes a USVString of it.
    const text = typeof source === 'string' ? source : `${source}`;
    if (TypedArrayPrototypeGetToStringTag(destination) !== 'Uint8Array')
      throw new TypeError('TextEncoder.encodeInto: parameter 2 is not a Uint8Array');
    native.utf8EncodeInto(text, destination as Uint8Array);
    return { read: native.scratch[0] as number, written: native.scratch[1] as number };
  }
}
defineInterface(TextEncoder, 'TextEncoder');

export interface DecoderSettings {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
}

const kLongestLabel = 1024; // as in ops/encoding_ops.cc: no longer one is looked up

// Throws a RangeError for a label that is none.
export function toDecoderSettings(given: unknown, options: unknown, what: string): DecoderSettings {
  const label = `${given}`;
  const encoding = native.decoderLabel(label);
  if (encoding === null || encoding === 'replacement') {
    const shown = label.length > kLongestLabel ? `one of ${label.length} characters` : `"${label}"`;
    throw withCode(
      new RangeError(`${what}: ${shown} is not the label of an encoding`),
      'ERR_ENCODING_NOT_SUPPORTED',
    );
  }
  const { fatal, ignoreBOM } = toDictionary<{ fatal: unknown; ignoreBOM: unknown }>(options, what);
  return { encoding, fatal: !!fatal, ignoreBOM: !!ignoreBOM };
}

export class TextDecoder {
  readonly #settings: DecoderSettings;
  // Bytes of an unfinished character; null between streams, and for UTF-8 that
  // was never streamed, which needs none.
  #pending: NativeDecoder | null = null;

  constructor(label: unknown = 'utf-8', options: unknown = undefined) {
    this.#settings = toDecoderSettings(label, options, 'TextDecoder');
  }

  get encoding(): string {
    return this.#settings.encoding;
  }
  get fatal(): boolean {
    return this.#settings.fatal;
  }
  get ignoreBOM(): boolean {
    return this.#settings.ignoreBOM;
  }

  decode(input: unknown = undefined, options: unknown = undefined): string {
    const given = input === undefined ? new Uint8Array(0) : input;
    const bytes = isBufferSource(given) ? given : viewOfShared(given);
    if (!isBufferSource(bytes))
      throw withCode(
        new TypeError('TextDecoder.decode: parameter 1 is not an ArrayBuffer or a view of one'),
        'ERR_INVALID_ARG_TYPE',
      );
    const stream = !!toDictionary<{ stream: unknown }>(options, 'TextDecoder.decode').stream;
    let decoder = this.#pending;
    const { encoding, fatal, ignoreBOM } = this.#settings;
    if (decoder === null && !stream && encoding === 'utf-8')
      return native.utf8Decode(bytes, fatal, ignoreBOM);
    this.#pending = null; // also when decode() throws
    if (decoder === null) decoder = native.decoderNew(encoding, fatal, ignoreBOM);
    const text = decoder.decode(bytes, stream);
    if (stream) this.#pending = decoder;
    return text;
  }
}
defineInterface(TextDecoder, 'TextDecoder');

const beyondLatin1 = /[^\0-\xff]/;

export const base64Functions = {
  atob(data: unknown): string {
    requireArguments(arguments.length, 1, 'atob');
    const text = native.atob(`${data}`);
    if (text === null)
      throw new DOMException('atob: the text is not valid base64', 'InvalidCharacterError');
    return text;
  },
  btoa(data: unknown): string {
    requireArguments(arguments.length, 1, 'btoa');
    const text = `${data}`;
    if (RegExpPrototypeExec(beyondLatin1, text) !== null)
      throw new DOMException(
        'btoa: the text has a character above U+00FF',
        'InvalidCharacterError',
      );
    return native.btoa(text);
  },
};
