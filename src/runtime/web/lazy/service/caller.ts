// The side that calls: each call of a binding begins a session, which ends when nothing
// of it is left.
import { Answered, fetchBy, type Via } from '../../fetch.ts';
import { innerThen } from '../../inner_promises.ts';
import { TypedArrayPrototypeGetByteLength, Uint8Array } from '../../primordials.ts';
import { requireInvocation } from '../../report.ts';
import { errorOf } from './errors.ts';
import type { Hook, Outcome } from './hooks.ts';
import { services } from './native.ts';
import { kMain, type Port, requireSame, Session } from './session.ts';
import { Writer } from './writer.ts';

// What of a first message goes with the head of the exchange.
const kMostFirst = 64 * 1024;
const nothing: Uint8Array<ArrayBuffer> = new Uint8Array(0);

// What C++ keeps for the answer: it comes to dispatch.onFetchHead, as for a fetch.
export class CallerPort extends Answered implements Port {
  readonly #inv: number;
  readonly #via: Via;
  readonly #method: string;
  readonly session: Session;
  #writer: Writer | null = null;
  #op = 0;
  #body = 0;
  #over = false;

  constructor(inv: number, via: Via, method: string) {
    super();
    this.#inv = inv;
    this.#via = via;
    this.#method = method;
    this.session = new Session(this, null);
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#over) return;
    if (this.#op !== 0) {
      this.#write(bytes);
      return;
    }
    const fits = TypedArrayPrototypeGetByteLength(bytes) <= kMostFirst;
    this.#op = services.call(this.#inv, this.#via, this.#method, fits ? bytes : nothing, this);
    if (!fits) this.#write(bytes);
  }

  #write(bytes: Uint8Array<ArrayBuffer>): void {
    this.#writer ??= new Writer(
      (some) => native.fetchWrite(this.#op, some),
      () => undefined, // the end is told with the answer
    );
    this.#writer.write(bytes);
  }

  idle(): void {
    if (this.#over || this.#op === 0) return;
    this.#over = true;
    if (this.#writer === null) native.fetchEnd(this.#op);
    else this.#writer.end(() => native.fetchEnd(this.#op));
  }

  requireOwn(): void {
    if (this.#op !== 0) requireSame(this.#inv);
  }

  threw(): void {} // of the caller's own, which will hear of it

  fail(error: unknown): void {
    this.session.break(() => error, false);
    if (this.#over) return;
    this.#over = true;
    if (this.#body !== 0) native.bodyCancel(this.#body);
    else native.fetchAbort(this.#op);
  }

  // ---- from dispatch ----
  onHead(body: number): void {
    this.#body = body;
    const whole = native.bodyTake(body);
    if (whole === undefined) {
      this.#read();
      return;
    }
    this.#body = 0;
    this.session.feed(new Uint8Array(whole));
    this.#onEnd();
  }
  onError(message: string): void {
    this.#over = true;
    this.session.break(() => errorOf(message), false);
  }

  #read(): void {
    innerThen(
      native.bodyRead(this.#body),
      (piece) => {
        if (piece === null) {
          this.#body = 0;
          this.#onEnd();
          return;
        }
        this.session.feed(new Uint8Array(piece));
        this.#read();
      },
      (error) => {
        this.#over = true;
        this.session.break(() => errorOf((error as Error).message), false);
      },
    );
  }

  // The other side has said all.
  #onEnd(): void {
    this.#over = true;
    this.session.break(endedError, true);
  }
}

function endedError(): Error {
  return errorOf('Error: The Worker that was called has ended the RPC session.');
}

// Begins a connection to the handler connect() of that Worker; its answer comes to
// `asker`.
export function connectTo(inv: number, via: Via, address: string, asker: Answered): number {
  return services.connect(inv, via, address, asker);
}

// Of a service binding or an entrypoint of this Worker; null for what is called by RPC.
export let viaOf: (hook: Hook) => Via | null;

// A service binding, or an entrypoint of this Worker.
export class ServiceHook implements Hook {
  readonly #via: Via;

  static {
    viaOf = (hook) => (#via in hook ? hook.#via : null);
  }

  constructor(via: Via) {
    this.#via = via;
  }
  call(path: readonly string[], args: unknown[] | null): Outcome {
    if (path.length === 1 && path[0] === 'fetch' && args !== null) {
      const promise = fetchBy(this.#via, args.length, args[0], args[1]);
      return { promise, hook: this };
    }
    const port = new CallerPort(
      requireInvocation(),
      this.#via,
      path.length > 0 ? (path[0] as string) : '',
    );
    return port.session.call(kMain, 0, path, args);
  }
  dup(): Hook {
    return this;
  }
  dispose(): void {}
  ownOf(): number {
    return 0;
  }
}
