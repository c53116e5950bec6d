// The object `process`. Source: Node's documentation, "Process"; what a Worker
// has no part in (signals, users, the process itself) says so when it is called.
import * as facts from 'node-facts';

declare const console: {
  error(...args: unknown[]): void;
  log(...args: unknown[]): void;
  warn(text: string): void;
};

import { nodeState } from '../web/node_globals.ts';
import { logException, reporter } from '../web/report.ts';
import { nextTickOf } from './bindings/async.ts';
import type { Loose } from './loose.ts';
import { platformClasses } from './platform_classes.ts';

const versions = Object.freeze({ ...facts.versions() });

function notSupported(name: string): () => never {
  return () => {
    const error: Loose = new Error(`process.${name}() is not supported in Workers`);
    error.code = 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM';
    throw error;
  };
}

// Node's own name of the class, which shows when the object is inspected.
function processClass(): Loose {
  return Object.defineProperty(function process() {}, 'name', { value: 'process' });
}

function once(make: () => unknown): () => unknown {
  let made: { value: unknown } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

// Source: Workers documentation, "Environment variables and secrets"
// (nodejs_compat_populate_process_env). Values are text, whatever is set; no symbol is a
// name: Node's documentation, "process.env".
function environment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(nodeState.env))
    env[name] = typeof value === 'string' ? value : JSON.stringify(value);
  function refuse(why: string): never {
    const error: Loose = new TypeError(`'process.env' ${why}`);
    error.code = 'ERR_INVALID_OBJECT_DEFINE_PROPERTY';
    throw error;
  }
  return new Proxy(env, {
    set(target, name, value) {
      target[`${name as string}`] = `${value}`;
      return true;
    },
    defineProperty(target, name, given: PropertyDescriptor) {
      if ('get' in given || 'set' in given)
        refuse('does not accept an accessor(getter/setter) descriptor');
      if (!('value' in given) || !given.configurable || !given.writable || !given.enumerable)
        refuse('only accepts a configurable, writable, and enumerable data descriptor');
      target[`${name as string}`] = `${given.value}`;
      return true;
    },
  });
}

// What Node's library makes of what a system tells of a process: here nothing but zeros.
function perThread(require: (id: string) => Loose, original: (id: string) => Loose): () => Loose {
  return once(() =>
    original('internal/process/per_thread').wrapProcessMethods({
      cpuUsage() {},
      threadCpuUsage() {},
      memoryUsage() {},
      rss: () => 0,
      resourceUsage() {},
      // What is set already stays.
      loadEnvFile(file: unknown = '.env') {
        const { env } = require('internal/bootstrap/realm').process;
        const text = require('fs').readFileSync(file, 'utf8');
        for (const [name, value] of Object.entries(require('util').parseEnv(text)))
          env[name] ??= value as string;
      },
    }),
  );
}

function hrtime(require: (id: string) => Loose, previous?: Loose): [number, number] {
  const now = native.now() - native.timeOrigin();
  let seconds = Math.floor(now / 1000);
  let nanoseconds = Math.floor((now % 1000) * 1e6);
  if (previous !== undefined) {
    require('internal/validators').validateArray(previous, 'time');
    if (previous.length !== 2)
      throw new (require('internal/errors').codes.ERR_OUT_OF_RANGE)('time', 2, previous.length);
    seconds -= previous[0];
    nanoseconds -= previous[1];
    if (nanoseconds < 0) {
      seconds -= 1;
      nanoseconds += 1e9;
    }
  }
  return [seconds, nanoseconds];
}
const hrtimeBigInt = (): bigint =>
  BigInt(Math.floor((native.now() - native.timeOrigin()) * 1000)) * 1000n;

// Standard output and error: what is written goes to the log, a line at a time. A line
// that is not ended stands as it is: its rest may be another invocation's.
function logOutput(require: (id: string) => Loose, fd: number, log: (line: string) => void): Loose {
  const { Writable } = require('stream');
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: Loose, _encoding: string, done: () => void) {
      const lines = `${chunk}`.split('\n');
      if (lines.at(-1) === '') lines.pop();
      for (const line of lines) log(line);
      done();
    },
  });
  stream.fd = fd;
  stream.isTTY = false;
  stream._isStdio = true;
  return stream;
}

