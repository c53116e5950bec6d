// One call of a handler and the work that outlives its answer, and the `ctx`
// through which the worker sees it.
import { PromisePrototypeThen, PromiseResolve, TypeError } from './primordials.ts';
import { logException } from './report.ts';
import { Table } from './table.ts';
import {
  defineInterface,
  illegalConstructor,
  isObject,
  kInternal,
  requireArguments,
} from './webidl.ts';

// Looked up by waitUntil of cloudflare:workers only, so kept only once that
// module was imported.
const running = new Table<Invocation>();
const options = { track: false };

// Who keeps something for an invocation is told when it is about to be over. One of
// several calls the one that it found.
export const ends: { listener: ((invocation: number) => void) | undefined } = {
  listener: undefined,
};

export class Invocation {
  readonly id: number;
  #pending = 1; // the answer

  constructor(id: number) {
    this.id = id;
    if (options.track) running.set(id, this);
  }

  hold(): void {
    this.#pending++;
  }

  release(): void {
    if (--this.#pending > 0) return;
    ends.listener?.(this.id);
    if (options.track) running.delete(this.id);
    native.finish(this.id);
  }

  waitUntil(promise: unknown): void {
    PromisePrototypeThen(
      PromiseResolve(promise),
      () => this.release(),
      (error) => {
        logException(error);
        this.release();
      },
    );
    this.hold(); // once nothing can throw: both steps ask the promise's constructor
  }
}

export function trackInvocations(): void {
  options.track = true;
}

export function waitUntil(promise: unknown): void {
  const invocation = running.get(native.currentInvocation());
  if (invocation === undefined) throw new TypeError('waitUntil: no request is being handled');
  invocation.waitUntil(promise);
}

// That of an ExecutionContext, null for what is none.
let invocationOf: (context: unknown) => Invocation | null;

export class ExecutionContext {
  readonly #invocation: Invocation;
  #props: object | null = null;

  static {
    invocationOf = (context) =>
      isObject(context) && #invocation in context ? context.#invocation : null;
  }

  constructor(
    token: unknown = undefined,
    invocation: unknown = undefined,
    props: unknown = undefined,
  ) {
    if (token !== kInternal) illegalConstructor();
    this.#invocation = invocation as Invocation;
    if (isObject(props)) this.#props = props;
  }

  waitUntil(promise: unknown): void {
    requireArguments(arguments.length, 1, 'waitUntil');
    this.#invocation.waitUntil(promise);
  }

  // Should the handler throw, the request goes on to the origin behind the
  // Worker, if it came by a route of a zone and nothing of its body was read.
  passThroughOnException(): void {
    if (!(#invocation in this)) throw new TypeError('The receiver is not an ExecutionContext');
    native.passThrough(this.#invocation.id);
  }

  get props(): object {
    this.#props ??= {};
    return this.#props;
  }

  get exports(): object | undefined {
    if (!(#invocation in this)) throw new TypeError('The receiver is not an ExecutionContext');
    return lazy('service').exportsOfContext();
  }
}
defineInterface(ExecutionContext, 'ExecutionContext');

export { invocationOf };

export function makeContext(
  invocation: Invocation,
  props: object | undefined = undefined,
): ExecutionContext {
  return new ExecutionContext(kInternal, invocation, props);
}
