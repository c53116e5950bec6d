// What setTimeout() and setInterval() give with nodejs_compat: an object, as in
// Node, that converts to the number it would be elsewhere.
// Source: Node's documentation, "Class: Timeout"; Workers documentation, flag
// enable_nodejs_global_timers.
import { type NodeTimers, nodeState } from '../node_globals.ts';
import {
  ObjectDefineProperty,
  ReflectApply,
  SymbolDispose,
  SymbolToPrimitive,
} from '../primordials.ts';
import { requireInvocation } from '../report.ts';
import { startScriptTimer, stopTimer, type Timer } from '../timers.ts';
import { type Callable, isCallable, isObject } from '../webidl.ts';

// What is no delay is one of 1 ms, and so is what is too long for one.
function toNodeDelay(value: unknown): number {
  const delay = +(value as number);
  return delay >= 1 && delay <= 2 ** 31 - 1 ? delay : 1;
}

class Timeout {
  // What packages look at, and set, of Node's.
  _destroyed = false;
  _onTimeout: unknown;
  _repeat: unknown;
  readonly #args: readonly unknown[];
  readonly #delay: number;
  readonly #repeat: boolean;
  readonly #id: number;
  #starts = 0;
  #closed = false;
  #refed = true;

  constructor(callback: Callable, delay: unknown, args: readonly unknown[], repeat: boolean) {
    this.#delay = toNodeDelay(delay);
    this.#repeat = repeat;
    this._repeat = repeat ? this.#delay : null;
    this._onTimeout = callback;
    this.#args = args;
    this.#id = startScriptTimer(fire, this.#delay, repeat, [this]);
  }

  static is(value: unknown): value is Timeout {
    return isObject(value) && #id in value;
  }

  static fire(this: unknown, given: unknown): void {
    const timeout = given as Timeout;
    const callback = timeout._onTimeout;
    if (!isCallable(callback)) return;
    const starts = timeout.#starts;
    try {
      ReflectApply(callback, timeout, timeout.#args as unknown[]);
    } finally {
      if (!timeout.#repeat && !timeout.#closed && timeout.#starts === starts) timeout.#afterLast();
    }
  }

  #startAgain(delay: number, repeat: boolean): void {
    this.#starts++;
    startScriptTimer(fire, delay, repeat, [this], this.#id);
  }

  // A timeout that was told to repeat goes on as an interval.
  #afterLast(): void {
    if (this._repeat) this.#startAgain(toNodeDelay(this._repeat), false);
    else this._destroyed = true;
  }

  // As in Node, these two do nothing to what is no timer.
  ref(): this {
    if (#refed in this) this.#refed = true;
    return this;
  }
  unref(): this {
    if (#refed in this) this.#refed = false;
    return this;
  }
  hasRef(): boolean {
    return this.#refed;
  }
  refresh(): this {
    if (this.#closed) return this;
    this._destroyed = false;
    this.#startAgain(this.#delay, this.#repeat);
    return this;
  }
  close(): this {
    this.#closed = true;
    this._destroyed = true;
    this._onTimeout = undefined;
    stopTimer(this.#id);
    return this;
  }
  [SymbolToPrimitive](): number {
    return this.#id;
  }
}
const { fire, is } = Timeout;
const { close } = Timeout.prototype;
delete (Timeout as Partial<typeof Timeout>).fire;
delete (Timeout as Partial<typeof Timeout>).is;
ObjectDefineProperty(Timeout.prototype, SymbolDispose, {
  value: function dispose(this: Timeout): void {
    ReflectApply(close, this, []);
  },
  writable: true,
  configurable: true,
});

// A number is one of Node's timers where those are in use: what converts to it.
export function clearTimeout(timeout: unknown): void {
  const own = ownTimers();
  if (is(timeout)) ReflectApply(close, timeout, []);
  else if (own !== null) own.clearTimeout(timeout);
  else stopTimer(timeout);
}

// For Node's clearTimeout(), which knows timers by their members: the object of one that
// was made before Node's timers were loaded.
export function timeoutOf(timer: Timer): object | null {
  return timer.callback === fire ? (timer.args[0] as object) : null;
}

// False: it is none of those.
export function closeTimeout(timeout: unknown): boolean {
  if (!is(timeout)) return false;
  ReflectApply(close, timeout, []);
  return true;
}

// Node's timers, with all of Node's members, once its library has them: until then the
// class above does, and costs no library.
function ownTimers(): NodeTimers | null {
  const { timers } = nodeState;
  return timers === null ? null : timers();
}

export function startTimeout(
  callback: unknown,
  delay: unknown,
  args: readonly unknown[],
  repeat: boolean,
): object {
  if (!isCallable(callback)) return lazy('node').refuseCallback(callback);
  requireInvocation();
  const own = ownTimers();
  if (own !== null) {
    const all = [callback, delay];
    for (let i = 0; i < args.length; i++) all[i + 2] = args[i];
    return ReflectApply(repeat ? own.setInterval : own.setTimeout, undefined, all);
  }
  return new Timeout(callback, delay, args, repeat);
}
