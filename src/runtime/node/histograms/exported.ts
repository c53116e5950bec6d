// Histograms as bytes: a map of CBOR with numbers for keys, as Node has it, so that what
// the one exports the other imports. The counts are a list of how far each is from the one
// before, and of itself. Each key is as it is numbered here; what else a map holds, or in
// another order, is no export.

import { kind, Reader, Writer } from './cbor.ts';
import { Counts, isPossible } from './counts.ts';
import { Decay } from './decay.ts';
import { kLargest, toBigInt, type Whole } from './whole.ts';

export interface Exported {
  readonly counts: Counts;
  readonly decay: Decay;
}

const kVersion = 1;

export function write({ counts, decay }: Exported): Uint8Array {
  const to = new Writer();
  to.head(kind.map, decay.state.alpha === 0 ? 11 : 12);
  const { lowest, highest, figures } = counts.shape;
  // The two before the length are what HdrHistogram shifts indexes and scales values by.
  const numbers: Whole[] = [
    kVersion,
    lowest,
    highest,
    figures,
    counts.total,
    counts.least ?? kLargest,
    counts.most,
    0,
  ];
  for (let i = 0; i < numbers.length; i++) {
    to.number(i);
    to.number(numbers[i] as Whole);
  }
  to.number(8);
  to.double(1);
  to.number(9);
  to.number(counts.length);
  to.number(10);
  writeCounts(counts, to);
  if (decay.state.alpha !== 0) {
    to.number(11);
    writeDecay(decay, to);
  }
  return to.bytes;
}

function writeCounts(counts: Counts, to: Writer): void {
  let length = 0;
  counts.each(() => {
    length += 2;
    return true;
  });
  to.head(kind.array, length);
  let before = 0;
  counts.each(({ count }, index) => {
    to.number(index - before);
    to.number(count);
    before = index;
    return true;
  });
}

function writeDecay({ state }: Decay, to: Writer): void {
  to.head(kind.map, 5);
  const doubles = [state.alpha, state.mean, state.variance, state.errorRate];
  for (let i = 0; i < doubles.length; i++) {
    to.number(i);
    to.double(doubles[i] as number);
  }
  to.number(4);
  to.number(state.threshold);
}

// undefined: the bytes are no export.
export function read(bytes: Uint8Array): Exported | undefined {
  const from = new Reader(bytes);
  const entries = from.head(kind.map);
  if (entries !== 11 && entries !== 12) return undefined;
  const numbers: Whole[] = [];
  for (let i = 0; i < 8; i++) {
    if (from.head(kind.number) !== i) return undefined;
    const value = from.head(kind.number);
    if (value === undefined || value > kLargest) return undefined;
    numbers[i] = value;
  }
  if (from.head(kind.number) !== 8 || from.double() !== 1) return undefined;
  if (from.head(kind.number) !== 9) return undefined;
  const counts = emptyCounts(numbers, from.count(kind.number));
  if (counts === undefined || from.head(kind.number) !== 10) return undefined;
  if (!readCounts(counts, from) || counts.total !== numbers[4]) return undefined;
  setEnds(counts, numbers[5] as Whole, numbers[6] as Whole);
  const decay = entries === 11 ? Decay.of(0, 0) : readDecay(from);
  return decay === undefined || !from.atEnd ? undefined : { counts, decay };
}

function emptyCounts(numbers: readonly Whole[], length: number | undefined): Counts | undefined {
  const lowest = numbers[1] as Whole;
  const highest = numbers[2] as Whole;
  const figures = numbers[3] as number;
  if (numbers[0] !== kVersion || numbers[7] !== 0) return undefined;
  if (lowest < 1 || toBigInt(highest) < 2n * toBigInt(lowest) || figures < 1 || figures > 5)
    return undefined;
  const shape = { lowest, highest, figures };
  if (!isPossible(shape)) return undefined;
  const counts = new Counts(shape);
  return counts.length === length ? counts : undefined;
}

function readCounts(counts: Counts, from: Reader): boolean {
  const length = from.count(kind.array);
  if (length === undefined || length % 2 !== 0) return false;
  let index = 0;
  for (let i = 0; i < length; i += 2) {
    const distance = from.count(kind.number);
    const count = from.count(kind.number);
    if (distance === undefined || count === undefined) return false;
    index += distance;
    if (index >= counts.length || count === 0 || (distance === 0 && i > 0)) return false;
    counts.addAt(index, count);
  }
  return true;
}

// As they are told, where something is counted there.
function setEnds(counts: Counts, least: Whole, most: Whole): void {
  counts.findEnds();
  if (counts.countAt(least) > 0) counts.least = least;
  if (counts.indexOf(most) === counts.indexOf(counts.most)) counts.most = most;
}

function readDecay(from: Reader): Decay | undefined {
  if (from.head(kind.number) !== 11 || from.head(kind.map) !== 5) return undefined;
  const doubles: number[] = [];
  for (let i = 0; i < 4; i++) {
    if (from.head(kind.number) !== i) return undefined;
    const value = from.double();
    if (value === undefined || !(value >= 0)) return undefined;
    doubles[i] = value;
  }
  const threshold = from.head(kind.number) === 4 ? from.head(kind.number) : undefined;
  const alpha = doubles[0] as number;
  if (threshold === undefined || threshold > kLargest || alpha > 1) return undefined;
  return new Decay({
    alpha,
    mean: doubles[1] as number,
    variance: doubles[2] as number,
    errorRate: doubles[3] as number,
    threshold,
  });
}
