// Streams in messages: the side that has one exports what reads or writes it, one piece a
// call, and the other makes a stream of its own that asks for that. So back-pressure is
// that a call waits.
import type { Boxed } from '../../body.ts';
import { copyOfBytes } from '../../copies.ts';
import {
  ArrayBufferPrototypeGetByteLength,
  PromisePrototypeThen,
  PromiseResolve,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypeError,
} from '../../primordials.ts';
import { bytesOf, isBufferSource } from '../../webidl.ts';
import type { ReadableStream } from '../streams.ts';
import { calling, type Hook, LocalHook } from './hooks.ts';

type Call = (path: readonly string[], args: unknown[] | null) => Promise<unknown>;

const unknownCall = () => new TypeError('RPC: a stream is asked for what it does not have');

// `end`: what becomes of the stream when nobody asks any more.
function hookOf(call: Call, end: () => void): Hook {
  return new LocalHook(undefined, { refs: 0 }, call, end);
}

export function readerHook(stream: ReadableStream): Hook {
  if (lazy('streams').isLocked(stream))
    throw new TypeError('This ReadableStream is currently locked to a reader.');
  const pieces = lazy('streams').piecesOfStream(stream, true);
  let isOver = false;
  const read = async (): Promise<unknown> => {
    const piece = (await pieces.next()) as Boxed | null;
    if (piece === null) {
      isOver = true;
      return null;
    }
    return piece.bytes;
  };
  return hookOf(
    (path) => {
      if (path[0] === 'read') return read();
      throw unknownCall();
    },
    () => {
      if (!isOver) pieces.cancel(new TypeError('The other side of RPC reads no more'));
    },
  );
}

export function readableOf(hook: Hook): ReadableStream {
  const next = (): Promise<ArrayBuffer | null> =>
    PromisePrototypeThen(
      calling(hook, ['read'], []).promise,
      (piece) => {
        if (piece !== null && isBufferSource(piece)) {
          const bytes = bytesOf(piece);
          const buffer = TypedArrayPrototypeGetBuffer(bytes);
          return ArrayBufferPrototypeGetByteLength(buffer) ===
            TypedArrayPrototypeGetByteLength(bytes)
            ? buffer
            : TypedArrayPrototypeGetBuffer(copyOfBytes(bytes));
        }
        hook.dispose();
        return null;
      },
      (error) => {
        hook.dispose();
        throw error;
      },
    );
  return lazy('streams').streamOfPieces(next, () => hook.dispose());
}

export function writerHook(stream: object): Hook {
  const streams = lazy('streams');
  const writer = new streams.WritableStreamDefaultWriter(stream as never);
  let isOver = false;
  return hookOf(
    (path, args) => {
      const name = path[0];
      const argument = args === null ? undefined : args[0];
      if (name === 'write') return streams.writeByWriter(writer, argument) as Promise<unknown>;
      if (name === 'close') {
        isOver = true;
        return streams.endWritable(stream as never);
      }
      if (name === 'abort') {
        isOver = true;
        streams.failWritable(stream as never, argument);
        return PromiseResolve(undefined);
      }
      throw unknownCall();
    },
    () => {
      if (!isOver)
        streams.failWritable(stream as never, new TypeError('The other side of RPC is gone'));
    },
  );
}

export function writableOf(hook: Hook): object {
  const ask = (name: string, args: unknown[]) => calling(hook, [name], args).promise;
  return lazy('streams').streamToSink(
    {
      start: () => undefined,
      write: (chunk) => ask('write', [chunk]),
      close: () =>
        PromisePrototypeThen(ask('close', []), (value) => {
          hook.dispose();
          return value;
        }),
      abort: (reason) =>
        PromisePrototypeThen(ask('abort', [reason]), (value) => {
          hook.dispose();
          return value;
        }),
    },
    16,
    () => 1,
  );
}