function emptyInput(require: (id: string) => Loose): Loose {
  const { Readable } = require('stream');
  const stream = new Readable({
    read(this: Loose) {
      this.push(null);
    },
  });
  return Object.assign(stream, { fd: 0, isTTY: false });
}

// What ends a process, changes who runs it, or loads native code into it.
const refused = [
  'abort',
  'dlopen',
  'execve',
  'exit',
  'initgroups',
  'kill',
  'reallyExit',
  'setegid',
  'seteuid',
  'setgid',
  'setgroups',
  'setuid',
];

// What process.setUncaughtExceptionCaptureCallback() has set.
const uncaught: { capture: ((error: unknown) => void) | null } = { capture: null };

// `original` gives a module of Node's library also where another stands in its place.
export function makeProcess(
  require: (id: string) => Loose,
  original: (id: string) => Loose,
): Loose {
  const { prototype } = processClass();
  const process: Loose = Object.create(prototype);
  const folder = { current: '/bundle' };
  const masked = { mode: 0o22 }; // means nothing, as all modes
  const exit: { code: unknown } = { code: undefined };
  Object.assign(process, {
    title: 'caravel',
    version: `v${versions.node}`,
    versions,
    arch: 'x64',
    platform: 'linux',
    release: { ...facts.release() },
    argv: ['caravel'],
    execArgv: [],
    execPath: '/usr/bin/caravel',
    argv0: 'caravel',
    env: environment(),
    pid: 1,
    ppid: 0,
    debugPort: 0,
    domain: null,
    config: { target_defaults: {}, variables: {} },
    features: {
      inspector: false,
      debug: false,
      dtls: false,
      openssl_is_boringssl: false,
      quic: false,
      uv: false,
      ipv6: true,
      tls_alpn: true,
      tls_sni: true,
      tls_ocsp: true,
      tls: true,
      cached_builtins: true,
      require_module: true,
      typescript: false,
    },
    report: {},
    moduleLoadList: [],
    allowedNodeEnvironmentFlags: new Set(),
    noDeprecation: undefined,
    cwd: () => folder.current,
    chdir(directory: unknown) {
      require('internal/validators').validateString(directory, 'directory');
      const { statSync } = require('fs');
      const to = require('path').resolve(folder.current, directory);
      const found = statSync(to, { throwIfNoEntry: false });
      if (found === undefined || !found.isDirectory()) {
        const { UVException } = require('internal/errors');
        const uv = require('internal/bootstrap/realm').internalBinding('uv');
        throw new UVException({
          errno: found === undefined ? uv.UV_ENOENT : uv.UV_ENOTDIR,
          syscall: 'chdir',
          path: folder.current,
          dest: directory,
        });
      }
      folder.current = to;
    },
    umask(mask: unknown) {
      const before = masked.mode;
      if (mask !== undefined)
        masked.mode = require('internal/validators').parseFileMode(mask, 'mask') & 0o777;
      return before;
    },
    uptime: () => (native.now() - native.timeOrigin()) / 1000,
    hrtime: Object.assign((previous?: unknown) => hrtime(require, previous), {
      bigint: hrtimeBigInt,
    }),
    availableMemory: () => 0,
    constrainedMemory: () => 0,
    getActiveResourcesInfo: () => [],
    emitWarning(...args: unknown[]) {
      require('internal/process/warning').emitWarning(...args);
    },
    getBuiltinModule(id: unknown) {
      require('internal/validators').validateString(id, 'id');
      const { BuiltinModule } = require('internal/bootstrap/realm');
      const name = BuiltinModule.normalizeRequirableId(id);
      if (name === undefined) return undefined;
      return name === 'process' ? process : require(name);
    },
    setUncaughtExceptionCaptureCallback(callback: unknown) {
      const { codes } = require('internal/errors');
      if (callback !== null && typeof callback !== 'function')
        throw new codes.ERR_INVALID_ARG_TYPE('fn', ['Function', 'null'], callback);
      if (callback !== null && uncaught.capture !== null)
        throw new codes.ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET();
      uncaught.capture = callback as Loose;
    },
    hasUncaughtExceptionCaptureCallback: () => uncaught.capture !== null,
    setSourceMapsEnabled(enabled: unknown) {
      require('internal/validators').validateBoolean(enabled, 'enabled');
    },
    sourceMapsEnabled: false,
    getuid: () => 0,
    geteuid: () => 0,
    getgid: () => 0,
    getegid: () => 0,
    getgroups: () => [0],
    binding(name: unknown) {
      const error: Loose = new Error(`No such module: ${name}`);
      error.code = 'ERR_INVALID_MODULE';
      throw error;
    },
    ref() {},
    unref() {},
    _rawDebug: (...args: unknown[]) => console.error(...args),
  });
  process[Symbol.toStringTag] = undefined;
  Object.defineProperty(process, Symbol.toStringTag, {
    value: 'process',
    configurable: true,
    enumerable: false,
    writable: false,
  });
  for (const name of refused) process[name] = notSupported(name);
  Object.defineProperty(process, 'exitCode', {
    get: () => exit.code,
    set(code: unknown) {
      if (code !== undefined && code !== null) {
        const { validateInteger } = require('internal/validators');
        const asNumber = typeof code === 'string' && code !== '' ? Number(code) : code;
        validateInteger(Number.isInteger(asNumber) ? asNumber : code, 'code');
      }
      exit.code = code;
    },
    configurable: false,
    enumerable: true,
  });
  const measured = perThread(require, original);
  const makers: Record<string, () => unknown> = {
    cpuUsage: () => measured().cpuUsage,
    finalization: () => require('internal/process/finalization').createFinalization(),
    loadEnvFile: () => measured().loadEnvFile,
    memoryUsage: () => measured().memoryUsage,
    resourceUsage: () => measured().resourceUsage,
    threadCpuUsage: () => measured().threadCpuUsage,
    stdin: () => emptyInput(require),
    stdout: () => logOutput(require, 1, console.log),
    stderr: () => logOutput(require, 2, console.error),
    nextTick: () =>
      nextTickOf(require('internal/process/task_queues').setupTaskQueue().nextTick, require),
  };
  for (const [name, make] of Object.entries(makers))
    native.defineLazy(process, name, once(make), true);
  return process;
}

