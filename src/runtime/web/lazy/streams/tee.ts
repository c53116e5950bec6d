// ReadableStreamTee, Streams Standard §4.9.1: one source, two branches. A byte
// stream's branches are byte streams, and a reader's buffer lent to one of them
// is filled by the source itself where possible.
import { copyOfBytes } from '../../copies.ts';
import { bytesOf } from '../../webidl.ts';
import type { BytesController } from './byte_controller.ts';
import { createBytes, createDefault } from './create.ts';
import type { DefaultController } from './default_controller.ts';
import { Deferred, queueTask, resolvedWithUndefined, upon } from './promises.ts';
import {
  ByobReader,
  DefaultReader,
  type ReadableState,
  type Reader,
  type ReadRequest,
} from './readable_state.ts';
import type { SourceAlgorithms } from './source.ts';

export type Branches = [ReadableState, ReadableState];
type Side = 0 | 1;

// `clone` copies the chunk for the second branch (structured clone).
export function tee(stream: ReadableState, clone: ((chunk: unknown) => unknown) | null): Branches {
  return stream.controller.kind === 'bytes'
    ? new ByteTee(stream).branches
    : new DefaultTee(stream, clone).branches;
}

// Which branches are cancelled, and the one promise that both get for it.
class Cancellation {
  readonly #stream: ReadableState;
  readonly #reasons: [unknown, unknown] = [undefined, undefined];
  readonly canceled: [boolean, boolean] = [false, false];
  readonly done = new Deferred<undefined>();

  constructor(stream: ReadableState) {
    this.#stream = stream;
  }

  get both(): boolean {
    return this.canceled[0] && this.canceled[1];
  }

  cancel(side: Side, reason: unknown): Promise<unknown> {
    this.canceled[side] = true;
    this.#reasons[side] = reason;
    if (this.both) this.done.resolve(this.#stream.cancel([this.#reasons[0], this.#reasons[1]]));
    return this.done.promise;
  }

  // The source has ended by itself.
  end(): void {
    if (!this.both) this.done.resolve(undefined);
  }

  fail(reason: unknown): void {
    this.done.resolve(this.#stream.cancel(reason));
  }
}

class DefaultTee {
  readonly branches: Branches;
  readonly #reader: DefaultReader;
  readonly #cancellation: Cancellation;
  readonly #clone: ((chunk: unknown) => unknown) | null;
  #reading = false;
  #readAgain = false;

  constructor(stream: ReadableState, clone: ((chunk: unknown) => unknown) | null) {
    this.#clone = clone;
    this.#reader = new DefaultReader(stream);
    this.#cancellation = new Cancellation(stream);
    this.branches = [this.#branch(0), this.#branch(1)];
    upon(this.#reader.closed.promise, undefined, (reason) => {
      this.#controller(0).error(reason);
      this.#controller(1).error(reason);
      this.#cancellation.end();
    });
  }

  #branch(side: Side): ReadableState {
    const algorithms: SourceAlgorithms = {
      start: () => undefined,
      pull: () => this.#pull(),
      cancel: (reason) => this.#cancellation.cancel(side, reason),
    };
    return createDefault(algorithms, 1);
  }

  #controller(side: Side): DefaultController {
    return this.branches[side].controller as DefaultController;
  }

  #pull(): Promise<unknown> {
    if (this.#reading) {
      this.#readAgain = true;
      return resolvedWithUndefined;
    }
    this.#reading = true;
    this.#reader.read({
      // In a task of its own, so that a rejection of the source is seen first.
      chunk: (chunk) => queueTask(() => this.#forward(chunk)),
      close: () => {
        this.#reading = false;
        const { canceled } = this.#cancellation;
        if (!canceled[0]) this.#controller(0).close();
        if (!canceled[1]) this.#controller(1).close();
        this.#cancellation.end();
      },
      error: () => {
        this.#reading = false;
      },
    });
    return resolvedWithUndefined;
  }

  #forward(chunk: unknown): void {
    this.#readAgain = false;
    const { canceled } = this.#cancellation;
    let second = chunk;
    if (!canceled[1] && this.#clone !== null) {
      try {
        second = this.#clone(chunk);
      } catch (error) {
        this.#controller(0).error(error);
        this.#controller(1).error(error);
        this.#cancellation.fail(error);
        return;
      }
    }
    if (!canceled[0]) this.#controller(0).enqueue(chunk);
    if (!canceled[1]) this.#controller(1).enqueue(second);
    this.#reading = false;
    if (this.#readAgain) void this.#pull();
  }
}

