// perf_hooks: the platform's timeline, with what Node measures of functions and of its
// library. Of what it measures of its loop there are the names: a Worker has no clock that
// runs while it computes.
// Source: Workers documentation, "Node.js compatibility"; Node's documentation,
// "Performance measurement APIs".
import * as facts from 'node-facts';
import { nodeState } from '../../web/node_globals.ts';
import type { Realm } from '../binding.ts';
import type { Loose } from '../loose.ts';

const classes = [
  'PerformanceEntry',
  'PerformanceMark',
  'PerformanceMeasure',
  'PerformanceObserver',
  'PerformanceObserverEntryList',
] as const;

function refusal(name: string): () => never {
  const refuse = () => {
    const error: Loose = new Error(`node:perf_hooks: ${name}() is not supported in Workers`);
    error.code = 'ERR_METHOD_NOT_IMPLEMENTED';
    throw error;
  };
  return Object.defineProperty(refuse, 'name', { value: name }) as () => never;
}

const now = (): number => native.now() - native.timeOrigin();

// Of internal/perf/observe. The platform's observers are asked once there are any.
export function perfObserve(): Loose {
  return {
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
  createPerformanceNodeEntry: (name: string, type: string, start: number, ...rest: Loose[]) =>
    lazy('performance').makeNodeEntry(name, type, start, rest[0], rest[1]),
});

export const perfUtils = (): Loose => ({ now });

export function perfHooks({ require }: Realm): Loose {
  const timeline = lazy('performance');
  const module: Loose = { performance: globalObject.performance };
  module.Performance = globalObject.Performance;
  for (const name of classes) module[name] = timeline[name];
  for (const name of [
    'createHistogram',
    'createSlidingWindowHistogram',
    'importHistogram',
    'monitorEventLoopDelay',
  ])
    module[name] = refusal(name);
  module.timerify = require('internal/perf/timerify');
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
