// process: what it takes and refuses, and util.promisify() of timers.
import { Buffer, transcode } from 'node:buffer';
import { PerformanceObserver, performance, timerify } from 'node:perf_hooks';
import process from 'node:process';
import { inspect, promisify } from 'node:util';
import { attempt } from './lib/cases.js';

const name = 'CARAVEL_TEST';

function environment(say) {
  const { env } = process;
  for (const value of [undefined, null, 1, true, { a: 1 }, Symbol('no')])
    say(
      `env ${inspect(value)}`,
      attempt(() => {
        env[name] = value;
        return inspect(env[name]);
      }),
    );
  say(
    'env symbol',
    attempt(() => (env[Symbol('no')] = 'text')),
  );
  say('env has', `${name in env} ${delete env[name]} ${name in env}`);
  const whole = { configurable: true, enumerable: true, writable: true };
  for (const descriptor of [
    { value: 1, ...whole },
    { value: 1 },
    { ...whole },
    { get: () => 1, configurable: true },
    { set() {}, enumerable: true },
  ])
    say(
      `define ${Object.keys(descriptor)}`,
      attempt(() => {
        Object.defineProperty(env, name, descriptor);
        return inspect(Object.getOwnPropertyDescriptor(env, name));
      }),
    );
  delete env[name];
}

function refusals(say) {
  for (const method of ['cpuUsage', 'threadCpuUsage'])
    for (const before of [1, {}, { user: 'a' }, { user: -1, system: 0 }, { user: 0, system: NaN }])
      say(
        `${method} ${inspect(before)}`,
        attempt(() => process[method](before)),
      );
  for (const value of ['a', -1, 2 ** 40, {}])
    say(
      `umask ${inspect(value)}`,
      attempt(() => process.umask(value)),
    );
  for (const value of ['a', 1.5, {}, '', true])
    say(
      `exitCode ${inspect(value)}`,
      attempt(() => {
        process.exitCode = value;
      }),
    );
  process.exitCode = undefined;
  say(
    'capture',
    attempt(() => process.setUncaughtExceptionCaptureCallback(1)),
  );
  say(
    'source maps',
    attempt(() => process.setSourceMapsEnabled('yes')),
  );
  say(
    'chdir',
    attempt(() => process.chdir(1)),
  );
  say('features', Object.keys(process.features).toSorted().join());
  say('usage', Object.keys(process.resourceUsage()).join());
  say('memory', Object.keys(process.memoryUsage()).join());
}

function texts(say) {
  const encodings = ['utf8', 'ucs2', 'latin1', 'ascii', 'binary', 'utf16le', 'hex', 'none'];
  for (const from of encodings)
    for (const to of encodings)
      say(
        `transcode ${from} ${to}`,
        attempt(() => transcode(Buffer.from('h\u00e9\u20ac!', 'utf8'), from, to).toString('hex')),
      );
}

async function measured(say) {
  const entries = await new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      observer.disconnect();
      resolve(list.getEntries());
    });
    observer.observe({ entryTypes: ['function'] });
    timerify(function twice(value) {
      return 2 * value;
    })(21);
  });
  for (const entry of entries)
    say('entry', `${entry.name} ${entry.entryType} ${inspect(entry.detail)} ${entry[0]}`);
  say('timerified', timerify(function named(_a, _b) {}).name);
  say(
    'refused',
    attempt(() => timerify(1)),
  );
  say('same', performance.timerify === timerify);
}

export default async function run() {
  const lines = [];
  const say = (what, value) => lines.push(`${what}: ${value}`);
  environment(say);
  refusals(say);
  texts(say);
  await measured(say);
  say('promisified', await promisify(setTimeout)(1, 'value'));
  say('promisified immediate', await promisify(setImmediate)('now'));
  return lines;
}