// Makes it the EventEmitter that it is in Node, once there is that class.
export function finishProcess(process: Loose, require: (id: string) => Loose): void {
  const EventEmitter = require('events');
  const prototype = Object.getPrototypeOf(process);
  Object.setPrototypeOf(prototype, EventEmitter.prototype);
  Reflect.apply(EventEmitter, process, []);
  Object.defineProperty(
    platformClasses.EventTarget.prototype,
    EventEmitter.kMaxEventTargetListeners,
    {
      value: EventEmitter.defaultMaxListeners,
      configurable: true,
      writable: true,
    },
  );
  // Source: Node's documentation, "Process events".
  const fire = reporter.fire;
  reporter.fire = (error) => {
    const { capture } = uncaught;
    if (capture === null && process.listenerCount('uncaughtException') === 0) return fire(error);
    try {
      if (capture !== null) capture(error);
      else process.emit('uncaughtException', error, 'uncaughtException');
    } catch (another) {
      logException(another);
    }
    return false;
  };
  reporter.fireRejection = (reason, promise) => {
    if (process.listenerCount('unhandledRejection') === 0) return true;
    process.emit('unhandledRejection', reason, promise);
    return false;
  };
  require('internal/util/debuglog').initializeDebugEnv(process.env.NODE_DEBUG);
  process.on('warning', (warning: Loose) => {
    if (warning?.name === 'DeprecationWarning' && process.noDeprecation) return;
    const code = warning?.code === undefined ? '' : `[${warning.code}] `;
    console.warn(`${code}${warning}`);
  });
}
