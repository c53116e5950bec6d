// The queue of a byte stream: ranges of buffers, read from the front.
import {
  ArrayBufferPrototypeTransfer,
  MathMin,
  TypedArrayPrototypeSet,
  Uint8Array,
} from '../../primordials.ts';
import { Queue } from './queue.ts';
import type { ViewClass } from './views.ts';

interface Range {
  readonly buffer: ArrayBuffer;
  byteOffset: number;
  byteLength: number;
}

// A buffer that a reader has lent: pull-into descriptor, Streams Standard §4.7.2.
export interface PullInto {
  buffer: ArrayBuffer;
  readonly bufferByteLength: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  bytesFilled: number;
  readonly minimumFill: number;
  readonly viewClass: ViewClass;
  readerType: 'default' | 'byob' | 'none';
}

// …ConvertPullIntoDescriptor.
export function toView(pullInto: PullInto): ArrayBufferView {
  const { viewClass, byteOffset, bytesFilled } = pullInto;
  const buffer = ArrayBufferPrototypeTransfer(pullInto.buffer);
  return viewClass.make(buffer, byteOffset, bytesFilled / viewClass.elementSize);
}

export class ByteQueue {
  readonly #ranges = new Queue<Range>();
  #total = 0;

  // In bytes.
  get total(): number {
    return this.#total;
  }

  push(buffer: ArrayBuffer, byteOffset: number, byteLength: number): void {
    this.#ranges.push({ buffer, byteOffset, byteLength });
    this.#total += byteLength;
  }

  // The first range. Requires: total > 0.
  shift(): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.#ranges.shift();
    this.#total -= byteLength;
    return new Uint8Array(buffer, byteOffset, byteLength);
  }

  // …FillPullIntoDescriptorFromQueue: true when the descriptor can be committed.
  fill(pullInto: PullInto): boolean {
    const { elementSize } = pullInto.viewClass;
    let remaining = MathMin(this.#total, pullInto.byteLength - pullInto.bytesFilled);
    const most = pullInto.bytesFilled + remaining;
    const aligned = most - (most % elementSize);
    const ready = aligned >= pullInto.minimumFill;
    if (ready) remaining = aligned - pullInto.bytesFilled;
    const target = new Uint8Array(pullInto.buffer);
    while (remaining > 0) {
      const head = this.#ranges.peek();
      const count = MathMin(remaining, head.byteLength);
      const bytes = new Uint8Array(head.buffer, head.byteOffset, count);
      TypedArrayPrototypeSet(target, bytes, pullInto.byteOffset + pullInto.bytesFilled);
      if (head.byteLength === count) this.#ranges.shift();
      head.byteOffset += count;
      head.byteLength -= count;
      this.#total -= count;
      pullInto.bytesFilled += count;
      remaining -= count;
    }
    return ready;
  }

  clear(): void {
    this.#ranges.clear();
    this.#total = 0;
  }
}
