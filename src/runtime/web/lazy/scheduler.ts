// scheduler.wait(). Source: Workers documentation, "Scheduler".
import { addAlgorithm, isAborted, isSignal, reasonOf, removeAlgorithm } from '../abort.ts';
import { Promise, TypeError } from '../primordials.ts';
import { requireInvocation } from '../report.ts';
import { startScriptTimer, stopTimer } from '../timers.ts';
import {
  defineInterface,
  illegalConstructor,
  kInternal,
  requireArguments,
  toDictionary,
} from '../webidl.ts';

class Scheduler {
  constructor(token: unknown) {
    if (token !== kInternal) illegalConstructor();
  }

  // Resolves after `delay`; rejects with the signal's reason when that aborts first.
  wait(delay: unknown, options: unknown = undefined): Promise<void> {
    requireArguments(arguments.length, 1, 'scheduler.wait');
    return wait(delay, options);
  }
}
defineInterface(Scheduler, 'Scheduler');

export const scheduler = new Scheduler(kInternal);

async function wait(delay: unknown, options: unknown): Promise<void> {
  const { signal } = toDictionary<{ signal: unknown }>(options, 'scheduler.wait');
  if (signal !== undefined && !isSignal(signal))
    throw new TypeError('scheduler.wait: option "signal" is not an AbortSignal');
  requireInvocation();
  if (signal === undefined) {
    await new Promise<void>((resolve) => {
      startScriptTimer(resolve as () => void, delay, false);
    });
    return;
  }
  if (isAborted(signal)) throw reasonOf(signal);
  await new Promise<void>((resolve, reject) => {
    const abort = () => {
      stopTimer(id);
      reject(reasonOf(signal));
    };
    const done = () => {
      removeAlgorithm(signal, abort);
      resolve();
    };
    const id = startScriptTimer(done, delay, false);
    addAlgorithm(signal, abort);
  });
}
