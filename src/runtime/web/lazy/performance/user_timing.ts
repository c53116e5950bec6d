// mark() and measure(), User Timing Level 3.
import { DOMException } from '../../dom_exception.ts';
import { TypeError } from '../../primordials.ts';
import { isObject, kInternal } from '../../webidl.ts';
import {
  cloneDetail,
  now,
  type PerformanceEntry,
  PerformanceMark,
  PerformanceMeasure,
  toTime,
} from './entries.ts';
import { buffers, queue } from './timeline.ts';

export function mark(name: unknown, options: unknown): PerformanceMark {
  const entry = new PerformanceMark(name, options);
  queue(entry, buffers.mark);
  return entry;
}

// The attributes of PerformanceTiming, which is of pages: Navigation Timing §5.1.
const ofPages: readonly string[] = [
  'navigationStart',
  'unloadEventStart',
  'unloadEventEnd',
  'redirectStart',
  'redirectEnd',
  'fetchStart',
  'domainLookupStart',
  'domainLookupEnd',
  'connectStart',
  'connectEnd',
  'secureConnectionStart',
  'requestStart',
  'responseStart',
  'responseEnd',
  'domLoading',
  'domInteractive',
  'domContentLoadedEventStart',
  'domContentLoadedEventEnd',
  'domComplete',
  'loadEventStart',
  'loadEventEnd',
];

// User Timing §5.1, "Convert a mark to a timestamp".
function toTimestamp(value: unknown): number {
  if (typeof value === 'number') return toTime(value, 'the time of a measure');
  const name = `${value}`;
  for (let i = 0; i < ofPages.length; i++) {
    if (ofPages[i] === name)
      throw new TypeError(`performance.measure: "${name}" is a time of pages, Workers have none`);
  }
  const marks = buffers.mark.entries;
  for (let i = marks.length - 1; i >= 0; i--) {
    const entry = marks[i] as PerformanceEntry;
    if (entry.name === name) return entry.startTime;
  }
  throw new DOMException(`performance.measure: there is no mark "${name}"`, 'SyntaxError');
}

interface MeasureOptions {
  detail: unknown;
  duration: unknown;
  end: unknown;
  start: unknown;
}

function measureOptions(startOrOptions: unknown, endMark: unknown): MeasureOptions {
  const given = isObject(startOrOptions);
  const { detail, duration, end, start } = given
    ? (startOrOptions as MeasureOptions)
    : { detail: undefined, duration: undefined, end: undefined, start: startOrOptions };
  const empty =
    detail === undefined && duration === undefined && end === undefined && start === undefined;
  if (given && !empty) {
    if (endMark !== undefined)
      throw new TypeError('performance.measure: there are options and an end mark');
    if (start === undefined && end === undefined)
      throw new TypeError('performance.measure: the options have neither start nor end');
    if (start !== undefined && end !== undefined && duration !== undefined)
      throw new TypeError('performance.measure: the options have start, end and duration');
  }
  return { detail, duration, end: endMark === undefined ? end : endMark, start };
}

// User Timing §3.1.3.
export function measure(
  name: unknown,
  startOrOptions: unknown,
  endMark: unknown,
): PerformanceMeasure {
  const text = `${name}`;
  const { detail, duration, end, start } = measureOptions(startOrOptions ?? undefined, endMark);
  const length = duration === undefined ? 0 : toTime(duration, 'duration');
  let endTime: number;
  if (end !== undefined) endTime = toTimestamp(end);
  else if (start !== undefined && duration !== undefined) endTime = toTimestamp(start) + length;
  else endTime = now();
  let startTime = 0;
  if (start !== undefined) startTime = toTimestamp(start);
  else if (duration !== undefined) startTime = endTime - length;
  const entry = new PerformanceMeasure(
    kInternal,
    text,
    startTime,
    endTime - startTime,
    cloneDetail(detail),
  );
  queue(entry, buffers.measure);
  return entry;
}
