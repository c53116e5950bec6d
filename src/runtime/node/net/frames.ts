// Frames of WebSockets (RFC 6455, §5) on the side of a client: the platform has
// messages, a server of node:http reads and writes bytes.
import { concat } from '../../web/body.ts';
import { copyOfBytes, partOfBytes } from '../../web/copies.ts';
import {
  Error,
  MathFloor,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  Uint8Array,
} from '../../web/primordials.ts';
import type { Bytes } from './stream_handle.ts';

const kContinuation = 0;
const kText = 1;
const kBinary = 2;
const kClose = 8;
const kPing = 9;
const kPong = 10;
const kMostOfControl = 125;

const kLongest = 2 ** 53 - 1; // that anything here can be

const kNoCode = 1005;
const kProtocolError = 1002;
const kNotUtf8 = 1007;

const sizeOf = TypedArrayPrototypeGetByteLength;

// A number in `size` bytes from `at` on, in the order of the network.
function write(bytes: Bytes, at: number, size: number, value: number): void {
  for (let i = at + size - 1, rest = value; i >= at; i--) {
    bytes[i] = rest % 256;
    rest = MathFloor(rest / 256);
  }
}

// The same, read; one of eight bytes may be beyond the safe integers.
function read(bytes: Bytes, at: number, size: number): number {
  let value = 0;
  for (let i = at; i < at + size; i++) value = value * 256 + (bytes[i] as number);
  return value;
}

// A client has to mask what it sends, and may do so with zeros.
function frame(opcode: number, payload: Bytes): Bytes {
  const size = sizeOf(payload);
  const extended = size <= kMostOfControl ? 0 : size <= 0xffff ? 2 : 8;
  const start = 2 + extended + 4;
  const bytes: Bytes = new Uint8Array(start + size);
  bytes[0] = 0x80 | opcode;
  bytes[1] = 0x80 | (extended === 0 ? size : extended === 2 ? 126 : 127);
  write(bytes, 2, extended, size);
  TypedArrayPrototypeSet(bytes, payload, start);
  return bytes;
}

export function messageFrame(data: string | ArrayBuffer): Bytes {
  return typeof data === 'string'
    ? frame(kText, native.utf8Encode(data))
    : frame(kBinary, new Uint8Array(data));
}

export function pongFrame(payload: Bytes): Bytes {
  return frame(kPong, payload);
}

export function closeFrame(code: number, reason: string): Bytes {
  if (code === kNoCode) return frame(kClose, new Uint8Array(0));
  const text = native.utf8Encode(reason);
  const payload: Bytes = new Uint8Array(2 + sizeOf(text));
  write(payload, 0, 2, code);
  TypedArrayPrototypeSet(payload, text, 2);
  return frame(kClose, payload);
}

export interface FrameListener {
  message(data: string | Bytes): void;
  ping(payload: Bytes): void;
  // `code` is 1005 where there is none.
  close(code: number, reason: string): void;
}

// What a server wrote against the protocol, with the code to close with.
export class FrameError extends Error {
  readonly closeCode: number;

  constructor(message: string, closeCode = kProtocolError) {
    super(message);
    this.closeCode = closeCode;
  }
}

function textOf(bytes: Bytes): string {
  try {
    return native.utf8Decode(bytes, true, true);
  } catch {
    throw new FrameError('a text that is no UTF-8', kNotUtf8);
  }
}

// Reads what a server writes.
export class FrameReader {
  readonly #listener: FrameListener;
  #pieces: Bytes[] = []; // that were not read
  #size = 0; // of all of them
  #needed = 2; // bytes before more can be told of the next frame
  #opcode = kContinuation; // of the message whose parts are here
  #parts: Bytes[] = [];

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  // `bytes` stay as they are. Throws a FrameError.
  push(bytes: Bytes): void {
    if (sizeOf(bytes) === 0) return;
    this.#pieces[this.#pieces.length] = bytes;
    this.#size += sizeOf(bytes);
    while (this.#size >= this.#needed && this.#readHead());
  }

  // False: more is needed.
  #readHead(): boolean {
    const all = concat(this.#pieces);
    this.#pieces = [all];
    const first = all[0] as number;
    const second = all[1] as number;
    if ((first & 0x70) !== 0) throw new FrameError('a frame of an extension that was not agreed');
    if ((second & 0x80) !== 0) throw new FrameError('a masked frame, as clients send them');
    const short = second & 0x7f;
    if ((first & kClose) !== 0 && ((first & 0x80) === 0 || short > kMostOfControl))
      throw new FrameError('a control frame that is too long or in parts');
    const start = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (this.#size < start) {
      this.#needed = start;
      return false;
    }
    const length = start === 2 ? short : read(all, 2, start - 2);
    if (length > kLongest) throw new FrameError('a frame that is too long');
    const end = start + length;
    if (this.#size < end) {
      this.#needed = end;
      return false;
    }
    this.#size -= end;
    this.#pieces = this.#size === 0 ? [] : [partOfBytes(all, end, end + this.#size)];
    this.#needed = 2;
    const payload = copyOfBytes(partOfBytes(all, start, end));
    this.#readFrame((first & 0x80) !== 0, first & 0x0f, payload);
    return true;
  }

  #readFrame(isLast: boolean, opcode: number, payload: Bytes): void {
    if (opcode >= kClose) {
      this.#readControl(opcode, payload);
      return;
    }
    if (opcode > kBinary) throw new FrameError(`a frame of the unknown kind ${opcode}`);
    const goesOn = this.#parts.length > 0;
    if (goesOn !== (opcode === kContinuation))
      throw new FrameError('frames of two messages among each other');
    if (!goesOn) this.#opcode = opcode;
    this.#parts[this.#parts.length] = payload;
    if (!isLast) return;
    const whole = concat(this.#parts);
    this.#parts = [];
    this.#listener.message(this.#opcode === kText ? textOf(whole) : whole);
  }

  #readControl(opcode: number, payload: Bytes): void {
    if (opcode === kPing) {
      this.#listener.ping(payload);
    } else if (opcode === kClose) {
      const size = sizeOf(payload);
      if (size === 0) this.#listener.close(kNoCode, '');
      else if (size === 1) throw new FrameError('a Close frame with half a code');
      else this.#listener.close(read(payload, 0, 2), textOf(partOfBytes(payload, 2, size)));
    } else if (opcode !== kPong) {
      throw new FrameError(`a frame of the unknown kind ${opcode}`);
    }
  }
}
