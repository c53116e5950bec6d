// What Node's own tests find around them, inside the Worker: `require`, and the
// module "../common" with which they say what is to be called how often.

// As it is before a test changes what is global.
const { process } = globalThis;
const assert = process.getBuiltinModule('assert');
const util = process.getBuiltinModule('util');

const mustBeCalled = [];
const failures = [];
const tasks = { skipped: undefined, cases: 0 };

class Skipped extends Error {}

function fail(error) {
  failures.push(error?.stack ?? String(error));
}

function counted(fn, expected, exactly) {
  if (typeof fn === 'number') {
    expected = fn;
    fn = undefined;
  }
  const entry = {
    actual: 0,
    expected: expected ?? 1,
    exactly,
    name: fn?.name || '<anonymous>',
    where: new Error().stack.split('\n').slice(3, 5).join('\n'),
  };
  mustBeCalled.push(entry);
  const wrapper = function (...args) {
    entry.actual += 1;
    return fn === undefined ? undefined : Reflect.apply(fn, this, args);
  };
  entry.wrapper = wrapper;
  Object.defineProperty(wrapper, 'name', { value: entry.name });
  Object.defineProperty(wrapper, 'length', { value: fn?.length ?? 0, configurable: true });
  return wrapper;
}

const isUnmet = ({ actual, expected, exactly }) =>
  exactly ? actual !== expected : actual < expected;

function expectedError(validator, exactly = 1) {
  const check = (error, ...rest) => {
    if (rest.length > 0) assert.fail(`one argument expected, got ${rest.length + 1}`);
    assert.strictEqual(Object.prototype.propertyIsEnumerable.call(error, 'message'), false);
    assert.throws(() => {
      throw error;
    }, validator);
    return true;
  };
  return counted(check, exactly, true);
}

// One listener for all expectations of a test.
let warningsToCome;
function expectWarning(nameOrMap, expected, code) {
  if (warningsToCome === undefined) {
    warningsToCome = new Map();
    process.on('warning', (warning) => {
      const list = warningsToCome.get(warning.name);
      if (list === undefined) {
        fail(new Error(`an unexpected warning: ${warning}`));
        return;
      }
      const next = list.shift();
      if (next === undefined) fail(new Error(`one warning too many: ${warning}`));
      else next(warning);
    });
  }
  const groups = typeof nameOrMap === 'string' ? { [nameOrMap]: [expected, code] } : nameOrMap;
  for (const [name, wanted] of Object.entries(groups)) {
    let pairs;
    if (typeof wanted === 'string') pairs = [[wanted, undefined]];
    else if (typeof wanted[0] === 'string' && wanted.length < 3 && !Array.isArray(wanted[1]))
      pairs = [[wanted[0], wanted[1]]];
    else if (
      Array.isArray(wanted[0]) &&
      !Array.isArray(wanted[0][0]) &&
      typeof nameOrMap === 'string'
    )
      pairs = wanted[0].map((each) => (Array.isArray(each) ? each : [each, undefined]));
    else pairs = wanted.map((each) => (Array.isArray(each) ? each : [each, undefined]));
    const list = warningsToCome.get(name) ?? [];
    for (const [message, warningCode] of pairs)
      list.push(
        counted(
          (warning) => {
            assert.strictEqual(warning.message, message);
            if (warningCode !== undefined) assert.strictEqual(warning.code, warningCode);
          },
          1,
          true,
        ),
      );
    warningsToCome.set(name, list);
  }
}

// How Node describes a value in the message of ERR_INVALID_ARG_TYPE.
function invalidArgTypeHelper(input) {
  if (input == null) return ` Received ${input}`;
  if (typeof input === 'function') return ` Received function ${input.name}`;
  if (typeof input === 'object') {
    if (input.constructor?.name) return ` Received an instance of ${input.constructor.name}`;
    return ` Received ${util.inspect(input, { depth: -1 })}`;
  }
  let text = util.inspect(input, { colors: false });
  if (text.length > 28) text = `${text.slice(0, 25)}...`;
  return ` Received type ${typeof input} (${text})`;
}

