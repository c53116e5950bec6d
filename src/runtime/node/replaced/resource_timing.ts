// What node:perf_hooks adds to `performance` for resources: entries that a program marks
// itself, as Node's own fetch() does, in a buffer that tells when it is full. The platform's
// fetch() makes no entries: how long it took would be told by a clock that stands still.
// Source: Resource Timing §4.3; Node's documentation, "performance.markResourceTiming()".
import { Event, EventHandlers, type EventTarget, fire } from '../../web/events.ts';
import { ReflectApply } from '../../web/primordials.ts';
import { startTimer } from '../../web/timers.ts';
import type { Callable } from '../../web/webidl.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';

const state: {
  limit: number;
  // Entries since the buffer was full, until the event.
  waiting: Loose[];
  // Whose task is to fire it; undefined: it is not awaited. One that has ended fires none.
  firedBy: number | undefined;
} = { limit: 250, waiting: [], firedBy: undefined };

const kFull = 'resourcetimingbufferfull';

const kept = (): { entries: Loose[] } => lazy('performance').buffers.resource;

// "Add a PerformanceResourceTiming entry".
export function bufferResourceTiming(entry: Loose): void {
  const { entries } = kept();
  if (entries.length < state.limit && state.firedBy === undefined) {
    entries[entries.length] = entry;
    return;
  }
  const current = native.currentInvocation();
  if (current === 0) return; // in the global scope there are no tasks
  if (state.firedBy !== current) {
    state.firedBy = current;
    startTimer(fireBufferFull, 0);
  }
  state.waiting[state.waiting.length] = entry;
}

// "Fire a buffer full event": again while its listeners make room for some.
function fireBufferFull(): void {
  while (state.waiting.length > 0) {
    const before = state.waiting.length;
    fire(globalObject.performance as EventTarget, new Event(kFull));
    const { entries } = kept();
    const left: Loose[] = [];
    for (let i = 0; i < state.waiting.length; i++)
      if (entries.length < state.limit) entries[entries.length] = state.waiting[i];
      else left[left.length] = state.waiting[i];
    state.waiting = before <= left.length ? [] : left;
  }
  state.firedBy = undefined;
}

// Defines the members on Performance.prototype, once.
export function offerResourceTiming({ require }: Realm): void {
  const { performance, Performance } = globalObject as Loose;
  const { codes } = require('internal/errors');
  const own = (self: unknown) => {
    if (self !== performance) throw new codes.ERR_INVALID_THIS('Performance');
  };
  const methods = {
    clearResourceTimings(name: unknown = undefined) {
      own(this);
      lazy('performance').clear('resource', name);
    },
    setResourceTimingBufferSize(maxSize: unknown) {
      own(this);
      if (arguments.length === 0) throw new codes.ERR_MISSING_ARGS('maxSize');
      const toLimit = require('internal/webidl').converters['unsigned long'];
      state.limit = toLimit(maxSize, { __proto__: null, context: 'maxSize' });
    },
  };
  for (const name of ['clearResourceTimings', 'setResourceTimingBufferSize'] as const)
    Object.defineProperty(Performance.prototype, name, {
      value: methods[name],
      configurable: true,
      enumerable: true,
      writable: true,
    });
  const handlers = new EventHandlers(performance);
  Object.defineProperty(Performance.prototype, `on${kFull}`, {
    get: () => handlers.get(kFull),
    set: (value: unknown) => handlers.set(kFull, value),
    configurable: true,
    enumerable: true,
  });
  const markResourceTiming = (...args: unknown[]) => {
    const mark = require('internal/perf/resource_timing').markResourceTiming as Callable;
    return lazy('performance').markResource(args[1], () => ReflectApply(mark, undefined, args));
  };
  Object.defineProperty(Performance.prototype, 'markResourceTiming', {
    value: markResourceTiming,
    configurable: true,
    writable: true,
  });
}
