// setTimeout and its kin, HTML §8.6. C++ keeps the clock and the timers, and calls
// onTimer with the invocation restored that was current when the timer was set.
import { ReflectApply } from './primordials.ts';
import { reportError, requireInvocation } from './report.ts';
import { type Callable, requireArguments, toFunction } from './webidl.ts';

export interface Timer {
  readonly callback: Callable;
  readonly args: readonly unknown[];
}

const kLongestDelay = 2 ** 31 - 1;
const state = { lastId: 0 };

function toDelay(value: unknown): number {
  const delay = (value as number) | 0; // WebIDL long: what is beyond it wraps
  return delay < 0 ? 0 : delay;
}

function nextId(): number {
  state.lastId = state.lastId === kLongestDelay ? 1 : state.lastId + 1;
  return state.lastId;
}

function start(
  callback: Callable,
  delay: number,
  args: readonly unknown[],
  repeat: boolean,
  id = nextId(),
): number {
  const timer: Timer = { callback, args };
  native.timerStart(id, delay, repeat, timer); // throws where the invocation is over
  return id;
}

// Of script's or of the platform's; one that has fired may be stopped too.
export function stopTimer(id: unknown): void {
  const number = +(id as number);
  if (number === (number | 0)) native.timerStop(number);
}

// A timer of the platform's own; ids are shared with script's.
export function startTimer(callback: () => void, delay: number): number {
  return start(callback, toDelay(delay), [], false);
}

// One of script's. With `id`, that of one before, it begins anew, also where that has
// fired and is on its way: it is not heard then.
export function startScriptTimer(
  callback: Callable,
  delay: unknown,
  repeat: boolean,
  args: readonly unknown[] = [],
  id: number | undefined = undefined,
): number {
  return start(callback, toDelay(delay), args, repeat, id);
}

// What runs under a number.
export function findTimer(id: unknown): Timer | undefined {
  const number = +(id as number);
  return number === (number | 0) ? (native.timerFind(number) as Timer | undefined) : undefined;
}

export function onTimer(timer: Timer): void {
  try {
    ReflectApply(timer.callback, globalObject, timer.args as unknown[]);
  } catch (error) {
    reportError(error);
  }
}

export const timerFunctions = {
  setTimeout(callback: unknown, delay: unknown = 0, ...args: unknown[]): number {
    requireArguments(arguments.length, 1, 'setTimeout');
    const run = toFunction(callback, 'setTimeout: parameter 1');
    requireInvocation();
    return start(run, toDelay(delay), args, false);
  },
  clearTimeout(id: unknown = undefined): void {
    stopTimer(id);
  },
  setInterval(callback: unknown, delay: unknown = 0, ...args: unknown[]): number {
    requireArguments(arguments.length, 1, 'setInterval');
    const run = toFunction(callback, 'setInterval: parameter 1');
    requireInvocation();
    return start(run, toDelay(delay), args, true);
  },
  clearInterval(id: unknown = undefined): void {
    stopTimer(id);
  },
};