function getArrayBufferViews(source) {
  const { buffer, byteOffset, byteLength } = source;
  const views = [];
  for (const type of [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView,
  ]) {
    const { BYTES_PER_ELEMENT: width = 1 } = type;
    if (byteLength % width === 0) views.push(new type(buffer, byteOffset, byteLength / width));
  }
  return views;
}

function mustNotMutateObjectDeep(original) {
  return original;
}

const common = {
  allowGlobals() {},
  buildType: 'Release',
  canCreateSymLink: () => true,
  createZeroFilledFile(name) {
    process.getBuiltinModule('fs').writeFileSync(name, Buffer.alloc(10 * 1024 * 1024));
  },
  crashOnUnhandledRejection() {},
  disableCrashOnUnhandledRejection() {
    tasks.rejectionsAllowed = true;
  },
  enoughTestCpu: true,
  enoughTestMem: true,
  expectWarning,
  expectsError(fnOrValidator, validatorOrExact, exact) {
    if (typeof fnOrValidator === 'function') {
      assert.throws(fnOrValidator, validatorOrExact);
      return undefined;
    }
    return expectedError(fnOrValidator, validatorOrExact ?? exact);
  },
  getArrayBufferViews,
  getBufferSources: (source) => [...getArrayBufferViews(source), new Uint8Array(source).buffer],
  getTTYfd: () => -1,
  gcUntil: async () => {},
  hasCrypto: true,
  hasFipsCrypto: false,
  hasIPv6: true,
  hasIntl: true,
  hasMultiLocalhost: () => false,
  hasOpenSSL3: true,
  hasOpenSSL31: true,
  hasQuic: false,
  inFreeBSDJail: false,
  invalidArgTypeHelper,
  isAIX: false,
  isAlive: () => false,
  isDumbTerminal: true,
  isFreeBSD: false,
  isIBMi: false,
  isLinux: true,
  isLinuxPPCBE: false,
  isMainThread: true,
  isOSX: false,
  isOpenBSD: false,
  isPi: false,
  isSunOS: false,
  isWindows: false,
  localhostIPv4: '127.0.0.1',
  mustCall: (fn, exactly) => counted(fn, exactly, true),
  mustCallAtLeast: (fn, least) => counted(fn, least, false),
  mustNotCall(message) {
    const where = new Error().stack.split('\n')[2];
    return function mustNotCall(...args) {
      const shown =
        args.length > 0 ? ` with arguments: ${args.map((a) => util.inspect(a)).join(', ')}` : '';
      assert.fail(`${message ?? 'function should not have been called'}${where}${shown}`);
    };
  },
  mustNotMutateObjectDeep,
  mustSucceed: (fn, exactly) =>
    counted(
      function (error, ...args) {
        assert.ifError(error);
        return fn === undefined ? undefined : Reflect.apply(fn, this, args);
      },
      exactly,
      true,
    ),
  nodeProcessAborted: () => false,
  platformTimeout: (ms) => ms,
  printSkipMessage() {},
  get PIPE() {
    return '/tmp/.tmp.0/pipe.sock';
  },
  get PORT() {
    return 12346;
  },
  runWithInvalidFD(run) {
    run(2 ** 30);
  },
  skip(reason) {
    tasks.skipped = reason;
    throw new Skipped(reason);
  },
  skipIf32Bits() {},
  skipIfDumbTerminal() {},
  skipIfEslintMissing() {
    common.skip('no eslint');
  },
  skipIfInspectorDisabled() {
    common.skip('no inspector');
  },
  skipIfReportDisabled() {},
  skipIfWorker() {},
};

