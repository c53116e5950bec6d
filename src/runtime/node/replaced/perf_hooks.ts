// perf_hooks: the platform's timeline, and of what Node measures of its own loop and
// functions the names: a Worker has no clock that runs while it computes.
// Source: Workers documentation, "Node.js compatibility"; Node's documentation,
// "Performance measurement APIs".
import * as facts from 'node-facts';
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

export function perfHooks(): Loose {
  const timeline = lazy('performance');
  const module: Loose = { performance: globalObject.performance };
  module.Performance = globalObject.Performance;
  for (const name of classes) module[name] = timeline[name];
  for (const name of [
    'createHistogram',
    'createSlidingWindowHistogram',
    'importHistogram',
    'monitorEventLoopDelay',
    'timerify',
  ])
    module[name] = refusal(name);
  module.eventLoopUtilization = () => ({ idle: 0, active: 0, utilization: 0 });
  return Object.defineProperty(module, 'constants', {
    value: facts.performance().constants,
    enumerable: true,
  });
}
