// Resource timing of perf_hooks: entries that a program marks, who is told of them, and the
// buffer that holds so many.
import {
  PerformanceEntry,
  PerformanceObserver,
  PerformanceResourceTiming,
  performance,
} from 'node:perf_hooks';
import { inspect } from 'node:util';
import { attempt } from './lib/cases.js';

const timing = (startTime, more = {}) => ({
  startTime,
  endTime: startTime + 50,
  finalServiceWorkerStartTime: 1,
  redirectStartTime: 2,
  redirectEndTime: 3,
  postRedirectStartTime: 4,
  finalConnectionTimingInfo: {
    domainLookupStartTime: 5,
    domainLookupEndTime: 6,
    connectionStartTime: 7,
    connectionEndTime: 8,
    secureConnectionStartTime: 9,
    ALPNNegotiatedProtocol: 'h2',
  },
  finalNetworkRequestStartTime: 10,
  finalNetworkResponseStartTime: 11,
  encodedBodySize: 100,
  decodedBodySize: 200,
  ...more,
});

const mark = (name, startTime, ...rest) =>
  performance.markResourceTiming(timing(startTime), name, 'fetch', globalThis, '', ...rest);

const kept = () =>
  performance.getEntriesByType('resource').map(({ name, startTime }) => `${name} ${startTime}`);

function entries(say) {
  performance.clearResourceTimings(); // Node's fetch() makes some
  const body = { contentType: 'text/plain', contentEncoding: 'br' };
  const whole = mark('https://one.example/', 3, body, 200, 'cache');
  say('entry', inspect(whole));
  say('json', JSON.stringify(whole));
  say(
    'of classes',
    `${whole instanceof PerformanceEntry} ${Object.prototype.toString.call(whole)}`,
  );
  const local = performance.markResourceTiming(timing(1), 'https://two.example/', '', {}, 'local');
  say('local', inspect(local));
  say('kept', kept());
  say(
    'among all',
    performance.getEntries().map(({ entryType }) => entryType),
  );
  say('by name', performance.getEntriesByName('https://one.example/', 'resource').length);
  performance.clearResourceTimings('https://one.example/');
  say('one cleared', kept());
  performance.clearResourceTimings();
  say('all cleared', kept());
  say(
    'construct',
    attempt(() => new PerformanceResourceTiming()),
  );
  say(
    'no size',
    attempt(() => performance.setResourceTimingBufferSize()),
  );
  say(
    'of nothing',
    attempt(() => (0, performance.clearResourceTimings)()),
  );
  say('handler', `${performance.onresourcetimingbufferfull}`);
}

// Resolves with what the observer is told, once it is.
function observed(options, act) {
  return new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      observer.disconnect();
      resolve(list.getEntries().map(({ name, entryType }) => `${entryType} ${name}`));
    });
    observer.observe(options);
    act();
  });
}

async function full(say) {
  let times = 0;
  const waiting = new Promise((resolve) => {
    performance.onresourcetimingbufferfull = (event) => {
      times += 1;
      say('full', `${event.type} ${event.target === performance} ${kept()}`);
      if (times === 1) performance.setResourceTimingBufferSize(3);
      else resolve();
    };
  });
  performance.setResourceTimingBufferSize(2);
  for (let i = 0; i < 5; i++) mark(`entry ${i}`, i);
  say('before the event', kept());
  await waiting;
  await new Promise((resolve) => setTimeout(resolve, 5));
  say('after the event', kept());
  performance.onresourcetimingbufferfull = null;
  performance.clearResourceTimings();
  performance.setResourceTimingBufferSize(250);
}

export default async function run() {
  const lines = [];
  const say = (name, value) => lines.push(`${name}: ${value}`);
  entries(say);
  for (const options of [{ type: 'resource' }, { entryTypes: ['mark', 'resource'] }])
    say('observed', await observed(options, () => mark('seen', 1)));
  say('buffered', await observed({ type: 'resource', buffered: true }, () => undefined));
  performance.clearResourceTimings();
  await full(say);
  return lines;
}
