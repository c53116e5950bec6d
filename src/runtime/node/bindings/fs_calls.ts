// The three forms of each function of the binding `fs`: it answers at once, calls
// back (its last argument is an FSReqCallback), or gives a promise (it is
// kUsePromises). Files are in memory, so all is done at once, and told later.

import type { Realm } from '../binding.ts';
import { Failure } from '../files/failure.ts';
import type { Loose } from '../loose.ts';

export interface Calls {
  readonly FSReqCallback: Loose;
  readonly kUsePromises: symbol;
  // Runs it, with Node's exception for a Failure.
  attempt<T>(syscall: string, paths: readonly unknown[], run: () => T): T;
  // The function in its three forms. `request` is the place of the last argument,
  // `paths` says how many of the first ones are paths; `run` gets the rest of them
  // as they are. After the request may stand an object that the error goes into.
  call(
    syscall: string,
    request: number,
    paths: number,
    run: (...args: Loose[]) => unknown,
  ): (...args: Loose[]) => unknown;
  // The same of functions whose first argument is a descriptor, which is checked.
  callOpen(
    syscall: string,
    request: number,
    run: (fd: number, ...args: Loose[]) => unknown,
  ): (...args: Loose[]) => unknown;
  // When all that is queued along with the call has run, ticks and microtasks to the
  // last: as if a system had to be waited for.
  later(run: () => void): void;
}

// A path as the tree has it.
export function textOf(path: unknown): string {
  return typeof path === 'string' ? path : native.utf8Decode(path as Uint8Array, false, true);
}

// `hint` says what there is to know of a failure at a path beside what its code means.
export function makeCalls(
  { internalBinding, primordials, process, require }: Realm,
  hint: (code: string, path: string) => string | undefined,
): Calls {
  const kUsePromises = Symbol('fs_use_promises_symbol');
  const { nextTick } = process;
  const uv = internalBinding('uv');

  const asyncId = Symbol('asyncId');
  const triggerId = Symbol('triggerId');

  // A resource of async_hooks where there are hooks, and so of a domain.
  class FSReqCallback {
    oncomplete: Loose = undefined;
    [asyncId]?: number;
    [triggerId]?: number;
    constructor() {
      const hooks = require('internal/async_hooks');
      if (!hooks.enabledHooksExist()) return;
      const id: number = hooks.newAsyncId();
      this[asyncId] = id;
      this[triggerId] = hooks.getDefaultTriggerAsyncId();
      if (hooks.initHooksExist()) hooks.emitInit(id, 'FSREQCALLBACK', this[triggerId], this);
    }
    cancel() {}
  }

  // What the callback throws leaves the tick, whose ids are then taken down with these.
  function complete(req: Loose, result: unknown[]): void {
    const id = req[asyncId];
    if (id === undefined) {
      req.oncomplete(...result);
      return;
    }
    const hooks = require('internal/async_hooks');
    hooks.emitBefore(id, req[triggerId], req);
    try {
      req.oncomplete(...result);
    } finally {
      if (hooks.destroyHooksExist()) hooks.emitDestroy(id);
    }
    hooks.emitAfter(id);
  }

  function later(run: () => void): void {
    primordials.PromisePrototypeThen(primordials.PromiseResolve(), () => nextTick(run));
  }

  // What the code means, and the hint; undefined where there is none.
  function messageOf({ code }: Failure, paths: readonly unknown[]): string | undefined {
    for (const path of paths) {
      const more = path === undefined ? undefined : hint(code, textOf(path));
      if (more !== undefined) return `${uv.getErrorMessage(uv[`UV_${code}`])} (${more})`;
    }
    return undefined;
  }

  function exception(failure: unknown, syscall: string, paths: readonly unknown[]): unknown {
    if (!(failure instanceof Failure)) return failure;
    const { UVException } = require('internal/errors');
    const [path, dest] = paths;
    const message = messageOf(failure, paths);
    return new UVException({
      ...(message === undefined ? {} : { message }),
      errno: uv[`UV_${failure.code}`],
      syscall,
      ...(path === undefined ? {} : { path: textOf(path) }),
      ...(dest === undefined ? {} : { dest: textOf(dest) }),
    });
  }

  function attempt<T>(syscall: string, paths: readonly unknown[], run: () => T): T {
    try {
      return run();
    } catch (failure) {
      throw exception(failure, syscall, paths);
    }
  }

  // What `run` came to, told as Node tells it: an error alone, or null and a value.
  function outcome(run: () => unknown): unknown[] {
    try {
      const value = run();
      return value === undefined ? [null] : [null, value];
    } catch (error) {
      return [error];
    }
  }

  function call(
    syscall: string,
    request: number,
    paths: number,
    run: (...args: Loose[]) => unknown,
  ) {
    return (...args: Loose[]) => {
      const req = args[request];
      const now = () => attempt(syscall, args.slice(0, paths), () => run(...args));
      if (req === undefined) {
        const context = args[request + 1];
        if (typeof context !== 'object' || context === null) return now();
        try {
          return run(...args);
        } catch (failure) {
          if (!(failure instanceof Failure)) throw failure;
          context.errno = uv[`UV_${failure.code}`];
          context.syscall = syscall;
          const message = messageOf(failure, args.slice(0, paths));
          if (message !== undefined) context.message = message;
          return context.errno;
        }
      }
      const result = outcome(now);
      if (req !== kUsePromises) {
        later(() => complete(req, result));
        return undefined;
      }
      return new Promise((resolve, reject) => {
        later(() => (result[0] === null ? resolve(result[1]) : reject(result[0])));
      });
    };
  }

  function callOpen(
    syscall: string,
    request: number,
    run: (fd: number, ...args: Loose[]) => unknown,
  ) {
    const { getValidatedFd } = require('internal/fs/utils');
    const checked = call(syscall, request, 0, run);
    return (fd: unknown, ...args: unknown[]) => checked(getValidatedFd(fd), ...args);
  }

  return { FSReqCallback, kUsePromises, attempt, call, callOpen, later };
}
