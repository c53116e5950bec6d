// internal/timers: the timers of Node's library, each over a timer of the
// platform, so that it belongs to the invocation that set it and ends with it.
// The classes' other members stand in Node's own module `timers`.
//
// Source: Node's documentation, "Timers".
import { MathTrunc, NumberIsFinite, NumberIsNaN, ReflectApply } from '../../web/primordials.ts';
import { reportError } from '../../web/report.ts';
import { findTimer, startScriptTimer, startTimer, stopTimer } from '../../web/timers.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';

const kLongestDelay = 2 ** 31 - 1;

// Where immediateInfo counts those that were ever made; Node, those that wait.
export const kMadeImmediates = 0;

export function timers({ internalBinding, process, require }: Realm): Loose {
  const {
    getDefaultTriggerAsyncId,
    newAsyncId,
    initHooksExist,
    emitInit,
    emitBefore,
    emitAfter,
    emitDestroy,
  } = require('internal/async_hooks');
  const { validateFunction, validateNumber } = require('internal/validators');
  const { codes } = require('internal/errors');
  const { inspect } = require('internal/util/inspect');
  const { immediateInfo } = internalBinding('timers');

  const asyncId = Symbol('asyncId');
  const triggerId = Symbol('triggerId');
  const kRefed = Symbol('refed');
  const kHasPrimitive = Symbol('kHasPrimitive');
  const kNumber = Symbol('number'); // of the platform's timer, also of one that has run
  const kStarts = Symbol('starts'); // how often the platform's was started
  const kEvery = Symbol('every'); // the delay by which the platform's repeats, if it does
  // What runs, by its number: so what script asks a number of is kept no longer. Only
  // Node's clearTimeout() looks here, so that a timer of the global setTimeout() which has
  // no object, or is none of these, is what that function has cleanTimer() stop.
  const knownTimersById = new Proxy(
    { __proto__: null },
    {
      get(_, number) {
        const timer = typeof number === 'string' ? findTimer(number) : undefined;
        if (timer === undefined) return undefined;
        if (timer.callback === fire) return timer.args[0];
        const own = lazy('node_timers').timeoutOf(timer);
        return own ?? { _onTimeout: fire, _destroyed: true, [kNumber]: +(number as string) };
      },
    },
  );

  function initAsyncResource(resource: Loose, type: string): void {
    resource[asyncId] = newAsyncId();
    resource[triggerId] = getDefaultTriggerAsyncId();
    if (initHooksExist()) emitInit(resource[asyncId], type, resource[triggerId], resource);
  }

  // Calls back as Node does: what is thrown goes to the process.
  function call(resource: Loose, run: () => void): void {
    emitBefore(resource[asyncId], resource[triggerId], resource);
    try {
      run();
    } catch (error) {
      reportError(error);
    }
    emitAfter(resource[asyncId]);
  }

  function inspectShallowly(this: unknown, _depth: unknown, options: object): string {
    return inspect(this, { ...options, depth: 0, customInspect: false });
  }

  function toDelay(after: unknown): number {
    let delay = after === undefined ? 1 : +(after as number);
    if (delay >= 1 && delay <= kLongestDelay) return delay;
    if (delay > kLongestDelay)
      process.emitWarning(
        `${delay} does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.`,
        'TimeoutOverflowWarning',
      );
    else if (delay < 0)
      process.emitWarning(
        `${delay} is a negative number.\nTimeout duration was set to 1.`,
        'TimeoutNegativeWarning',
      );
    else if (NumberIsNaN(delay))
      process.emitWarning(
        `${delay} is not a number.\nTimeout duration was set to 1.`,
        'TimeoutNaNWarning',
      );
    delay = 1;
    return delay;
  }

  class Timeout {
    [key: PropertyKey]: Loose;

    constructor(
      callback: unknown,
      after: unknown,
      args: unknown,
      repeats: boolean,
      refed: boolean,
    ) {
      this._idleTimeout = toDelay(after);
      this._idlePrev = this;
      this._idleNext = this;
      this._idleStart = null;
      this._onTimeout = callback;
      this._timerArgs = args;
      this._repeat = repeats ? this._idleTimeout : null;
      this._destroyed = false;
      this[kNumber] = undefined;
      this[kStarts] = 0;
      this[kRefed] = refed;
      this[kHasPrimitive] = false;
      initAsyncResource(this, 'Timeout');
    }

    refresh(): this {
      active(this);
      return this;
    }
    unref(): this {
      this[kRefed] = false;
      return this;
    }
    ref(): this {
      this[kRefed] = true;
      return this;
    }
    hasRef(): boolean {
      return this[kRefed];
    }
  }
  // The number is that of the platform's timer, which the global clearTimeout() knows also
  // where it gives and takes numbers alone. Node's module `timers` would set its own.
  Object.defineProperty(Timeout.prototype, Symbol.toPrimitive, {
    get: () => numberOf,
    set() {},
    configurable: true,
  });
  function numberOf(this: Loose): number {
    return this[kNumber];
  }
  Timeout.prototype[inspect.custom] = inspectShallowly;

  function stop(timer: Loose): void {
    stopTimer(timer[kNumber]);
  }

  const elapsed = () => MathTrunc(native.now() - native.timeOrigin());

  function insert(timeout: Loose, delay: number): void {
    timeout._idleStart = elapsed();
    timeout[kEvery] = timeout._repeat === delay ? delay : undefined;
    const repeats = timeout[kEvery] !== undefined;
    timeout[kNumber] = startScriptTimer(
      fire,
      MathTrunc(delay),
      repeats,
      [timeout],
      timeout[kNumber],
    );
    timeout[kStarts] = (timeout[kStarts] ?? 0) + 1;
  }

  function fire(timeout: Loose): void {
    const starts = timeout[kStarts];
    if (timeout[kEvery] !== undefined) timeout._idleStart = elapsed();
    if (typeof timeout._onTimeout !== 'function') return;
    call(timeout, () => {
      ReflectApply(timeout._onTimeout, timeout, timeout._timerArgs ?? []);
    });
    if (timeout._destroyed || timeout[kStarts] !== starts) return;
    if (timeout._repeat && timeout._idleTimeout !== -1) {
      timeout._idleTimeout = timeout._repeat;
      if (timeout[kEvery] !== timeout._repeat) insert(timeout, timeout._repeat);
    } else {
      stop(timeout);
      timeout._destroyed = true;
      emitDestroy(timeout[asyncId]);
    }
  }

  function active(timeout: Loose): void {
    const delay = timeout._idleTimeout;
    if (delay === undefined || delay < 0) return;
    insert(timeout, delay);
    if (timeout._destroyed || !timeout[asyncId]) {
      timeout._destroyed = false;
      initAsyncResource(timeout, 'Timeout');
    }
  }

  class Immediate {
    [key: PropertyKey]: Loose;

    constructor(callback: unknown, args: unknown) {
      this._idleNext = null;
      this._idlePrev = null;
      this._onImmediate = callback;
      this._argv = args;
      this._destroyed = false;
      this[kRefed] = true;
      initAsyncResource(this, 'Immediate');
      immediateInfo[kMadeImmediates]++;
      this[kNumber] = startTimer(() => {
        this._destroyed = true;
        this[kRefed] = null;
        call(this, () => {
          if (this._onImmediate) ReflectApply(this._onImmediate, this, this._argv ?? []);
        });
        this._onImmediate = undefined;
        this._argv = undefined;
        emitDestroy(this[asyncId]);
      }, 0);
    }

    ref(): this {
      if (this[kRefed] === false) this[kRefed] = true;
      return this;
    }
    unref(): this {
      if (this[kRefed] === true) this[kRefed] = false;
      return this;
    }
    hasRef(): boolean {
      return Boolean(this[kRefed]);
    }
  }

  function setUnrefTimeout(callback: unknown, after: number): Timeout {
    validateFunction(callback, 'callback');
    const timeout = new Timeout(callback, after, undefined, false, false);
    insert(timeout, timeout._idleTimeout);
    return timeout;
  }

  return {
    TIMEOUT_MAX: kLongestDelay,
    kTimeout: Symbol('timeout'),
    async_id_symbol: asyncId,
    trigger_async_id_symbol: triggerId,
    async_context_frame: Symbol('kAsyncContextFrame'),
    Timeout,
    Immediate,
    kRefed,
    kHasPrimitive,
    initAsyncResource,
    knownTimersById,
    // Node's clearTimeout() and clearImmediate() end with these.
    cleanTimer(timeout: Loose) {
      if (timeout[kNumber] !== undefined) stop(timeout);
      else if (lazy('node_timers').closeTimeout(timeout)) return;
      timeout._onTimeout = undefined;
      timeout._timerArgs = undefined;
    },
    cleanImmediate(immediate: Loose) {
      stop(immediate);
      immediate._onImmediate = undefined;
      immediate._argv = undefined;
    },
    setUnrefTimeout,
    reuseOrCreateUnrefTimeout: (
      _timer: unknown,
      callback: unknown,
      after: number,
      arg: unknown,
    ) => {
      const timeout = new Timeout(callback, after, [arg], false, false);
      insert(timeout, timeout._idleTimeout);
      return timeout;
    },
    getTimerDuration(delay: number, name: string): number {
      validateNumber(delay, name);
      if (delay < 0 || !NumberIsFinite(delay))
        throw new codes.ERR_OUT_OF_RANGE(name, 'a non-negative finite number', delay);
      if (delay <= kLongestDelay) return delay;
      process.emitWarning(
        `${delay} does not fit into a 32-bit signed integer.\nTimer duration was truncated to ${kLongestDelay}.`,
        'TimeoutOverflowWarning',
      );
      return kLongestDelay;
    },
    active,
    unrefActive: active,
    insert,
    incRefCount() {},
    decRefCount() {},
    immediateInfoFields: { kCount: 0, kRefCount: 1, kHasOutstanding: 2 },
    immediateInfo,
    // The lists by which Node's loop finds what is due; here the shard has them.
    immediateQueue: { append() {}, remove() {} },
    timerListMap: {},
    timerListQueue: { removeAt() {} },
    getTimerCallbacks: () => ({ processImmediate() {}, processTimers: () => 0 }),
  };
}
