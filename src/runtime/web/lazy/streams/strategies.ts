// Queuing strategies, Streams Standard §7.
import { NumberIsNaN, ObjectDefineProperty, TypeError } from '../../primordials.ts';
import {
  type Callable,
  defineInterface,
  isObject,
  requireArguments,
  toDictionary,
  toFunction,
} from '../../webidl.ts';
import { wrongRange, wrongThis } from './errors.ts';

export interface Strategy {
  readonly highWaterMark: number | undefined;
  readonly size: Callable | undefined;
}

// QueuingStrategy, with ExtractHighWaterMark done.
export function toStrategy(value: unknown): Strategy {
  const { highWaterMark, size } = toDictionary<{ highWaterMark: unknown; size: unknown }>(
    value,
    'QueuingStrategy',
  );
  const mark = highWaterMark === undefined ? undefined : +(highWaterMark as number);
  const run = size === undefined ? undefined : toFunction(size, 'QueuingStrategy: size');
  return { highWaterMark: mark, size: run };
}

export function requireHighWaterMark(strategy: Strategy): Strategy {
  const mark = strategy.highWaterMark;
  if (mark !== undefined && (NumberIsNaN(mark) || mark < 0))
    throw wrongRange(`QueuingStrategy: highWaterMark is ${mark}`);
  return strategy;
}

function toHighWaterMark(init: unknown, what: string): number {
  requireArguments(init === undefined ? 0 : 1, 1, what);
  if (!isObject(init) || (init as { highWaterMark?: unknown }).highWaterMark === undefined)
    throw new TypeError(`${what}: 'highWaterMark' is required`);
  return +(init as { highWaterMark: number }).highWaterMark;
}

// One function object a realm each, as §7.2.3 and §7.3.3 ask; arrows, since they
// must not be constructors, named here, since the minifier takes their names.
const byteLengthSize = (chunk: { byteLength: unknown }) => chunk.byteLength;
const countSize = () => 1;
ObjectDefineProperty(byteLengthSize, 'name', { value: 'size', configurable: true });
ObjectDefineProperty(countSize, 'name', { value: 'size', configurable: true });

export class ByteLengthQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(init: unknown) {
    this.#highWaterMark = toHighWaterMark(init, 'ByteLengthQueuingStrategy');
  }
  get highWaterMark(): number {
    return this.#highWaterMark;
  }
  get size(): typeof byteLengthSize {
    if (!(#highWaterMark in this))
      throw wrongThis('The receiver is not a ByteLengthQueuingStrategy');
    return byteLengthSize;
  }
}
defineInterface(ByteLengthQueuingStrategy, 'ByteLengthQueuingStrategy');

export class CountQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(init: unknown) {
    this.#highWaterMark = toHighWaterMark(init, 'CountQueuingStrategy');
  }
  get highWaterMark(): number {
    return this.#highWaterMark;
  }
  get size(): typeof countSize {
    if (!(#highWaterMark in this)) throw wrongThis('The receiver is not a CountQueuingStrategy');
    return countSize;
  }
}
defineInterface(CountQueuingStrategy, 'CountQueuingStrategy');
