// Histograms of perf_hooks: what is recorded, refused, told, exported and imported, and
// what is left of it in a copy. Statistics agree in nine figures: each computes them its way.
import {
  createHistogram,
  createSlidingWindowHistogram,
  importHistogram,
  monitorEventLoopDelay,
  performance,
} from 'node:perf_hooks';
import { inspect } from 'node:util';
import { attempt } from './lib/cases.js';

const figures = (number) => (Number.isFinite(number) ? Number(number.toPrecision(9)) : `${number}`);

function rounded(value) {
  if (typeof value === 'number') return figures(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Map) return [...value].map(rounded);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rounded(each)]));
}

const shown = (value) => inspect(rounded(value), { depth: 5, breakLength: Infinity });
const hex = (bytes) => Buffer.from(bytes).toString('hex');

function of(values, options) {
  const histogram = createHistogram(options);
  for (const value of values) histogram.record(value);
  return histogram;
}

const samples = {
  empty: of([]),
  one: of([7]),
  equal: of([5, 5, 5]),
  few: of([1, 2, 3, 4, 100]),
  ties: of([2, 2, 50, 60, 70, 80]),
  wide: of([1, 2, 3, 1000, 1001, 5000, 123_456_789, 2048, 2049, 4096, 4100]),
  coarse: of([1, 4, 5, 6, 7, 8, 999, 1000, 1001, 2000], { lowest: 5, highest: 1000, figures: 2 }),
  two: of([1000, 3000, 77_777], { figures: 1 }),
  five: of([1_234_567, 7_654_321, 9], { figures: 5, highest: 10_000_000 }),
  large: of([2n ** 61n, 3n], { highest: 2n ** 63n - 1n, figures: 1 }),
  many: of(Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 1000) + 1)),
};

function tells(say) {
  for (const [name, histogram] of Object.entries(samples)) {
    say(`${name} json`, shown(histogram.toJSON()));
    for (const key of ['minBigInt', 'maxBigInt', 'countBigInt', 'exceedsBigInt'])
      say(`${name} ${key}`, shown(histogram[key]));
    say(`${name} percentiles`, shown(histogram.percentilesBigInt));
    for (const at of [0.001, 1, 25, 49.9, 50, 75, 90, 99.9, 100]) {
      say(`${name} ${at} %`, shown([histogram.percentile(at), histogram.percentileBigInt(at)]));
      for (const confidence of [0.5, 0.95])
        say(`${name} ${at} within`, shown(histogram.percentileCI(at, { confidence })));
    }
    if (histogram.count > 0) say(`${name} some`, shown(histogram.percentilesAt([99, 1, 50])));
    if (name !== 'large')
      say(`${name} mean`, shown([histogram.meanCI(), histogram.meanCI({ confidence: 0.5 })]));
    // Beyond the highest that may be recorded Node reads what it has not written.
    for (const value of [0, 1, 2.7, 900])
      say(
        `${name} at ${value}`,
        shown([histogram.cdf(value), histogram.ccdf(value), histogram.countAt(value)]),
      );
    say(`${name} exported`, hex(histogram.export()));
    const back = importHistogram(histogram.export());
    say(`${name} imported`, `${hex(back.export())} ${shown(back.toJSON())}`);
  }
  for (const name of ['few', 'ties', 'one', 'equal', 'many']) {
    say(`${name} linear`, shown(samples[name].linearBuckets(10)));
    say(`${name} powers`, shown([samples[name].logBuckets(1, 2), samples[name].logBuckets(3, 10)]));
  }
  say('powers', shown(samples.wide.logBuckets(1, 10)));
  say('linear', shown(samples.wide.linearBuckets(33_333_333)));
}

const ofOtherSteps = ['coarse', 'two', 'five', 'large'];

// Node takes the steps of both for those of one histogram: so only what has the same ones.
function compares(say) {
  const alike = Object.entries(samples).filter(([name]) => !ofOtherSteps.includes(name));
  for (const [name, a] of alike)
    for (const [other, b] of alike) {
      say(`${name}, ${other}: distances`, shown([a.ksTest(b), a.cohensD(b), a.cliffsD(b)]));
      say(`${name}, ${other}: Welch`, shown(a.welchTest(b)));
      say(`${name}, ${other}: ranks`, shown(a.mannWhitneyTest(b)));
    }
}

