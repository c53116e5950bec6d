// The side that is called, of a session of RPC: it lives as long as its invocation.
import { innerThen } from '../../inner_promises.ts';
import type { ExecutionContext, Invocation } from '../../invocation.ts';
import {
  ArrayBufferPrototypeGetByteLength,
  Error,
  ReflectApply,
  TypeError,
  Uint8Array,
} from '../../primordials.ts';
import { describeError } from '../../report.ts';
import { isCallable } from '../../webidl.ts';
import { envOfWorker } from '../../worker.ts';
import { type Entry, findEntry } from './entry.ts';
import { type Hook, hasOwn, LocalHook } from './hooks.ts';
import { services } from './native.ts';
import { type Port, requireSame, Session } from './session.ts';
import { Writer } from './writer.ts';

class CalleePort implements Port {
  readonly session: Session;
  readonly #invocation: Invocation;
  readonly #body: number;
  #writer: Writer | null = null; // once the answer has begun
  #over = false;

  constructor(invocation: Invocation, body: number, main: () => Hook) {
    this.#invocation = invocation;
    this.#body = body;
    this.session = new Session(this, main);
  }

  send(bytes: Uint8Array<ArrayBuffer>, isLast: boolean): void {
    if (this.#over) return;
    const { id } = this.#invocation;
    if (this.#writer === null && isLast) {
      // All there is to say: the caller needs this session no more.
      this.#over = true;
      native.respond(id, 200, '', null, null, bytes);
      native.bodyCancel(this.#body);
      this.#invocation.release();
      return;
    }
    if (this.#writer === null) {
      native.respondStart(id, 200, '', null, null, -1);
      this.#writer = new Writer(
        (some) => native.respondWrite(id, some),
        () => undefined, // that the caller is gone is told by its body
      );
    }
    this.#writer.write(bytes);
  }

  // The caller says when it is over, as it may ask for more.
  idle(): void {}

  requireOwn(): void {
    requireSame(this.#invocation.id);
  }

  threw(error: unknown): void {
    const { name, message, stack } = describeError(error);
    services.threw(this.#invocation.id, name, message, stack);
  }

  fail(error: unknown): void {
    if (this.#over) return;
    const { name, message, stack } = describeError(error);
    native.fail(this.#invocation.id, name, message, stack);
    this.#end(() => error, false);
  }

  read(): void {
    innerThen(
      native.bodyRead(this.#body),
      (piece) => {
        if (this.#over) return;
        if (piece === null) {
          this.#end(overError, true);
          return;
        }
        this.session.feed(new Uint8Array(piece));
        this.read();
      },
      (error) => this.#end(() => error, false), // the caller is gone
    );
  }

  // `inOrder`: the caller has said that it is over, and is to be told the same.
  #end(why: () => unknown, inOrder: boolean): void {
    if (this.#over) return;
    this.#over = true;
    this.session.break(why, inOrder);
    const { id } = this.#invocation;
    if (!inOrder || this.#writer === null) {
      if (inOrder) native.respond(id, 200, '', null, null, null);
      this.#invocation.release();
      return;
    }
    this.#writer.end(() => {
      native.respondEnd(id);
      this.#invocation.release();
    });
  }
}

function overError(): Error {
  return new Error('The RPC session is over.');
}

// Of an entrypoint that is an object of handlers: one argument, then `env` and `ctx`.
function callHandler(
  entry: Entry,
  context: ExecutionContext,
  path: readonly string[],
  args: unknown[] | null,
): unknown {
  const name = path.length === 1 ? (path[0] as string) : '';
  const handler = hasOwn(entry.target, name) ? entry.target[name] : undefined;
  if (!isCallable(handler))
    throw new TypeError(`The RPC receiver does not implement the method "${name}".`);
  if (args === null || args.length !== 1)
    throw new TypeError(
      `Attempted to call RPC function "${name}" with the wrong number of arguments. When calling a top-level handler function that is not declared as part of a class, you must always send exactly one argument. In order to support variable numbers of arguments, the server must use class-based syntax (extending WorkerEntrypoint) instead.`,
    );
  return ReflectApply(handler, entry.target, [args[0], envOfWorker(), context]);
}

export function serveRpc(
  invocation: Invocation,
  body: number,
  entrypoint: string,
  context: ExecutionContext,
  message: ArrayBuffer,
): void {
  let main: Hook | null = null;
  const port = new CalleePort(invocation, body, () => {
    if (main !== null) return main;
    const entry = findEntry(entrypoint, context);
    main = entry.isClass
      ? new LocalHook(entry.target)
      : new LocalHook(undefined, { refs: 0 }, async (path, args) =>
          callHandler(entry, context, path, args),
        );
    return main;
  });
  if ((ArrayBufferPrototypeGetByteLength(message) as number) > 0)
    port.session.feed(new Uint8Array(message));
  port.read();
}
