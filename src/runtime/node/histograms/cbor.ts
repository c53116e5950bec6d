// What of CBOR (RFC 8949) an exported histogram is made of: whole numbers from 0 on,
// doubles, and the heads of arrays and maps.
import {
  Float64Array,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
  Uint8Array,
} from '../../web/primordials.ts';
import { builtin, toBigInt, toWhole, type Whole } from './whole.ts';

export const kind = { number: 0, array: 4, map: 5 };
const kDouble = 0xfb;

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(TypedArrayPrototypeGetBuffer(double));

export class Writer {
  readonly #bytes: number[] = [];

  head(major: number, value: Whole): void {
    const widths = [1, 2, 4, 8];
    if (value < 24) {
      this.#push(major * 32 + builtin.Number(value));
      return;
    }
    let at = 0;
    while (at < 3 && value >= 2 ** (8 * (widths[at] as number))) at += 1;
    this.#push(major * 32 + 24 + at);
    const big = toBigInt(value);
    for (let i = (widths[at] as number) - 1; i >= 0; i--)
      this.#push(builtin.Number((big >> toBigInt(8 * i)) & 255n));
  }
  number(value: Whole): void {
    this.head(kind.number, value);
  }
  double(value: number): void {
    double[0] = value;
    this.#push(kDouble);
    for (let i = 7; i >= 0; i--) this.#push(doubleBytes[i] as number);
  }
  #push(byte: number): void {
    this.#bytes[this.#bytes.length] = byte;
  }
  get bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#bytes.length);
    TypedArrayPrototypeSet(bytes, this.#bytes);
    return bytes;
  }
}

// Each member gives undefined where something else stands.
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  // The value of a head of that kind: a number, or how many items follow.
  head(major: number): Whole | undefined {
    const first = this.#next();
    if (first === undefined || first >> 5 !== major) return undefined;
    const info = first & 31;
    if (info < 24) return info;
    if (info > 27) return undefined;
    let value = 0n;
    for (let i = 2 ** (info - 24); i > 0; i--) {
      const byte = this.#next();
      if (byte === undefined) return undefined;
      value = value * 256n + toBigInt(byte);
    }
    return toWhole(value);
  }
  // One that is small enough to be exact.
  count(major: number): number | undefined {
    const value = this.head(major);
    return typeof value === 'number' ? value : undefined;
  }
  double(): number | undefined {
    if (this.#next() !== kDouble) return undefined;
    for (let i = 7; i >= 0; i--) {
      const byte = this.#next();
      if (byte === undefined) return undefined;
      doubleBytes[i] = byte;
    }
    return double[0];
  }
  get atEnd(): boolean {
    return this.#at === TypedArrayPrototypeGetLength(this.#bytes);
  }
  #next(): number | undefined {
    const byte = this.#bytes[this.#at];
    if (byte !== undefined) this.#at += 1;
    return byte;
  }
}
