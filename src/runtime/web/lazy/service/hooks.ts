// What a stub stands for. A hook is one reference to something that can be called, here
// or elsewhere: whoever has it calls it, makes another reference, or gives it up.
import {
  bareList,
  Error,
  ObjectPrototypeHasOwnProperty,
  PromisePrototypeThen,
  PromiseReject,
  ReflectApply,
  SymbolDispose,
  TypeError,
} from '../../primordials.ts';
import { logException } from '../../report.ts';
import { isCallable, isObject } from '../../webidl.ts';
import { memberOf } from './members.ts';
import type { Session } from './session.ts';

// What a call came to, and what may be called on that before it is there.
export interface Outcome {
  readonly promise: Promise<unknown>;
  readonly hook: Hook;
}

export interface Hook {
  // Calls what lies at `path`; without arguments, reads it.
  call(path: readonly string[], args: unknown[] | null): Outcome;
  dup(): Hook;
  dispose(): void;
  // The number under which the other side of `session` knows it as its own; 0: it does
  // not.
  ownOf(session: Session): number;
}

// The hook of a stub with the path below it, null for what is no stub.
export interface Reached {
  readonly hook: Hook;
  readonly path: readonly string[];
}
export const reachable: { of: (value: unknown) => Reached | null } = { of: () => null };

export function disposedError(): Error {
  return new Error('RPC stub used after being disposed.');
}

// Walks from `value` along `path`, through stubs too, and calls what is there.
async function reach(
  value: unknown,
  path: readonly string[],
  args: unknown[] | null,
): Promise<unknown> {
  let at = value;
  let receiver: unknown;
  for (let i = 0; i < path.length; i++) {
    const stub = reachable.of(at);
    if (stub !== null) return stub.hook.call(joined(stub.path, path, i), args).promise;
    receiver = at;
    at = memberOf(at, path[i] as string);
    // Only what is no promise keeps the calls in their order.
    if (i + 1 < path.length && isThenable(at)) at = await at;
  }
  if (args === null) return at;
  const stub = reachable.of(at);
  if (stub !== null) return stub.hook.call(stub.path, args).promise;
  if (!isCallable(at))
    throw new TypeError(
      path.length === 0
        ? 'The RPC receiver is not a function.'
        : `"${path[path.length - 1]}" is not a function.`,
    );
  return ReflectApply(at, receiver, args);
}

function isThenable(value: unknown): boolean {
  if (!isObject(value) || reachable.of(value) !== null) return false;
  return isCallable((value as { then?: unknown }).then);
}

function joined(first: readonly string[], second: readonly string[], from: number): string[] {
  const all = bareList<string>();
  for (let i = 0; i < first.length; i++) all[all.length] = first[i] as string;
  for (let i = from; i < second.length; i++) all[all.length] = second[i] as string;
  return all;
}
export function extended(path: readonly string[], key: string): string[] {
  // Of most calls; a literal meets no setter of script's either.
  return path.length === 0 ? [key] : joined(path, [key], 0);
}

// What a call comes to that cannot be made is a failure of what it promises.
export function calling(hook: Hook, path: readonly string[], args: unknown[] | null): Outcome {
  try {
    return hook.call(path, args);
  } catch (error) {
    return outcomeOf(PromiseReject(error));
  }
}

function outcomeOf(promise: Promise<unknown>): Outcome {
  return { promise, hook: new PromiseHook(promise) };
}

interface Shared {
  refs: number;
}

type Call = (path: readonly string[], args: unknown[] | null) => Promise<unknown>;

// A value of this isolate: a function, a target, or an instance of an entrypoint. It is
// told when its last reference goes. What is no value has `call` and `end` instead.
export class LocalHook implements Hook {
  readonly #value: unknown;
  readonly #shared: Shared;
  readonly #call: Call | null;
  readonly #end: (() => void) | null;
  #disposed = false;

  constructor(
    value: unknown,
    shared: Shared = { refs: 0 },
    call: Call | null = null,
    end: (() => void) | null = null,
  ) {
    this.#value = value;
    this.#shared = shared;
    this.#call = call;
    this.#end = end;
    shared.refs++;
  }

  call(path: readonly string[], args: unknown[] | null): Outcome {
    const run = this.#call;
    return outcomeOf(run === null ? reach(this.#value, path, args) : run(path, args));
  }
  dup(): Hook {
    return new LocalHook(this.#value, this.#shared, this.#call, this.#end);
  }
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (--this.#shared.refs > 0) return;
    const end = this.#end;
    if (end !== null) end();
    if (!isObject(this.#value)) return;
    try {
      const dispose = (this.#value as Record<symbol, unknown>)[SymbolDispose];
      if (isCallable(dispose)) ReflectApply(dispose, this.#value, []);
    } catch (error) {
      logException(error);
    }
  }
  ownOf(): number {
    return 0;
  }
}

// A reference to a stub that was given away.
export interface Kept {
  kept: Hook | null;
}

// What a promise of this isolate will be fulfilled with; where that is a stub that was
// given away by then, what is kept of it.
export class PromiseHook implements Hook {
  readonly #promise: Promise<unknown>;
  readonly #given: Kept | null;

  constructor(promise: Promise<unknown>, given: Kept | null = null) {
    this.#promise = promise;
    this.#given = given;
  }
  call(path: readonly string[], args: unknown[] | null): Outcome {
    return outcomeOf(
      PromisePrototypeThen(this.#promise, (value) => {
        const kept = this.#given === null ? null : this.#given.kept;
        return kept === null ? reach(value, path, args) : calling(kept, path, args).promise;
      }),
    );
  }
  dup(): Hook {
    return new PromiseHook(this.#promise, this.#given);
  }
  dispose(): void {}
  ownOf(): number {
    return 0;
  }
}

// What can be called no more.
export class FailingHook implements Hook {
  readonly #error: Error;

  constructor(error: Error) {
    this.#error = error;
  }
  call(): Outcome {
    throw this.#error;
  }
  dup(): Hook {
    return this;
  }
  dispose(): void {}
  ownOf(): number {
    return 0;
  }
}

// An entry in the other side's table of exports.
export class ImportHook implements Hook {
  readonly #session: Session;
  readonly #number: number;
  readonly #shared: Shared;
  #disposed = false;

  constructor(session: Session, number: number, shared: Shared = { refs: 0 }) {
    this.#session = session;
    this.#number = number;
    this.#shared = shared;
    shared.refs++;
  }
  call(path: readonly string[], args: unknown[] | null): Outcome {
    if (this.#disposed) throw disposedError();
    return this.#session.call(1, this.#number, path, args);
  }
  dup(): Hook {
    if (this.#disposed) throw disposedError();
    return new ImportHook(this.#session, this.#number, this.#shared);
  }
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (--this.#shared.refs === 0) this.#session.releaseImport(this.#number);
  }
  ownOf(session: Session): number {
    return session === this.#session ? this.#number : 0;
  }
}

export function hasOwn(object: object, key: string): boolean {
  return ObjectPrototypeHasOwnProperty(object, key);
}