class ByteTee {
  readonly branches: Branches;
  readonly #stream: ReadableState;
  readonly #cancellation: Cancellation;
  readonly #readAgain: [boolean, boolean] = [false, false];
  #reader: Reader;
  #reading = false;

  constructor(stream: ReadableState) {
    this.#stream = stream;
    this.#reader = new DefaultReader(stream);
    this.#cancellation = new Cancellation(stream);
    this.branches = [this.#branch(0), this.#branch(1)];
    this.#forwardError(this.#reader);
  }

  #branch(side: Side): ReadableState {
    return createBytes({
      start: () => undefined,
      pull: () => this.#pull(side),
      cancel: (reason) => this.#cancellation.cancel(side, reason),
    });
  }

  #controller(side: Side): BytesController {
    return this.branches[side].controller as BytesController;
  }

  #forwardError(reader: Reader): void {
    upon(reader.closed.promise, undefined, (reason) => {
      if (reader !== this.#reader) return;
      this.#controller(0).error(reason);
      this.#controller(1).error(reason);
      this.#cancellation.end();
    });
  }

  #pull(side: Side): Promise<unknown> {
    if (this.#reading) {
      this.#readAgain[side] = true;
      return resolvedWithUndefined;
    }
    this.#reading = true;
    const request = this.#controller(side).byobRequest;
    if (request === null) this.#readDefault();
    else this.#readInto(request.view as Uint8Array, side);
    return resolvedWithUndefined;
  }

  #pullAgain(): void {
    this.#reading = false;
    if (this.#readAgain[0]) void this.#pull(0);
    else if (this.#readAgain[1]) void this.#pull(1);
  }

  #readDefault(): void {
    let reader = this.#reader;
    if (reader.kind === 'byob') {
      reader.release();
      reader = new DefaultReader(this.#stream);
      this.#reader = reader;
      this.#forwardError(reader);
    }
    const { canceled } = this.#cancellation;
    const request: ReadRequest = {
      chunk: (value) =>
        queueTask(() => {
          this.#readAgain[0] = false;
          this.#readAgain[1] = false;
          const chunk = value as Uint8Array;
          let second = chunk;
          if (!canceled[0] && !canceled[1]) {
            const copy = this.#copy(chunk);
            if (copy === null) return;
            second = copy;
          }
          if (!canceled[0]) this.#controller(0).enqueue(chunk);
          if (!canceled[1]) this.#controller(1).enqueue(second);
          this.#pullAgain();
        }),
      close: () => {
        this.#reading = false;
        for (let side = 0; side < 2; side++)
          if (!canceled[side as Side]) this.#controller(side as Side).close();
        for (let side = 0; side < 2; side++) {
          const controller = this.#controller(side as Side);
          if (controller.hasPullIntos) controller.respond(0);
        }
        this.#cancellation.end();
      },
      error: () => {
        this.#reading = false;
      },
    };
    reader.read(request);
  }

  #readInto(view: Uint8Array, side: Side): void {
    let reader = this.#reader;
    if (reader.kind === 'default') {
      reader.release();
      reader = new ByobReader(this.#stream);
      this.#reader = reader;
      this.#forwardError(reader);
    }
    const { canceled } = this.#cancellation;
    const other = (1 - side) as Side;
    reader.read(view, 1, {
      chunk: (chunk) =>
        queueTask(() => {
          this.#readAgain[0] = false;
          this.#readAgain[1] = false;
          if (canceled[other]) {
            if (!canceled[side]) this.#controller(side).respondWithNewView(chunk);
          } else {
            const copy = this.#copy(chunk);
            if (copy === null) return;
            if (!canceled[side]) this.#controller(side).respondWithNewView(chunk);
            this.#controller(other).enqueue(copy);
          }
          this.#pullAgain();
        }),
      close: (chunk) => {
        this.#reading = false;
        if (!canceled[side]) this.#controller(side).close();
        if (!canceled[other]) this.#controller(other).close();
        if (chunk !== undefined) {
          if (!canceled[side]) this.#controller(side).respondWithNewView(chunk);
          if (!canceled[other] && this.#controller(other).hasPullIntos)
            this.#controller(other).respond(0);
        }
        this.#cancellation.end();
      },
      error: () => {
        this.#reading = false;
      },
    });
  }

  // CloneAsUint8Array; null when that failed and both branches are errored.
  #copy(chunk: ArrayBufferView): Uint8Array | null {
    try {
      return copyOfBytes(bytesOf(chunk));
    } catch (error) {
      this.#controller(0).error(error);
      this.#controller(1).error(error);
      this.#cancellation.fail(error);
      return null;
    }
  }
}
