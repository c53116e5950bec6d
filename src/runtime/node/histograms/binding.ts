// The binding `performance`, as far as Node's histograms and its milestones ask for it.
import * as facts from 'node-facts';
import { Float64Array } from '../../web/primordials.ts';
import type { Realm } from '../binding.ts';
import { notSupported } from './failures.ts';
import { DelayHistogram, Histogram, SlidingWindowHistogram } from './handles.ts';
import { takeBuiltins } from './whole.ts';

export function performance({ primordials }: Realm): object {
  takeBuiltins(primordials);
  return {
    constants: facts.performance().constants,
    Histogram,
    SlidingWindowHistogram,
    createELDHistogram(resolution: number, samplePerIteration: boolean): Histogram {
      // A Worker sees none of the loop's iterations.
      if (samplePerIteration) throw notSupported('monitorEventLoopDelay({ samplePerIteration })');
      return new DelayHistogram(resolution);
    },
    // The loop is the host's: what it does is none of a Worker's business.
    loopIdleTime: () => 0,
    uvMetricsInfo() {},
    uvMetricsBuffer: new Float64Array(3),
  };
}