// Node's test runner, as far as tests use it to say what a case is: one after another.
function testRunner() {
  const queue = { last: Promise.resolve() };
  const hooks = { beforeEach: [], afterEach: [] };
  function add(...args) {
    const fn = args.findLast((each) => typeof each === 'function');
    const { skip, todo } = args.find((each) => typeof each === 'object' && each !== null) ?? {};
    if (fn === undefined || skip || todo) return Promise.resolve();
    tasks.cases += 1;
    const inner = [];
    const context = {
      name: args[0],
      diagnostic() {},
      skip() {},
      test: (...rest) => inner.push(run(rest.at(-1), context)),
    };
    queue.last = queue.last.then(() => run(fn, context, inner)).finally(() => (tasks.cases -= 1));
    return queue.last;
  }
  async function run(fn, context, inner = []) {
    try {
      for (const hook of hooks.beforeEach) await hook(context);
      if (fn.length < 2) await fn(context);
      else
        await new Promise((resolve, reject) =>
          fn(context, (error) => (error ? reject(error) : resolve())),
        );
      await Promise.all(inner);
      for (const hook of hooks.afterEach) await hook(context);
    } catch (error) {
      fail(error);
    }
  }
  const describe = (...args) => args.findLast((each) => typeof each === 'function')();
  const test = Object.assign(add, { describe, it: add, suite: describe, test: add });
  test.skip = test.todo = () => {};
  describe.skip = describe.todo = () => {};
  for (const name of ['beforeEach', 'afterEach']) test[name] = (hook) => hooks[name].push(hook);
  test.before = (hook) => {
    queue.last = queue.last.then(hook);
  };
  return test;
}

