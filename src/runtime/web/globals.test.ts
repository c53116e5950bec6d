import { describe, expect, test } from 'vitest';
import { Worker, workerThat } from './testing/realm.ts';

describe('the global scope', () => {
  test('has interfaces and functions with the attributes that Web IDL asks', async () => {
    const worker = new Worker();
    const got = await worker.eval(`
      const about = (name) => {
        const { writable, enumerable, configurable, value } = Object.getOwnPropertyDescriptor(globalThis, name);
        return [writable, enumerable, configurable, typeof value];
      };
      return [about('Response'), about('fetch'), about('self'), Response.name, Response.length,
        Object.prototype.toString.call(new Headers()), fetch.name, 'prototype' in fetch];`);
    expect(got).toEqual([
      [true, false, true, 'function'],
      [true, true, true, 'function'],
      [true, true, true, 'object'],
      'Response',
      0,
      '[object Headers]',
      'fetch',
      false,
    ]);
  });

  test('loads an interface when it is touched, and then holds it as data', () => {
    const worker = new Worker();
    expect(worker.native.loaded).toEqual([]);
    worker.run('new Blob()');
    worker.run('Blob');
    expect(worker.native.loaded).toEqual(['forms']);
    expect(worker.run(`'value' in Object.getOwnPropertyDescriptor(globalThis, 'Blob')`)).toBe(true);
  });

  test('lets a worker put something of its own there instead', () => {
    const worker = new Worker();
    worker.run('globalThis.ReadableStream = 7');
    expect(worker.run('ReadableStream')).toBe(7);
    expect(worker.native.loaded).toEqual([]);
  });

  test('every lazy name leads to a class of that name', async () => {
    const worker = new Worker();
    const got = await worker.eval(`
      return Object.entries(Object.getOwnPropertyDescriptors(globalThis))
        .filter(([name, { get }]) => get && /^[A-Z]/.test(name) && name !== 'Cloudflare' && name !== 'Intl')
        .map(([name]) => [name, globalThis[name].name]);`);
    const pairs = got as [string, string][];
    expect(pairs.length).toBeGreaterThan(20);
    for (const [name, className] of pairs)
      expect(className).toBe(name === 'TraceEvent' ? 'TailEvent' : name);
  });

  test('the global object is one of a service worker', async () => {
    const worker = new Worker();
    expect(
      await worker.eval(`
        const made = (of) => { try { return new of() } catch (error) { return error.message } };
        return [globalThis instanceof ServiceWorkerGlobalScope,
          globalThis instanceof WorkerGlobalScope, globalThis instanceof EventTarget,
          globalThis.constructor === ServiceWorkerGlobalScope,
          Object.getPrototypeOf(ServiceWorkerGlobalScope) === WorkerGlobalScope,
          String(globalThis), made(ServiceWorkerGlobalScope), made(WorkerGlobalScope), origin];`),
    ).toEqual([
      true,
      true,
      true,
      true,
      true,
      '[object ServiceWorkerGlobalScope]',
      'Illegal constructor',
      'Illegal constructor',
      'null',
    ]);
  });

  test('EventTarget takes the global object, and no receiver for it, and nothing else', async () => {
    const worker = new Worker();
    const got = await worker.eval(`
      const heard = [];
      const { addEventListener, dispatchEvent, removeEventListener } = EventTarget.prototype;
      const listener = ({ type, currentTarget }) => heard.push(type, currentTarget === globalThis);
      addEventListener.call(globalThis, 'one', listener);
      (0, addEventListener)('two', listener);
      dispatchEvent.call(null, new Event('one'));
      (0, self.dispatchEvent)(new Event('two'));
      removeEventListener.call(self, 'one', listener);
      dispatchEvent(new Event('one'));
      for (const other of [{}, 1, Object.create(EventTarget.prototype)])
        try { addEventListener.call(other, 'x', listener) } catch (error) { heard.push(error.name) }
      return heard;`);
    expect(got).toEqual(['one', true, 'two', true, 'TypeError', 'TypeError', 'TypeError']);
  });

  test('events of service workers have interfaces that nobody makes', async () => {
    const worker = new Worker();
    const got = await worker.eval(`
      const said = (run) => { try { return run() } catch (error) { return error.message } };
      return [FetchEvent, ScheduledEvent, TailEvent].map((each) => [
        each.prototype instanceof ExtendableEvent, each.prototype instanceof Event,
        said(() => new each('x')), said(() => each.prototype.waitUntil())]);`);
    for (const about of got as unknown[])
      expect(about).toEqual([true, true, 'Illegal constructor', 'Illegal invocation']);
  });

  test('Cloudflare.compatibilityFlags tells which are on', async () => {
    const worker = new Worker();
    const got = await worker.eval(`
      return [Cloudflare.compatibilityFlags, Object.isFrozen(Cloudflare.compatibilityFlags),
        String(Cloudflare)];`);
    expect(got).toEqual([{ nodejs_compat: true, rpc: false }, true, '[object Cloudflare]']);
  });

  test('methods of caches that Workers do not implement say so, and what does it instead', () => {
    const worker = new Worker();
    const of = (call: string) =>
      worker.run(`try { ${call} } catch (e) { e.constructor.name + ': ' + e.message }`);
    const ofAll = (object: string, names: string[]) =>
      names.map((name) => of(`${object}.${name}('a')`));
    for (const said of ofAll('caches', ['match', 'has', 'delete', 'keys']))
      expect(said).toMatch(/^Error: caches\.\w+ is not implemented.*caches\.open\(\)/);
    for (const said of ofAll('caches.default', ['add', 'addAll', 'matchAll', 'keys']))
      expect(said).toMatch(/^Error: cache\.\w+ is not implemented.*(put|match)\(\)/);
  });

  test('navigator is what libraries know Workers by', async () => {
    const worker = new Worker();
    const got = await worker.eval(`
      const { userAgent, hardwareConcurrency, language, languages, platform } = navigator;
      return [userAgent, hardwareConcurrency, language, languages, platform, String(navigator),
        navigator instanceof Navigator, navigator.languages === languages];`);
    expect(got).toEqual([
      'Cloudflare-Workers',
      1,
      'en',
      ['en'],
      '',
      '[object Navigator]',
      true,
      true,
    ]);
  });

  test('queueMicrotask runs after this turn of code, and reports what it throws', async () => {
    const worker = new Worker();
    const got = await worker.eval(`
      const log = [];
      queueMicrotask(() => { log.push('microtask'); throw new Error('in it') });
      log.push('code');
      await null; await null;
      return log;`);
    expect(got).toEqual(['code', 'microtask']);
    expect(worker.native.exceptions[0]?.message).toBe('in it');
  });

  test('an error whose cause cannot be read is reported all the same', async () => {
    const worker = new Worker();
    await worker.eval(`
      reportError(new Error('one', { cause: { get cause() { throw 1 }, stack: 'stack' } }));
      reportError(new Error('two', { cause: { get stack() { throw 1 } } }));
      const inner = new Error('inner', { cause: { get stack() { throw 1 } } });
      reportError(new Error('three', { cause: inner }));`);
    const [one, two, three] = worker.native.exceptions;
    for (const [exception, message] of [
      [one, 'one'],
      [two, 'two'],
      [three, 'three'],
    ] as const) {
      expect(exception).toMatchObject({ name: 'Error', message });
      expect(exception?.stack).toMatch(
        new RegExp(`^Error: ${message}\\n.*Caused by: a value that cannot be read$`, 's'),
      );
    }
    expect(three?.stack).toContain('Caused by: Error: inner');
  });

  test('what was thrown and is no error is shown, and so are the errors of an AggregateError', async () => {
    const worker = new Worker();
    await worker.eval(`
      reportError({ code: 5, inner: [1] });
      reportError(new Error('one', { cause: Object.assign(Object.create(null), { a: 1 }) }));
      reportError(new AggregateError([new Error('first'), 'second', { third: 3 }], 'all'));`);
    const [thrown, caused, all] = worker.native.exceptions;
    expect(thrown).toMatchObject({ name: 'Error', message: '{ code: 5, inner: [ 1 ] }' });
    expect(caused?.stack).toContain('Caused by: [Object: null prototype] { a: 1 }');
    expect(all?.stack).toMatch(
      /^AggregateError: all\n.*One of its errors: Error: first\n.*\nOne of its errors: second\nOne of its errors: \{ third: 3 \}$/s,
    );
  });

  test('structuredClone copies, transfers, and refuses functions', async () => {
    const worker = new Worker();
    const got = await worker.eval(`
      const buffer = new ArrayBuffer(4);
      const copy = structuredClone({ buffer, map: new Map([[1, 2]]) }, { transfer: [buffer] });
      let name;
      try { structuredClone(() => {}) } catch (error) { name = error.name }
      return [copy.buffer.byteLength, buffer.byteLength, copy.map.get(1), name];`);
    expect(got).toEqual([4, 0, 2, 'DataCloneError']);
  });
});

