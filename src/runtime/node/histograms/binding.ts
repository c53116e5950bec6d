// The binding `performance`, as far as Node's histograms ask for it.
import type { Realm } from '../binding.ts';
import { notSupported } from './failures.ts';
import { DelayHistogram, Histogram, SlidingWindowHistogram } from './handles.ts';
import { takeBuiltins } from './whole.ts';

export function performance({ primordials }: Realm): object {
  takeBuiltins(primordials);
  return {
    Histogram,
    SlidingWindowHistogram,
    createELDHistogram(resolution: number, samplePerIteration: boolean): Histogram {
      // A Worker sees none of the loop's iterations.
      if (samplePerIteration) throw notSupported('monitorEventLoopDelay({ samplePerIteration })');
      return new DelayHistogram(resolution);
    },
  };
}
