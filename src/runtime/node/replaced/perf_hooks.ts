// perf_hooks: the platform's timeline, with what Node measures of functions and of its
// library. Of what it measures of its loop there are the names: a Worker has no clock that
// runs while it computes.
// Source: Workers documentation, "Node.js compatibility"; Node's documentation,
// "Performance measurement APIs".
import * as facts from 'node-facts';
import { nodeState } from '../../web/node_globals.ts';
import { ReflectApply } from '../../web/primordials.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';
import { bufferResourceTiming, offerResourceTiming } from './resource_timing.ts';

const classes = [
  'PerformanceEntry',
  'PerformanceMark',
  'PerformanceMeasure',
  'PerformanceObserver',
  'PerformanceObserverEntryList',
] as const;

// A function of Node's module `id`, which is loaded when it is called first.
function deferred({ require }: Realm, id: string, name: string, length = 0): Loose {
  const call = (...args: unknown[]) => {
    const module = require(id);
    return ReflectApply(typeof module === 'function' ? module : module[name], undefined, args);
  };
  Object.defineProperty(call, 'length', { value: length });
  return Object.defineProperty(call, 'name', { value: name });
}

// A histogram holds nothing below 1: a call that took no time on the Worker's clock,
// which stands still while it computes, is recorded as one nanosecond.
function timerifier(require: Realm['require']): Loose {
  const nodes = require('internal/perf/timerify');
  return function timerify(run: unknown, options: Loose = undefined) {
    const histogram = options?.histogram;
    if (typeof histogram?.record !== 'function') return nodes(run, options);
    const { isHistogram, kHandle } = require('internal/histogram');
    if (!isHistogram(histogram)) return nodes(run, options);
    const record = (duration: number) => histogram.record(duration === 0 ? 1 : duration);
    return nodes(run, { histogram: { [kHandle]: histogram[kHandle], record } });
  };
}

const now = (): number => native.now() - native.timeOrigin();

// Of internal/perf/observe. The platform's observers are asked once there are any.
export function perfObserve(): Loose {
  return {
    bufferResourceTiming,
    enqueue: (entry: Loose) => lazy('performance').tellObservers(entry),
    hasObserver: (type: string) => nodeState.hasObserver?.(type) ?? false,
    startPerf(target: Loose, key: symbol, context: object = {}) {
      target[key] = { ...context, startTime: now() };
    },
    stopPerf(target: Loose, key: symbol, context: Loose = {}) {
      const begun = target[key];
      if (begun === undefined) return;
      const { detail, name, startTime, type } = begun;
      const all = { ...detail, ...context.detail };
      const { makeNodeEntry, tellObservers } = lazy('performance');
      tellObservers(makeNodeEntry(name, type, startTime, now() - startTime, all));
    },
  };
}

export const perfEntry = (): Loose => ({
  // What Node's class of resources extends. Its constructor passes the symbol on to
  // super(), where script may get it: it makes nothing but such an object, and that only
  // while there is an entry to be made (resource_timing.ts).
  PerformanceEntry: lazy('performance').PerformanceEntry,
  kSkipThrow: Symbol('kSkipThrow'),
  createPerformanceNodeEntry: (name: string, type: string, start: number, ...rest: Loose[]) =>
    lazy('performance').makeNodeEntry(name, type, start, rest[0], rest[1]),
});

// A Worker's time begins with all of that past, and its loop does not end.
function milestone(which: number): number {
  return which === facts.performance().constants.NODE_PERFORMANCE_MILESTONE_LOOP_EXIT ? -1 : 0;
}

export const perfUtils = (): Loose => ({ getMilestoneTimestamp: milestone, now });

// For util.inspect(): an entry is what it is as JSON.
function offerInspection({ require }: Realm, prototype: Loose): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value: function inspectEntry(this: Loose, depth: number, options: Loose): unknown {
      if (depth < 0) return this;
      const { inspect } = require('internal/util/inspect');
      const next = options.depth == null ? null : options.depth - 1;
      return `${this.constructor.name} ${inspect(this.toJSON(), { ...options, depth: next })}`;
    },
    configurable: true,
    writable: true,
  });
}

// performance.nodeTiming, which its toJSON() tells too.
function offerNodeTiming({ require }: Realm, module: Loose): void {
  const { prototype } = module.Performance;
  native.defineLazy(prototype, 'nodeTiming', () => require('internal/perf/nodetiming'), false);
  const { toJSON } = prototype;
  Object.defineProperty(prototype, 'toJSON', {
    value: {
      toJSON(this: Loose) {
        const { timeOrigin } = ReflectApply(toJSON, this, []) as Loose;
        const eventLoopUtilization = module.eventLoopUtilization();
        return { nodeTiming: this.nodeTiming, timeOrigin, eventLoopUtilization };
      },
    }.toJSON,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

export function perfHooks(realm: Realm): Loose {
  const timeline = lazy('performance');
  const module: Loose = { performance: globalObject.performance };
  module.Performance = globalObject.Performance;
  for (const name of classes) module[name] = timeline[name];
  const histograms = 'internal/histogram';
  module.createHistogram = deferred(realm, histograms, 'createHistogram');
  module.createSlidingWindowHistogram = deferred(
    realm,
    histograms,
    'createSlidingWindowHistogram',
    1,
  );
  module.importHistogram = deferred(realm, histograms, 'importHistogram', 1);
  module.monitorEventLoopDelay = deferred(
    realm,
    'internal/perf/event_loop_delay',
    'monitorEventLoopDelay',
  );
  module.timerify = timerifier(realm.require);
  native.defineLazy(
    module,
    'PerformanceResourceTiming',
    () => realm.require('internal/perf/resource_timing').PerformanceResourceTiming,
    true,
  );
  offerResourceTiming(realm);
  offerNodeTiming(realm, module);
  offerInspection(realm, timeline.PerformanceEntry.prototype);
  const { performance } = module;
  for (const name of ['timerify', 'eventLoopUtilization'])
    Object.defineProperty(performance, name, {
      get: () => module[name],
      configurable: true,
      enumerable: true,
    });
  module.eventLoopUtilization = () => ({ idle: 0, active: 0, utilization: 0 });
  return Object.defineProperty(module, 'constants', {
    value: facts.performance().constants,
    enumerable: true,
  });
}
