// Performance Timeline and User Timing Level 3: marks and measures that the Worker
// makes, and who observes them. There are no entries of other types. All belong to
// the isolate.
export { PerformanceEntry, PerformanceMark, PerformanceMeasure } from './performance/entries.ts';
export { PerformanceObserver, PerformanceObserverEntryList } from './performance/observer.ts';
export { clear, timeline } from './performance/timeline.ts';
export { mark, measure } from './performance/user_timing.ts';
