// Copies and parts of what the platform holds. The methods of builtins for these ask
// the object's constructor for a species, which script may have set: it would make
// the copy, and keep it.
import {
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
  Uint8Array,
} from './primordials.ts';

type Bytes = Uint8Array<ArrayBuffer>;

// The items of a list of ours, from `from` on.
export function copyOfList<T>(list: readonly T[], from = 0): T[] {
  const copy: T[] = [];
  for (let i = from; i < list.length; i++) copy[i - from] = list[i] as T;
  return copy;
}

// Throws a TypeError when the bytes have gone.
export function copyOfBytes(bytes: Uint8Array): Bytes {
  return new Uint8Array(bytes);
}

// The bytes from `from` to before `to`, not copied. Requires: they are there.
export function partOfBytes(bytes: Bytes, from: number, to: number): Bytes {
  return new Uint8Array(
    TypedArrayPrototypeGetBuffer(bytes),
    TypedArrayPrototypeGetByteOffset(bytes) + from,
    to - from,
  );
}
