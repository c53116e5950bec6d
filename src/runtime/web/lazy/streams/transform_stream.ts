// TransformStream and its controller as script sees them, Streams Standard §6.2
// and §6.3; and two of Workers' own: IdentityTransformStream, FixedLengthStream.
import { copyOfBytes } from '../../copies.ts';
import {
  ArrayBufferIsView,
  PromiseReject,
  PromiseResolve,
  ReflectApply,
  TypedArrayPrototypeGetByteLength,
  TypeError,
} from '../../primordials.ts';
import {
  bytesOf,
  defineInterface,
  Handed,
  illegalConstructor,
  isBufferSource,
  isObject,
  kInternal,
  requireArguments,
  toUnsignedLongLong,
} from '../../webidl.ts';
import { optionalFunction } from './create.ts';
import { wrongRange, wrongType } from './errors.ts';
import { callForPromise, Deferred, resolvedWithUndefined } from './promises.ts';
import type { ReadableState } from './readable_state.ts';
import { type ReadableStream, wrapReadable } from './readable_stream.ts';
import { requireHighWaterMark, type Strategy, toStrategy } from './strategies.ts';
import { type Side, type Transformer, TransformState } from './transform_state.ts';
import type { WritableState } from './writable_state.ts';
import { type WritableStream, wrapWritable } from './writable_stream.ts';

function toSide(strategy: Strategy, defaultMark: number): Side {
  const { highWaterMark = defaultMark, size } = requireHighWaterMark(strategy);
  return {
    highWaterMark,
    size: size === undefined ? () => 1 : (chunk) => ReflectApply(size, undefined, [chunk]),
  };
}

interface Made {
  readonly state: TransformState;
  readonly start: () => void; // throws what the transformer's start() throws
}

function fromTransformer(given: unknown, writable: unknown, readable: unknown): Made {
  if (given !== undefined && !isObject(given))
    throw wrongType('TransformStream: the transformer is not an object');
  const writableStrategy = toStrategy(writable);
  const readableStrategy = toStrategy(readable);
  const members = (given ?? {}) as Record<string, unknown>;
  const cancel = optionalFunction(members.cancel, 'TransformStream: cancel');
  const flush = optionalFunction(members.flush, 'TransformStream: flush');
  const { readableType } = members;
  const start = optionalFunction(members.start, 'TransformStream: start');
  const transform = optionalFunction(members.transform, 'TransformStream: transform');
  const { writableType } = members;
  if (readableType !== undefined) throw wrongRange('TransformStream: readableType is given');
  if (writableType !== undefined) throw wrongRange('TransformStream: writableType is given');
  const readableSide = toSide(readableStrategy, 0);
  const writableSide = toSide(writableStrategy, 1);
  let controller: TransformStreamDefaultController;
  const transformer: Transformer = {
    transform: (chunk) => {
      if (transform !== undefined) return callForPromise(transform, given, [chunk, controller]);
      try {
        state.enqueue(chunk);
        return resolvedWithUndefined;
      } catch (error) {
        return PromiseReject(error);
      }
    },
    flush: () =>
      flush === undefined ? resolvedWithUndefined : callForPromise(flush, given, [controller]),
    cancel: (reason) =>
      cancel === undefined ? resolvedWithUndefined : callForPromise(cancel, given, [reason]),
  };
  const started = new Deferred<unknown>();
  const state = new TransformState(transformer, started.promise, writableSide, readableSide);
  controller = new TransformStreamDefaultController(kInternal, state);
  return {
    state,
    start: () =>
      started.resolve(start === undefined ? undefined : ReflectApply(start, given, [controller])),
  };
}

type States = Pick<TransformState, 'readable' | 'writable'>;
const handed = new Handed<States>();

// The streams that a TransformStream is made of; null for what is none.
export let sidesOf: (value: unknown) => Sides | null;

export class TransformStream {
  readonly #readable: ReadableStream;
  readonly #writable: WritableStream;