describe('cloudflare:workers', () => {
  test('gives env, and waitUntil for the request at hand', async () => {
    const worker = new Worker();
    const env = { WORD: 'x' };
    const exports = worker.dispatch.cloudflareWorkers(env);
    expect(exports.env).toEqual(env);
    Object.assign(worker.run('globalThis') as object, { exports });
    worker.start(`{ default: { fetch() {
      exports.waitUntil(new Promise((resolve) => { globalThis.done = resolve }));
      return new Response('x');
    } } }`);
    const sent = await worker.send();
    expect(sent.finished).toBe(false);
    worker.run('done()');
    await new Promise(setImmediate);
    expect(sent.finished).toBe(true);
  });

  test('says of Durable Objects that they are missing', () => {
    const worker = new Worker();
    const { DurableObject } = worker.dispatch.cloudflareWorkers({}) as {
      DurableObject: new () => object;
    };
    expect(() => new DurableObject()).toThrow('not part of this version of Caravel');
  });
});

// Replaces every function that script can reach on a builtin's prototype or
// constructor by one that throws, and every builtin itself. Iterators too, so what
// follows gives the platform no sequence: Web IDL walks those as script would.
const spoil = `
  const names = Object.getOwnPropertyNames(globalThis);
  const { defineProperty, getOwnPropertyDescriptor: describe } = Object;
  const own = Reflect.ownKeys;
  const builtins = ['Array', 'ArrayBuffer', 'Boolean', 'BigInt', 'DataView', 'Date', 'Error', 'Function', 'JSON',
    'Map', 'Math', 'Number', 'Promise', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol', 'TypeError',
    'RangeError', 'Uint8Array', 'WeakMap', 'Object'];
  const targets = [];
  for (let i = 0; i < builtins.length; i++) {
    const builtin = globalThis[builtins[i]];
    targets[targets.length] = builtin;
    if (builtin.prototype) targets[targets.length] = builtin.prototype;
  }
  targets[targets.length] = Uint8Array.prototype.__proto__;
  targets[targets.length] = [][Symbol.iterator]().__proto__;
  const keep = { constructor: 1, prototype: 1, [Symbol.species]: 1, [Symbol.toPrimitive]: 1 };
  const found = [];
  for (let i = 0; i < targets.length; i++) {
    const keys = own(targets[i]);
    for (let j = 0; j < keys.length; j++) {
      const { value, get, configurable } = describe(targets[i], keys[j]);
      if (configurable && !keep[keys[j]] && (get || typeof value === 'function'))
        found[found.length] = [targets[i], keys[j], get];
    }
  }
  for (let i = 0; i < found.length; i++) {
    const throws = () => { throw 'spoiled: ' + (typeof found[i][1] === 'string' ? found[i][1] : '') };
    // Ordinary code asks for these on every promise or string; they are left.
    if (found[i][1] === 'then' || found[i][1] === 'toString' || found[i][1] === 'valueOf') continue;
    defineProperty(found[i][0], found[i][1], found[i][2] ? { get: throws } : { value: throws });
  }
  for (let i = 0; i < builtins.length; i++)
    defineProperty(globalThis, builtins[i], { get() { throw 'spoiled: ' + builtins[i] } });
`;

