// Bindings of bytes and text: buffer, string_decoder, encoding_binding, icu.
import * as facts from 'node-facts';
import { partOfBytes } from '../../web/copies.ts';
import {
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  Uint8Array,
} from '../../web/primordials.ts';
import { bytesOf } from '../../web/webidl.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { nativeBinding } from '../native_binding.ts';
import { hostOf } from './url.ts';

export function buffer(): object {
  return {
    ...nativeBinding('buffer'),
    ...facts.buffer(),
    atob: (text: string) => native.atob(text) ?? -1,
    btoa: (text: string) => (/[^\0-\xff]/.test(text) ? -1 : native.btoa(text)),
  };
}

type Bytes = Uint8Array<ArrayBuffer>;
const sizeOf = TypedArrayPrototypeGetByteLength;

const kIllegalArgument = 1; // U_ILLEGAL_ARGUMENT_ERROR
// The last character that an encoding of single bytes has; others become "?".
const lastOf: Readonly<Record<string, number>> = {
  __proto__: null as never,
  ascii: 0x7f,
  latin1: 0xff,
};

// buffer.transcode(): the bytes in the other encoding, or the number of an error of ICU.
export function transcode({ require }: Realm) {
  const isKnown = (encoding: unknown) =>
    encoding === 'utf8' || encoding === 'utf16le' || lastOf[encoding as string] !== undefined;
  return (source: Uint8Array, from: string, to: string): unknown => {
    if (!isKnown(from) || !isKnown(to)) return kIllegalArgument;
    const { Buffer } = require('buffer');
    const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
    let text = bytes.toString(from === 'ascii' ? 'latin1' : from);
    if (to === 'utf16le' && from === to && source.length % 2 === 1) text += '\ufffd';
    else if (to !== 'utf16le' && from === 'ascii') text = text.replaceAll(/[\x80-\xff]/g, '\ufffd');
    const last = lastOf[to];
    if (last === undefined) return Buffer.from(text, to);
    let out = '';
    for (const character of text)
      out += (character.codePointAt(0) as number) > last ? '?' : character;
    return Buffer.from(out, 'latin1');
  };
}

// The state of a StringDecoder is a buffer: the bytes of a character that was cut
// short, how many are missing, how many there are, the encoding.
const kMissingBytes = facts.stringDecoder().kMissingBytes as number;
const kBufferedBytes = facts.stringDecoder().kBufferedBytes as number;
const kEncodingField = facts.stringDecoder().kEncodingField as number;
const kStart = facts.stringDecoder().kIncompleteCharactersStart as number;
const { encodings } = facts.stringDecoder();

// How many bytes the character takes that begins with `lead`; 1 for none. What no
// character begins with counts too, as far as its bits look like it.
function utf8Length(lead: number): number {
  if ((lead & 0xe0) === 0xc0) return 2;
  if ((lead & 0xf0) === 0xe0) return 3;
  if ((lead & 0xf8) === 0xf0) return 4;
  return 1;
}

// The bytes at the end that begin a character and lack the rest, and how many lack.
function utf8Tail(bytes: Uint8Array): { kept: number; missing: number } {
  const none = { kept: 0, missing: 0 };
  const size = sizeOf(bytes);
  for (let back = 1; back <= 3 && back <= size; back++) {
    const lead = bytes[size - back] as number;
    if ((lead & 0xc0) === 0x80) continue;
    const length = utf8Length(lead);
    return length <= back ? none : { kept: back, missing: length - back };
  }
  return none;
}

// After a first half of a surrogate pair, which was kept, a single byte is kept too.
function utf16Tail(bytes: Uint8Array, before: number): { kept: number; missing: number } {
  const length = sizeOf(bytes);
  if (before >= 2 && length === 3) return { kept: 3, missing: 1 };
  if (length % 2 === 1) return { kept: 1, missing: 1 };
  const high = length >= 2 && ((bytes[length - 1] as number) & 0xfc) === 0xd8;
  return high ? { kept: 2, missing: 2 } : { kept: 0, missing: 0 };
}

function base64Tail(bytes: Uint8Array): { kept: number; missing: number } {
  const kept = sizeOf(bytes) % 3;
  return { kept, missing: kept === 0 ? 0 : 3 - kept };
}

export function stringDecoder(): object {
  const slices = nativeBinding('buffer');
  const ways: Loose = {
    ascii: { slice: slices.asciiSlice },
    latin1: { slice: slices.latin1Slice },
    hex: { slice: slices.hexSlice },
    utf8: { slice: slices.utf8Slice, tail: utf8Tail },
    utf16le: { slice: slices.ucs2Slice, tail: utf16Tail },
    base64: { slice: slices.base64Slice, tail: base64Tail },
    base64url: { slice: slices.base64urlSlice, tail: base64Tail },
  };
  ways.buffer = ways.utf8;

  // What was kept goes in front of what came.
  function joined(state: Bytes, piece: Bytes): Bytes {
    const kept = state[kBufferedBytes] as number;
    if (kept === 0) return piece;
    const all = new Uint8Array(kept + sizeOf(piece));
    TypedArrayPrototypeSet(all, partOfBytes(state, kStart, kStart + kept));
    TypedArrayPrototypeSet(all, piece, kept);
    return all;
  }

  // The last `kept` of the bytes.
  function keep(state: Bytes, bytes: Bytes, kept: number, missing: number): void {
    const size = sizeOf(bytes);
    for (let i = 0; i < kept; i++) state[kStart + i] = bytes[size - kept + i] as number;
    state[kBufferedBytes] = kept;
    state[kMissingBytes] = missing;
  }

  return {
    ...facts.stringDecoder(),
    decode(state: Bytes, view: ArrayBufferView): string {
      const way = ways[encodings[state[kEncodingField] as number] as string];
      const before = state[kBufferedBytes] as number;
      const bytes = joined(state, bytesOf(view));
      const { kept, missing } = way.tail?.(bytes, before) ?? { kept: 0, missing: 0 };
      keep(state, bytes, kept, missing);
      return way.slice(bytes, 0, sizeOf(bytes) - kept);
    },
    flush(state: Bytes): string {
      const way = ways[encodings[state[kEncodingField] as number] as string];
      let kept = state[kBufferedBytes] as number;
      // Half a code unit is no text.
      if (way === ways.utf16le && kept % 2 === 1) kept -= 1;
      const text = way.slice(state, kStart, kStart + kept);
      keep(state, state, 0, 0);
      return text;
    },
  };
}

export function encodingBinding(): object {
  return {
    toASCII: hostOf,
    encodeUtf8String: (text: string) => native.utf8Encode(text),
    decodeUTF8: (bytes: ArrayBufferView, ignoreBOM: boolean, fatal: boolean) =>
      native.utf8Decode(bytes, fatal, ignoreBOM),
  };
}