  static {
    sidesOf = (value) =>
      isObject(value) && #readable in value
        ? { readable: value.#readable, writable: value.#writable }
        : null;
  }

  constructor(
    transformer: unknown = undefined,
    writableStrategy: unknown = undefined,
    readableStrategy: unknown = undefined,
  ) {
    const made = transformer === kInternal ? (writableStrategy as States) : handed.take();
    if (made !== null) {
      this.#readable = wrapReadable(made.readable);
      this.#writable = wrapWritable(made.writable);
      return;
    }
    const { state, start } = fromTransformer(transformer, writableStrategy, readableStrategy);
    this.#readable = wrapReadable(state.readable);
    this.#writable = wrapWritable(state.writable);
    start();
  }

  get readable(): ReadableStream {
    return this.#readable;
  }
  get writable(): WritableStream {
    return this.#writable;
  }
}
defineInterface(TransformStream, 'TransformStream');

export function wrapTransform(readable: ReadableState, writable: WritableState): TransformStream {
  return new TransformStream(kInternal, { readable, writable });
}

export class TransformStreamDefaultController {
  readonly #state: TransformState;

  constructor(token: unknown = undefined, state: unknown = undefined) {
    if (token !== kInternal) illegalConstructor();
    this.#state = state as TransformState;
  }

  get desiredSize(): number | null {
    return this.#state.desiredSize;
  }
  enqueue(chunk: unknown = undefined): void {
    this.#state.enqueue(chunk);
  }
  error(reason: unknown = undefined): void {
    this.#state.error(reason);
  }
  terminate(): void {
    this.#state.terminate();
  }
}
defineInterface(TransformStreamDefaultController, 'TransformStreamDefaultController');

// A transform of our own, over functions that may throw. `cancel` is called when it
// comes to no end of its own.
export function makeTransform(
  transform: (chunk: unknown, enqueue: (chunk: unknown) => void) => void,
  flush: (enqueue: (chunk: unknown) => void) => void,
  cancel: () => void = () => {},
): TransformState {
  const run = (action: () => void): Promise<unknown> => {
    try {
      action();
      return resolvedWithUndefined;
    } catch (error) {
      return PromiseReject(error);
    }
  };
  const enqueue = (chunk: unknown) => state.enqueue(chunk);
  const side = { highWaterMark: 1, size: () => 1 };
  const state = new TransformState(
    {
      transform: (chunk) => run(() => transform(chunk, enqueue)),
      flush: () => run(() => flush(enqueue)),
      cancel: () => run(cancel),
    },
    PromiseResolve(undefined),
    side,
    { ...side, highWaterMark: 0 },
  );
  return state;
}

// The two sides of such a transform, as a GenericTransformStream shows them (§8.1).
export interface Sides {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
}
export function makeSides(...algorithms: Parameters<typeof makeTransform>): Sides {
  const { readable, writable } = makeTransform(algorithms[0], algorithms[1], algorithms[2]);
  return { readable: wrapReadable(readable), writable: wrapWritable(writable) };
}

function toBytes(chunk: unknown, what: string): Uint8Array {
  if (!isBufferSource(chunk))
    throw wrongType(`${what}: it takes bytes (an ArrayBuffer or a view), not ${typeof chunk}`);
  return ArrayBufferIsView(chunk) ? copyOfBytes(bytesOf(chunk)) : bytesOf(chunk);
}

// Passes bytes on. Source: Workers documentation, Streams, "TransformStream".
export class IdentityTransformStream extends TransformStream {
  constructor() {
    handed.give(handed.take() ?? makeTransform(passBytes, () => {}));
    try {
      super();
    } finally {
      handed.take();
    }
  }
}
defineInterface(IdentityTransformStream, 'IdentityTransformStream');

function passBytes(chunk: unknown, enqueue: (chunk: unknown) => void): void {
  enqueue(toBytes(chunk, 'IdentityTransformStream'));
}

// Passes on exactly as many bytes as it was told: as a body, it is sent with a
// Content-Length. Source: Workers documentation, Streams, "FixedLengthStream".
export class FixedLengthStream extends IdentityTransformStream {
  constructor(expectedLength: unknown) {
    requireArguments(arguments.length, 1, 'FixedLengthStream');
    const expected = toUnsignedLongLong(expectedLength, 'FixedLengthStream: expectedLength');
    let left = expected;
    const state = makeTransform(
      (chunk, enqueue) => {
        const bytes = toBytes(chunk, 'FixedLengthStream');
        left -= TypedArrayPrototypeGetByteLength(bytes);
        if (left < 0)
          throw new TypeError(`FixedLengthStream: more than the expected ${expected} bytes`);
        enqueue(bytes);
      },
      () => {
        if (left > 0)
          throw new TypeError(`FixedLengthStream: ended ${left} bytes before its ${expected}`);
      },
    );
    state.readable.expectedLength = expected;
    handed.give(state);
    try {
      super();
    } finally {
      handed.take();
    }
  }
}
defineInterface(FixedLengthStream, 'FixedLengthStream');