// Modules of Node's folder common, made when a test asks for them.
const folders = {
  '../common/tmpdir'() {
    const fs = process.getBuiltinModule('fs');
    const path = process.getBuiltinModule('path');
    const { pathToFileURL } = process.getBuiltinModule('url');
    const root = '/tmp/.tmp.0';
    return {
      fileURL: (...parts) => pathToFileURL(path.resolve(`${root}/`, ...parts)),
      hasEnoughSpace: () => false,
      path: root,
      refresh() {
        fs.rmSync(root, { recursive: true, force: true });
        fs.mkdirSync(root);
      },
      resolve: (...parts) => path.resolve(root, ...parts),
    };
  },
  // A stream on which a test says what arrives.
  '../common/arraystream'() {
    const { Stream } = process.getBuiltinModule('stream');
    return class ArrayStream extends Stream {
      readable = true;
      writable = true;
      pause() {}
      resume() {}
      write() {}
      run(lines) {
        for (const line of lines) this.emit('data', `${line}\n`);
      }
    };
  },
  // Calls back when it was told to so often.
  '../common/countdown'() {
    return class Countdown {
      #left;
      #done;
      constructor(times, done) {
        this.#left = times;
        this.#done = common.mustCall(done);
      }
      dec() {
        assert.ok(this.#left > 0, 'Countdown expired');
        this.#left -= 1;
        if (this.#left === 0) this.#done();
        return this.#left;
      }
      get remaining() {
        return this.#left;
      }
    };
  },
  // Two streams, of which each reads what is written to the other.
  '../common/duplexpair'() {
    const { Duplex } = process.getBuiltinModule('stream');
    class Side extends Duplex {
      other;
      #taken;
      _read() {
        const taken = this.#taken;
        this.#taken = undefined;
        taken?.();
      }
      take(chunk, done) {
        if (chunk === null || chunk.length > 0) this.push(chunk);
        if (chunk === null || chunk.length === 0) process.nextTick(done);
        else this.#taken = done;
      }
      _write(chunk, _encoding, done) {
        this.other.take(chunk, done);
      }
      _final(done) {
        this.other.once('end', done);
        this.other.take(null, () => {});
      }
    }
    return () => {
      const [clientSide, serverSide] = [new Side(), new Side()];
      clientSide.other = serverSide;
      serverSide.other = clientSide;
      return { clientSide, serverSide };
    };
  },
  '../common/fixtures'() {
    const fs = process.getBuiltinModule('fs');
    const path = process.getBuiltinModule('path');
    const { pathToFileURL } = process.getBuiltinModule('url');
    const fixturesDir = '/bundle/test/fixtures';
    const at = (...parts) => path.join(fixturesDir, ...parts);
    return {
      fixturesDir,
      path: at,
      fileURL: (...parts) => pathToFileURL(at(...parts)),
      readKey: (name, encoding) => fs.readFileSync(at('keys', name), encoding),
      readSync: (parts, encoding) => fs.readFileSync(at(...[parts].flat()), encoding),
    };
  },
};

function requireFor(fixtures) {
  const cache = new Map();
  const require = (id) => {
    if (id === 'node:test') {
      cache.set(id, cache.get(id) ?? testRunner());
      return cache.get(id);
    }
    const builtin = process.getBuiltinModule(id);
    if (/^(node:)?(http|net)$/.test(id)) watchServers();
    if (/^(node:)?timers$/.test(id)) watchModuleOfTimers();
    if (builtin !== undefined) return builtin;
    const name = id
      .replace(/^\.\.\/\.\.\/test\//, '../')
      .replace(/^\/bundle\/test\/fixtures\//, '../fixtures/')
      .replace(/^\.\.\/common\/index(\.m?js)?$/, '../common')
      .replace(/^(\.\.\/common\/\w+)\.m?js$/, '$1');
    if (name === '../common') return common;
    if (name === '../common/hijackstdio') return common.skip('stdio');
    if (name === '../common/gc') return { onGC() {}, gcUntil: async () => {} };
    if (name in folders && !cache.has(name)) cache.set(name, { exports: folders[name]() });
    if (cache.has(name)) return cache.get(name).exports;
    if (fixtures[name] !== undefined) {
      const module = { exports: {} };
      cache.set(name, module);
      fixtures[name](module.exports, require, module);
      return module.exports;
    }
    const error = new Error(`Cannot find module '${id}'`);
    error.code = 'MODULE_NOT_FOUND';
    throw error;
  };
  require.cache = {};
  require.resolve = (id) => id;
  return require;
}

// What is watched already, and how often a server was told to listen.
const watching = { servers: false, timers: false, listened: 0 };

// Servers that listen: they would keep a process from its end.
const listening = new Set();

/** A server without ref() keeps no process. */
const isServing = () => [...listening].some((server) => !server._unref);

function watchServers() {
  if (watching.servers) return;
  watching.servers = true;
  const { prototype } = process.getBuiltinModule('net').Server;
  const { listen } = prototype;
  prototype.listen = function (...args) {
    const result = Reflect.apply(listen, this, args);
    listening.add(this);
    watching.listened += 1;
    this.once('close', () => listening.delete(this));
    this.once('error', () => listening.delete(this));
    return result;
  };
}

// Timers that the test sets. Where nothing else is left that Node's loop would wait for, a
// process ends; so one without ref() is not called then.
const timers = [];
const withoutRef = new WeakSet();
const prototypes = new WeakSet();

function watchRefs(timer) {
  const prototype = Object.getPrototypeOf(timer);
  if (prototypes.has(prototype)) return;
  prototypes.add(prototype);
  for (const name of ['ref', 'unref']) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    const { value } = descriptor;
    Object.defineProperty(prototype, name, {
      ...descriptor,
      // As a method, which is no constructor.
      value: {
        [name]() {
          if (name === 'ref') withoutRef.delete(this);
          else withoutRef.add(this);
          return Reflect.apply(value, this, []);
        },
      }[name],
    });
  }
}

function watched(set) {
  return new Proxy(set, {
    apply(_, self, args) {
      const [callback, ...rest] = args;
      if (typeof callback !== 'function') return Reflect.apply(set, self, args);
      const run = function (...given) {
        if (withoutRef.has(timer) && !goesOn()) return undefined;
        return Reflect.apply(callback, this, given);
      };
      const timer = Reflect.apply(set, self, [run, ...rest]);
      watchRefs(timer);
      timers.push(timer);
      return timer;
    },
  });
}

function watchTimers(target, names) {
  for (const name of names) {
    const descriptor = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { ...descriptor, value: watched(target[name]) });
  }
}

function watchModuleOfTimers() {
  if (watching.timers) return;
  watching.timers = true;
  watchTimers(process.getBuiltinModule('timers'), ['setImmediate', 'setInterval', 'setTimeout']);
}

// setImmediate() is the one of Node's module, which is loaded when it is first looked at.
function watchGlobalTimers() {
  watchTimers(globalThis, ['setInterval', 'setTimeout']);
  const define = (value) =>
    Object.defineProperty(globalThis, 'setImmediate', {
      value,
      configurable: true,
      enumerable: false,
      writable: true,
    });
  Object.defineProperty(globalThis, 'setImmediate', {
    get() {
      watchModuleOfTimers();
      const { setImmediate } = process.getBuiltinModule('timers');
      define(setImmediate);
      return setImmediate;
    },
    set: define,
    configurable: true,
  });
}

/** Whether a process would go on by what can be seen here. */
const goesOn = () =>
  tasks.cases > 0 ||
  mustBeCalled.some(isAwaited) ||
  isServing() ||
  timers.some((timer) => !timer._destroyed && !withoutRef.has(timer));

// Takes what a step of the harness throws, or the test itself.
const caught = { by: fail };

// In a task of the platform: hooks that a test has set see neither a timer nor a promise.
function later(step) {
  AbortSignal.timeout(1).addEventListener('abort', () => {
    try {
      step();
    } catch (error) {
      caught.by(error);
    }
  });
}

/** Whether the process calls it at its end, which comes when nothing else is awaited. */
const isOfTheEnd = ({ wrapper }) =>
  ['beforeExit', 'exit'].some((event) => process.listeners(event).includes(wrapper));

/** What can still come: a call too many stays one. */
const isAwaited = (entry) => entry.actual < entry.expected && !isOfTheEnd(entry);

/**
 * Goes on when what the test said is to be called was, its cases have ended, its timers
 * have run and its servers are closed; at last after so many steps, of a millisecond at
 * least: the first bound is for tests that fail, the other for timers and servers that are
 * left.
 */
function settle(done) {
  const patience = 8000;
  const servingPatience = 2000;
  const afterwards = 12;
  const waits = (i) =>
    (i < patience && (tasks.cases > 0 || mustBeCalled.some(isAwaited))) ||
    (i < servingPatience && goesOn());
  const wait = (i) => {
    if (waits(i) && failures.length === 0) later(() => wait(i + 1));
    else rest(afterwards);
  };
  const rest = (turns) => (turns === 0 ? done() : later(() => rest(turns - 1)));
  wait(0);
}

/**
 * The end of a process, as far as a test sees it: each time that nothing is left to wait
 * for it is told, and may set off more.
 */
function end(done) {
  settle(() => {
    const isOver = !goesOn();
    const { listened } = watching;
    process.emit('beforeExit', 0);
    // Ticks do not keep a process; what they set off does, and a server that closes.
    queueMicrotask(() => {
      if (isOver && (goesOn() || watching.listened > listened)) end(done);
      else later(() => exit(done));
    });
  });
}

/** A process that an error has ended exits with 1, where no listener says otherwise. */
function exit(done) {
  const failed = failures.length > 0;
  process.emit('exit', failed ? 1 : 0);
  if (failed && process.exitCode === 0) failures.length = 0;
  done();
}

function outcome() {
  if (tasks.skipped !== undefined) return { skipped: tasks.skipped };
  if (tasks.cases > 0) failures.push(`${tasks.cases} cases of node:test have not ended`);
  for (const unmet of mustBeCalled.filter(isUnmet))
    failures.push(
      `${unmet.name} was called ${unmet.actual} times, not ${unmet.exactly ? '' : 'at least '}${unmet.expected}\n${unmet.where}`,
    );
  return failures.length === 0 ? {} : { failure: failures.join('\n\n') };
}

function start(test, fixtures, file, done) {
  const module = { exports: {}, children: [], filename: `/bundle/test/parallel/${file}`, id: '.' };
  const require = requireFor(fixtures);
  require.main = module;
  const ran = Reflect.apply(test, module.exports, [
    module.exports,
    require,
    module,
    module.filename,
    '/bundle/test/parallel',
  ]);
  if (ran instanceof Promise)
    ran.then(
      () => end(done),
      (error) => caught.by(error),
    );
  else end(done);
}

/** What came of it. The promise is there, and looked at, before the test begins. */
export function run(test, fixtures, file) {
  watchGlobalTimers();
  addEventListener('error', (event) => {
    event.preventDefault();
    fail(event.error);
  });
  addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    if (process.listenerCount('unhandledRejection') > 0)
      process.emit('unhandledRejection', event.reason, event.promise);
    else if (!tasks.rejectionsAllowed) fail(event.reason);
  });
  return new Promise((resolve) => {
    const done = () => resolve(outcome());
    caught.by = (error) => {
      if (error instanceof Skipped) return done();
      caught.by = (another) => {
        fail(another);
        done();
      };
      // To domains, listeners of the process, or the one above.
      reportError(error);
      return failures.length > 0 ? later(() => exit(done)) : end(done);
    };
    later(() => start(test, fixtures, file, done));
  });
}
