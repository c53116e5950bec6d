// Messages out of a stream of bytes: each has its length in front, in four bytes, the
// least first.
import {
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeSet,
  TypeError,
  Uint8Array,
} from '../../primordials.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const kHead = 4;
// And the length of the descriptions.
const kMostMessage = 32 * 1024 * 1024 + 4;

export interface Frames {
  push(bytes: Bytes, take: (message: Bytes) => void): void;
}

function part(bytes: Bytes, from: number, length: number): Bytes {
  return new Uint8Array(
    TypedArrayPrototypeGetBuffer(bytes),
    TypedArrayPrototypeGetByteOffset(bytes) + from,
    length,
  );
}

function lengthIn(head: Bytes, at: number): number {
  const length =
    (head[at] as number) +
    (head[at + 1] as number) * 0x100 +
    (head[at + 2] as number) * 0x10000 +
    (head[at + 3] as number) * 0x1000000;
  if (length > kMostMessage) throw new TypeError('RPC: a message is longer than 32 MiB');
  return length;
}

// The message, where the bytes are one and no more; else null.
export function wholeMessage(bytes: Bytes): Bytes | null {
  const size = TypedArrayPrototypeGetByteLength(bytes);
  return size >= kHead && lengthIn(bytes, 0) === size - kHead
    ? part(bytes, kHead, size - kHead)
    : null;
}

export function makeFrames(): Frames {
  const head: Bytes = new Uint8Array(kHead);
  let headBytes = 0;
  let message: Bytes | null = null; // that has begun, and is not whole
  let messageBytes = 0;

  function push(bytes: Bytes, take: (message: Bytes) => void): void {
    const size = TypedArrayPrototypeGetByteLength(bytes);
    let at = 0;
    while (at < size) {
      if (message === null && headBytes === 0 && size - at >= kHead) {
        const length = lengthIn(bytes, at);
        if (size - at - kHead >= length) {
          take(part(bytes, at + kHead, length)); // whole, and not copied
          at += kHead + length;
          continue;
        }
      }
      if (message === null) {
        head[headBytes++] = bytes[at++] as number;
        if (headBytes < kHead) continue;
        message = new Uint8Array(lengthIn(head, 0));
        messageBytes = 0;
      } else {
        const room = TypedArrayPrototypeGetByteLength(message) - messageBytes;
        const some = size - at < room ? size - at : room;
        TypedArrayPrototypeSet(message, part(bytes, at, some), messageBytes);
        messageBytes += some;
        at += some;
      }
      if (messageBytes < TypedArrayPrototypeGetByteLength(message)) continue;
      const whole = message;
      message = null;
      headBytes = 0;
      take(whole);
    }
  }
  return { push };
}