function takes(say) {
  const histogram = createHistogram({ highest: 1000 });
  for (const value of [
    0,
    -1,
    1.5,
    '1',
    null,
    0n,
    -1n,
    2n ** 63n,
    2n ** 64n + 7n,
    2 ** 53,
    1001,
    5n,
  ])
    say(`record ${inspect(value)}`, `${attempt(() => histogram.record(value))} ${histogram.count}`);
  for (const [value, interval] of [
    [1000, 100],
    [50, 100],
    [1000n, 300n],
    [1000n, 3],
    [5000, 700],
    [999, 1],
    [998n, 7n],
    [10n, 0n],
    [2n ** 64n, 1n],
  ])
    say(
      `corrected ${value} ${interval}`,
      `${attempt(() => histogram.recordCorrected(value, interval))} ${shown(histogram.toJSON())}`,
    );
  for (const options of [
    null,
    1,
    { lowest: 0 },
    { lowest: 10, highest: 19 },
    { highest: 1 },
    { figures: 0 },
    { figures: 6 },
    { halfLife: -1 },
    { threshold: 'x' },
    { lowest: 2n ** 60n, highest: 2n ** 62n },
    { lowest: 2n ** 50n, highest: 2n ** 52n, figures: 5 },
    { lowest: 1, highest: 2, figures: 1 },
  ])
    say(
      `options ${inspect(options)}`,
      attempt(() => createHistogram(options).count),
    );
  const broken = hex(samples.wide.export());
  for (const text of [
    '',
    'ab',
    broken.slice(2),
    broken.slice(0, -2),
    broken.replace('0303', '0304'),
  ])
    say(
      `import ${text}`,
      attempt(() => importHistogram(Buffer.from(text, 'hex')).count),
    );
  say(
    'import text',
    attempt(() => importHistogram('text')),
  );
  say(
    'construct',
    attempt(() => new histogram.constructor()),
  );
}

function changes(say) {
  const sum = of([10, 500], { highest: 400 });
  const added = of([20, 20, 900], { highest: 400 });
  sum.add(added);
  say('added', shown(sum.toJSON()));
  sum.add(sum);
  say('added to itself', shown(sum.toJSON()));
  sum.subtract(added);
  say('subtracted', shown(sum.toJSON()));
  sum.subtract(sum);
  say('without itself', shown(sum.toJSON()));
  const narrow = of([1], { highest: 100 });
  narrow.add(samples.few);
  narrow.add(samples.wide);
  say('of a wider one', shown(narrow.toJSON()));
  say(
    'no histogram',
    attempt(() => sum.add({})),
  );
  sum.record(3);
  sum.reset();
  say('reset', shown(sum.toJSON()));

  const decaying = createHistogram({ halfLife: 2, threshold: 10, highest: 1000 });
  for (const value of [5, 20, 5, 10, 11, 2000, 30]) {
    decaying.record(value);
    say(`decaying ${value}`, `${shown(decaying.toJSON())} ${shown(decaying.burnRate(0.9))}`);
  }
  say('decaying exported', shown(importHistogram(decaying.export()).toJSON()));
  const resumed = importHistogram(decaying.export());
  resumed.record(50);
  say('decaying resumed', shown(resumed.toJSON()));

  const window = createSlidingWindowHistogram({ chunks: 3, recordsPerChunk: 2, highest: 10 });
  for (const value of [1, 2, 50, 3, 4, 5, 60, 6, 7]) {
    window.record(value);
    say(`window ${value}`, shown(window.snapshot().toJSON()));
  }
  window.reset();
  say('window reset', shown(window.snapshot().toJSON()));
  say(
    'window options',
    attempt(() => createSlidingWindowHistogram({ chunks: 1 })),
  );
}

function copies(say) {
  const histogram = of([5]);
  const { copy } = structuredClone({ copy: histogram });
  copy.record(9);
  say('copy', `${copy.constructor.name} ${histogram.count}`);
  say('copy of a monitor', structuredClone(monitorEventLoopDelay()).constructor.name);
  const window = createSlidingWindowHistogram({ chunks: 1, recordsPerChunk: 1 });
  say(
    'copy of a window',
    attempt(() => structuredClone(window)),
  );
  say('inspected', inspect(histogram));
  say('inspected shallowly', inspect({ a: { b: { histogram } } }, { depth: 1 }));
  say('monitor', inspect(monitorEventLoopDelay({ resolution: 5 })));
  say(
    'resolution',
    attempt(() => monitorEventLoopDelay({ resolution: 0 })),
  );
  const timed = createHistogram();
  const run = performance.timerify((a, b) => a + b, { histogram: timed });
  say('timed', `${run(1, 2)} ${timed.count} ${timed.min > 0}`);
  for (const wrong of [1, {}, samples.few.snapshot, monitorEventLoopDelay()])
    say(
      'no recorder',
      attempt(() => performance.timerify(run, { histogram: wrong })),
    );
}

export default function run() {
  const lines = [];
  const say = (name, value) => lines.push(`${name}: ${value}`);
  for (const part of [tells, compares, takes, changes, copies]) part(say);
  return lines;
}
