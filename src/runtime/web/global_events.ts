// The global object as an EventTarget, and the events that are fired at it:
// `error`, `unhandledrejection`, `rejectionhandled` (HTML §8.1.4).
import { dispatchTo, type Event, ListenerList } from './events.ts';
import { TypeError } from './primordials.ts';
import { describeError, logException, reporter } from './report.ts';
import { requireArguments } from './webidl.ts';

const listeners = new ListenerList();
const state = { reporting: false };

export const globalEventFunctions = {
  addEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'addEventListener');
    if (type === 'fetch' || type === 'scheduled')
      throw new TypeError(
        `addEventListener("${type}"): the service worker syntax is not supported. Export a default object with a ${type}() method instead.`,
      );
    listeners.add(type, callback, options);
  },
  removeEventListener(type: unknown, callback: unknown, options: unknown = undefined): void {
    requireArguments(arguments.length, 2, 'removeEventListener');
    listeners.remove(type, callback, options);
  },
  dispatchEvent(event: unknown): boolean {
    requireArguments(arguments.length, 1, 'dispatchEvent');
    return dispatchTo(listeners, globalObject, event, false);
  },
};

function fire(event: Event): boolean {
  return dispatchTo(listeners, globalObject, event, true);
}

reporter.fire = (error) => {
  if (state.reporting || !listeners.has('error')) return true;
  state.reporting = true; // a listener that throws is not told of its own error
  try {
    const { message } = describeError(error);
    const init = { cancelable: true, error, message };
    return fire(new (lazy('event_classes').ErrorEvent)('error', init));
  } finally {
    state.reporting = false;
  }
};

// C++ calls this after the microtasks of a turn, for a promise that nobody
// handles then.
export function onUnhandledRejection(promise: Promise<unknown>, reason: unknown): void {
  if (!reporter.fireRejection(reason, promise)) return;
  if (listeners.has('unhandledrejection')) {
    const { PromiseRejectionEvent } = lazy('event_classes');
    const init = { cancelable: true, promise, reason };
    if (!fire(new PromiseRejectionEvent('unhandledrejection', init))) return;
  }
  logException(reason);
}

// A promise that onUnhandledRejection was called for has got a handler.
export function onHandledLater(promise: Promise<unknown>, reason: unknown): void {
  if (!listeners.has('rejectionhandled')) return;
  const { PromiseRejectionEvent } = lazy('event_classes');
  fire(new PromiseRejectionEvent('rejectionhandled', { promise, reason }));
}
