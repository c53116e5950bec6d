// The global object as an EventTarget, and the events that are fired at it:
// `error`, `unhandledrejection`, `rejectionhandled` (HTML §8.1.4).
import { dispatchTo, type Event, globalTarget } from './events.ts';
import { TypeError } from './primordials.ts';
import { describeError, logException, reporter } from './report.ts';

const listeners = globalTarget.list;
const state = { reporting: false };

globalTarget.mayAdd = (type) => {
  if (type === 'fetch' || type === 'scheduled')
    throw new TypeError(
      `addEventListener("${type}"): the service worker syntax is not supported. Export a default object with a ${type}() method instead.`,
    );
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
