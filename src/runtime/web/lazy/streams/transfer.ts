// Streams that change hands by structuredClone() and postMessage(), Streams Standard
// §4.2.5, §5.2.5, §6.2.4 and §8.2. A stream that is given away is piped into a stream
// over one of two ends, and who gets it has a stream over the other one. Chunks are
// cloned between them, and come in a microtask where the standard has a task.
import { PromisePrototypeThen, PromiseReject } from '../../primordials.ts';
import { createDefault } from './create.ts';
import type { DefaultController } from './default_controller.ts';
import { pipe } from './pipe.ts';
import { Deferred, markHandled, queueTask, resolvedWithUndefined } from './promises.ts';
import type { ReadableState } from './readable_state.ts';
import { readableStateOf, wrapReadable } from './readable_stream.ts';
import { type Sides, sidesOf, wrapTransform } from './transform_stream.ts';
import { createWritable } from './writable_controller.ts';
import type { WritableState } from './writable_state.ts';
import { wrapWritable, writableStateOf } from './writable_stream.ts';

type Kind = 'chunk' | 'close' | 'error' | 'pull';

// What stands for a port of §8.2.
interface End {
  peer: End;
  open: boolean;
  receive: (kind: Kind, value: unknown) => void;
}

function entangle(): [End, End] {
  const one = { open: true, receive: () => {} } as Partial<End> as End;
  const two: End = { peer: one, open: true, receive: () => {} };
  one.peer = two;
  return [one, two];
}

// PackAndPostMessage. Throws what the clone throws.
function post(end: End, kind: Kind, value: unknown): void {
  const copy = lazy('structured_clone').cloneWithPorts(value, [], null).value;
  const { peer } = end;
  queueTask(() => {
    if (peer.open) peer.receive(kind, copy);
  });
}

// PackAndPostMessageHandlingError: the other end gets the error, too.
function postOrFail(end: End, kind: Kind, value: unknown): void {
  try {
    post(end, kind, value);
  } catch (error) {
    try {
      post(end, 'error', error);
    } catch {
      // The standard discards it.
    }
    throw error;
  }
}

// The last word of a side.
function leave(end: End, reason: unknown): Promise<unknown> {
  try {
    postOrFail(end, 'error', reason);
    return resolvedWithUndefined;
  } catch (error) {
    return PromiseReject(error);
  } finally {
    end.open = false;
  }
}

// SetUpCrossRealmTransformReadable.
function readableOver(end: End): ReadableState {
  const state = createDefault(
    {
      start: () => undefined,
      pull: () => {
        post(end, 'pull', undefined);
        return resolvedWithUndefined;
      },
      cancel: (reason) => leave(end, reason),
    },
    0,
  );
  end.receive = (kind, value) => {
    if (kind !== 'chunk') end.open = false;
    if (state.state !== 'readable') return;
    const controller = state.controller as DefaultController;
    if (kind === 'chunk') controller.enqueue(value);
    else if (kind === 'close') controller.close();
    else controller.error(value);
  };
  return state;
}

// SetUpCrossRealmTransformWritable.
function writableOver(end: End): WritableState {
  let wanted: Deferred<undefined> | null = new Deferred(); // until the other end pulls
  const write = (chunk: unknown) => {
    wanted = new Deferred();
    try {
      postOrFail(end, 'chunk', chunk);
    } catch (error) {
      end.open = false;
      throw error;
    }
  };
  const state = createWritable(
    {
      start: () => undefined,
      write: (chunk) => {
        wanted ??= Deferred.resolved(undefined);
        return PromisePrototypeThen(wanted.promise, () => write(chunk));
      },
      close: () => {
        post(end, 'close', undefined);
        end.open = false;
        return resolvedWithUndefined;
      },
      abort: (reason) => leave(end, reason),
    },
    1,
    () => 1,
  );
  end.receive = (kind, value) => {
    if (kind === 'error') state.controller.errorIfNeeded(value);
    wanted?.resolve(undefined);
    wanted = null;
  };
  return state;
}

const all = { preventAbort: false, preventCancel: false, preventClose: false, signal: undefined };

function flow(from: ReadableState, to: WritableState): void {
  markHandled(pipe(from, to, all));
}

// A stream that is to be given away: what its new owner gets, and begin(), which gives it
// up. Requires of begin(): called once, while `locked` is false.
export interface Handover {
  readonly stream: object;
  readonly locked: boolean;
  begin(): void;
}

// null for what is no stream.
export function handOver(value: unknown): Handover | null {
  const readable = readableStateOf(value);
  if (readable !== null) return handOverReadable(readable);
  const writable = writableStateOf(value);
  if (writable !== null) return handOverWritable(writable);
  const sides = sidesOf(value);
  return sides === null ? null : handOverTransform(sides);
}

function handOverReadable(state: ReadableState): Handover {
  const [here, there] = entangle();
  return {
    stream: wrapReadable(readableOver(there)),
    get locked() {
      return state.locked;
    },
    begin: () => flow(state, writableOver(here)),
  };
}

function handOverWritable(state: WritableState): Handover {
  const [here, there] = entangle();
  return {
    stream: wrapWritable(writableOver(there)),
    get locked() {
      return state.locked;
    },
    begin: () => flow(readableOver(here), state),
  };
}

function handOverTransform(sides: Sides): Handover {
  const readable = handOverReadable(readableStateOf(sides.readable) as ReadableState);
  const writable = handOverWritable(writableStateOf(sides.writable) as WritableState);
  return {
    stream: wrapTransform(
      readableStateOf(readable.stream) as ReadableState,
      writableStateOf(writable.stream) as WritableState,
    ),
    get locked() {
      return readable.locked || writable.locked;
    },
    begin: () => {
      readable.begin();
      writable.begin();
    },
  };
}
