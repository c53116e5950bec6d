// data: URLs, Fetch Standard §6.
import type { Bytes } from '../body.ts';
import { copyOfBytes, partOfBytes } from '../copies.ts';
import {
  RegExpPrototypeExec,
  StringFromCharCode,
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  Uint8Array,
} from '../primordials.ts';
import { parseMimeType, serializeMimeType } from './mime/mime_type.ts';

export interface DataUrl {
  readonly type: string;
  readonly bytes: Bytes;
}

const kScheme = 'data:';
const blank = /^[\t\n\f\r ]$/;
const base64 = /; *base64$/i;
const hexadecimal = /^[0-9A-Fa-f]{2}$/;

// §6 "data: URL processor" of a serialized URL without its fragment; null is failure.
export function readDataUrl(url: string): DataUrl | null {
  const comma = StringPrototypeIndexOf(url, ',');
  if (comma < 0) return null;
  let from = kScheme.length;
  let to = comma;
  while (from < to && RegExpPrototypeExec(blank, url[from] as string) !== null) from++;
  while (to > from && RegExpPrototypeExec(blank, url[to - 1] as string) !== null) to--;
  let type = StringPrototypeSlice(url, from, to);
  let bytes: Bytes | null = percentDecode(StringPrototypeSlice(url, comma + 1));
  const mark = RegExpPrototypeExec(base64, type);
  if (mark !== null) {
    type = StringPrototypeSlice(type, 0, mark.index);
    bytes = base64Decode(bytes);
    if (bytes === null) return null;
  }
  if (type[0] === ';') type = `text/plain${type}`;
  const parsed = parseMimeType(type);
  return {
    type: parsed === null ? 'text/plain;charset=US-ASCII' : serializeMimeType(parsed),
    bytes,
  };
}

// URL Standard §1.3; a serialized URL is ASCII.
function percentDecode(text: string): Bytes {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let byte = StringPrototypeCharCodeAt(text, i);
    if (byte === 0x25) {
      const digits = StringPrototypeSlice(text, i + 1, i + 3);
      if (RegExpPrototypeExec(hexadecimal, digits) !== null) {
        byte = +`0x${digits}`;
        i += 2;
      }
    }
    bytes[length++] = byte;
  }
  return copyOfBytes(partOfBytes(bytes, 0, length));
}

function base64Decode(bytes: Bytes): Bytes | null {
  let encoded = '';
  for (let i = 0; i < bytes.length; i++) encoded += StringFromCharCode(bytes[i] as number);
  const text = native.atob(encoded);
  if (text === null) return null;
  const decoded = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) decoded[i] = StringPrototypeCharCodeAt(text, i);
  return decoded;
}
