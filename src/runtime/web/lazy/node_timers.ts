// What setTimeout() and setInterval() give with nodejs_compat: an object, as in
// Node, that converts to the number it would be elsewhere.
// Source: Node's documentation, "Class: Timeout"; Workers documentation, flag
// enable_nodejs_global_timers.
import {
  ObjectDefineProperty,
  ReflectApply,
  SymbolDispose,
  SymbolToPrimitive,
} from '../primordials.ts';
import { requireInvocation } from '../report.ts';
import { startScriptTimer, stopTimer } from '../timers.ts';
import { type Callable, isCallable, isObject } from '../webidl.ts';

// What is no delay is one of 1 ms, and so is what is too long for one.
function toNodeDelay(value: unknown): number {
  const delay = +(value as number);
  return delay >= 1 && delay <= 2 ** 31 - 1 ? delay : 1;
}

class Timeout {
  readonly #run: Callable;
  readonly #delay: number;
  readonly #repeat: boolean;
  #id: number;
  #closed = false;
  #refed = true;

  constructor(callback: Callable, delay: unknown, args: readonly unknown[], repeat: boolean) {
    this.#run = () => ReflectApply(callback, this, args as unknown[]);
    this.#delay = toNodeDelay(delay);
    this.#repeat = repeat;
    this.#id = startScriptTimer(this.#run, this.#delay, repeat);
  }

  static is(value: unknown): value is Timeout {
    return isObject(value) && #id in value;
  }

  ref(): this {
    this.#refed = true;
    return this;
  }
  unref(): this {
    this.#refed = false;
    return this;
  }
  hasRef(): boolean {
    return this.#refed;
  }
  refresh(): this {
    if (this.#closed) return this;
    // Under a new number: the old one may have fired and be on its way.
    stopTimer(this.#id);
    this.#id = startScriptTimer(this.#run, this.#delay, this.#repeat);
    return this;
  }
  close(): this {
    this.#closed = true;
    stopTimer(this.#id);
    return this;
  }
  [SymbolToPrimitive](): number {
    return this.#id;
  }
}
const { is } = Timeout;
const { close } = Timeout.prototype;
delete (Timeout as Partial<typeof Timeout>).is;
ObjectDefineProperty(Timeout.prototype, SymbolDispose, {
  value: function dispose(this: Timeout): void {
    ReflectApply(close, this, []);
  },
  writable: true,
  configurable: true,
});

export function clearTimeout(timeout: unknown): void {
  if (is(timeout)) ReflectApply(close, timeout, []);
  else stopTimer(timeout);
}

export function startTimeout(
  callback: unknown,
  delay: unknown,
  args: readonly unknown[],
  repeat: boolean,
): Timeout {
  if (!isCallable(callback)) return lazy('node').refuseCallback(callback);
  requireInvocation();
  return new Timeout(callback, delay, args, repeat);
}
