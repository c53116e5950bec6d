// Performance Timeline and User Timing Level 3: marks and measures that the Worker
// makes, and who observes them. With Node's modules there are entries of what its
// library does too, which are told to observers and not kept. All belong to
// the isolate.
export { PerformanceEntry, PerformanceMark, PerformanceMeasure } from './performance/entries.ts';
export { makeNodeEntry, markResource, tellObservers } from './performance/node_entries.ts';
export { PerformanceObserver, PerformanceObserverEntryList } from './performance/observer.ts';
export { buffers, clear, timeline } from './performance/timeline.ts';
export { mark, measure } from './performance/user_timing.ts';