test('a worker that spoils every builtin still gets the platform as it is', async () => {
  const worker = new Worker();
  worker.start(`{ default: { async fetch(request) {
    if (!globalThis.spoiled) { globalThis.spoiled = true; ${spoil} }
    const { name } = await request.json();
    const url = new URL(request.url);
    url.searchParams.append('n', name + ' ä');
    const headers = new Headers({ a: 'b' });
    headers.append('a', 'c');
    const form = new FormData();
    form.append('field', 'x');
    form.append('file', await new Response('in file').blob(), 'f');
    const back = await new Response(form).formData();
    const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode('abc'));
    console.log({ headers }, new Response('x'));
    const controller = new AbortController();
    controller.signal.addEventListener('abort', () => {});
    controller.abort();
    const text = await new Response(new Response('streamed').body.pipeThrough(new TransformStream())).text();
    return new Response(text + url.search + headers.get('a') + (await back.get('file').text()) + (digest ? back.get('field') : ''));
  } } }`);
  const body = worker.native.addBody(['{"name":"Ada"}'], true);
  const sent = await worker.send({ method: 'POST', url: 'http://w/?q', body });
  expect(sent.failed).toBeNull();
  expect(sent.body).toBe('streamed?q=&n=Ada+%C3%A4b, cin filex');
});

test('what a worker keeps in its own classes is out of reach of its prototypes', async () => {
  const sent = await workerThat(`
    Object.prototype.get = () => { throw 1 };
    Array.prototype.push = () => { throw 1 };
    Object.defineProperty(Response.prototype, 'status', { get: () => 500 });
    return new Response('x', { status: 201 });`).send();
  expect(sent.status).toBe(201);
});
