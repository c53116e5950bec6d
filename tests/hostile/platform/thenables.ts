// Thenables, promises and handlers that throw or lie, wherever the platform waits for
// what a Worker gives it.
import { exporting, type HostileCase, kException } from './case.ts';

/** $own(n, promise, f): calls f at each question for its constructor, and throws at the n-th. $wait tells of what does not come in many turns. */
const own = `const $own = (n, promise, f = () => {}) => { let asked = 0; return Object.defineProperty(promise, 'constructor', { configurable: true,
    get() { f(); if (asked++ === n) throw new EvalError('constructor'); return Promise; } }); };
  const $wait = (f) => Promise.race([(async () => { try { await f(); return 'done'; } catch (e) { return e?.name ?? String(e); } })(), (async () => { for (let i = 0; i < 20; i++) await new Promise((r) => setTimeout(r)); return 'waits'; })()]);`;

export const thenables: readonly HostileCase[] = [
  {
    name: 'a handler that gives a thenable is waited for',
    ...exporting(`export default { fetch: () => ({ then(done) { done(new $R('then')); } }) };`),
    answer: 'then',
  },
  {
    name: 'a handler that gives a thenable that throws fails alone',
    ...exporting(`export default { fetch: () => ({ get then() { throw new Error('no'); } }) };`),
    answer: kException,
    after: [['/', kException]],
  },
  {
    name: 'a handler that gives a thenable that never settles is told so',
    ...exporting(`export default { fetch: () => ({ then() {} }) };`),
    answer: kException,
  },
  {
    name: 'a handler that gives a thenable that settles twice answers once',
    ...exporting(
      `export default { fetch: () => ({ then(done, no) { done(new $R('1')); no('x'); done(new $R('2')); } }) };`,
    ),
    answer: '1',
  },
  {
    name: 'thenables within thenables without end are ended',
    ...exporting(
      `const deep = { then(done) { done(deep); } }; export default { fetch: () => deep };`,
    ),
    answer: /^error code: 1102/,
  },
  {
    name: 'a Proxy of a Response is no Response',
    ...exporting(`export default { fetch: () => new Proxy(new $R('x'), {}) };`),
    answer: kException,
  },
  {
    name: 'an object with the prototype of Response is no Response',
    ...exporting(`export default { fetch: () => Object.create($R.prototype) };`),
    answer: kException,
  },
  {
    name: 'a subclass of Response with getters of its own is sent as it was made',
    ...exporting(`class Mine extends $R { get body() { throw 1; } get status() { return 999; } get headers() { return null; } }
      export default { fetch: () => new Mine('kept', { status: 200 }) };`),
    answer: 'kept',
  },
  {
    name: 'a handler behind a getter is read at each request',
    ...exporting(
      `let n = 0; export default { get fetch() { n++; return () => new $R('read ' + (n > 1)); } };`,
    ),
    answer: 'read true',
  },
  {
    name: 'a default export whose every property is a trap can answer',
    ...exporting(
      `export default new Proxy({}, { get: (_, key) => key === 'fetch' ? () => new $R('trap') : undefined });`,
    ),
    answer: 'trap',
  },
  {
    name: 'a handler that goes away fails its requests only',
    ...exporting(
      `const worker = { fetch() { delete worker.fetch; return new $R('last'); } }; export default worker;`,
    ),
    answer: 'last',
    after: [['/', kException]],
  },
  {
    name: 'a handler that is a Proxy of a function is called',
    ...exporting(`export default { fetch: new Proxy(() => new $R('called'), {}) };`),
    answer: 'called',
  },
  {
    name: 'a class whose constructor throws fails its requests only',
    ...exporting(`import { WorkerEntrypoint } from 'cloudflare:workers';
      export default class extends WorkerEntrypoint { constructor(...a) { super(...a); throw new Error('no'); } fetch() {} };`),
    answer: kException,
    after: [['/', kException]],
  },
  {
    name: 'a class whose constructor gives another object is served by that',
    ...exporting(`import { WorkerEntrypoint } from 'cloudflare:workers';
      export default class extends WorkerEntrypoint { constructor() { return { fetch: () => new $R('other') }; } fetch() {} };`),
    answer: 'other',
  },
  {
    name: 'then on Object.prototype sees no content of bodies',
    code: `const seen = [];
      Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { seen.push(Object.keys(this).join()); return undefined; } });
      const text = await new Response(new Blob(['abc']).stream()).text();
      const bytes = await new Response('abc').bytes();
      delete Object.prototype.then;
      return text + bytes.length + seen.filter((keys) => /bytes|handle|source|state/.test(keys)).length;`,
    answer: 'abc30',
  },
  {
    name: 'then on Object.prototype that settles otherwise takes no answer away',
    code: `Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { return undefined; } });
      const { value } = await new Response('abc').body.getReader().read();
      delete Object.prototype.then;
      return String(value.length);`,
    answer: '3',
  },
  ...['then()', 'species'].map((way) => ({
    name: `${way} of promises, once replaced, sees nothing internal`,
    code: `const { then, constructor } = Promise.prototype;
      const caches_ = caches.default, kept = [];
      const note = (value) => { if (typeof value === 'object' && value !== null) kept[kept.length] = value; };
      const noted = (f) => typeof f === 'function' ? (value) => { note(value); return $apply(f, undefined, [value]); } : f;
      function Species(executor) { return new constructor((yes, no) => executor((value) => { note(value); yes(value); }, no)); }
      const restore = () => { Promise.prototype.then = then; Promise.prototype.constructor = constructor; };
      await caches_.put('http://a/x', new Response('kept', { headers: { 'cache-control': 'max-age=60' } }));
      Promise.prototype.constructor = { [Symbol.species]: ${way === 'species' ? 'Species' : 'constructor'} };
      ${way === 'species' ? '' : 'Promise.prototype.then = function (yes, no) { return $apply(then, this, [noted(yes), noted(no)]); };'}
      const told = [];
      try {
        told.push(await new Response(new Blob(['abc']).stream()).text());
        told.push((await new Response(new Blob(['abc']).stream()).bytes()).length);
        told.push((await (await caches_.match('http://a/x')).bytes()).length);
        const handlers = { element: async (e) => { e.append('!'); }, text: async () => {} };
        told.push(await new HTMLRewriter().on('p', handlers).transform(new Response('<p>x</p>')).text());
      } finally { restore(); }
      // What the case itself awaits.
      const inner = kept.filter((value) => !(value instanceof Response || value instanceof Uint8Array));
      return told.join() + inner.map((value) => ' ' + Object.keys(value).join() + Object.prototype.toString.call(value));`,
    answer: 'abc,3,4,<p>x!</p>',
  })),
  ...[
    [
      'v8',
      'const stop = promiseHooks.createHook({ init: keep, before: keep, after: keep, settled: keep });',
    ],
    [
      'async_hooks',
      'const hook = createHook({ init(id, type, by, it) { keep(it); } }).enable(), stop = () => hook.disable();',
    ],
  ].map(([module, install]) => ({
    name: `hooks of promises by node:${module} see nothing internal`,
    head: "import { promiseHooks } from 'node:v8'; import { createHook } from 'node:async_hooks';",
    code: `const { then } = Promise.prototype, kept = new Set(), seen = [];
      const caches_ = caches.default;
      await caches_.put('http://a/y', new Response('kept', { headers: { 'cache-control': 'max-age=60' } }));
      const keep = (it, parent) => { kept.add(it); if (parent !== undefined) kept.add(parent); };
      const told = [];
      // One that waits already, and has its hooks while it does.
      let controller;
      const early = new Response(new ReadableStream({ type: 'bytes', start(c) { controller = c; } })).bytes();
      ${install}
      try {
        controller.enqueue(new Uint8Array(5));
        controller.close();
        told.push((await early).length);
        told.push(await new Response(new Blob(['abc']).stream()).text());
        told.push((await new Response(new Blob(['abc']).stream()).bytes()).length);
        told.push((await (await caches_.match('http://a/y')).bytes()).length);
        const handlers = { element: async (e) => { e.append('!'); }, text: async () => {} };
        told.push(await new HTMLRewriter().on('p', handlers).transform(new Response('<p>x</p>')).text());
      } finally { stop(); }
      const own = kept.size > 0;
      for (const it of kept)
        try { $apply(then, it, [(value) => { if (typeof value === 'object' && value !== null) seen.push(value); }, () => {}]); } catch {}
      await scheduler.wait(1);
      const inner = seen.filter((value) => !(value instanceof Response || value instanceof Uint8Array));
      return own + ' ' + told.join() + inner.map((value) => ' ' + Object.keys(value).join() + Object.prototype.toString.call(value));`,
    answer: 'true 5,abc,3,4,<p>x!</p>',
    node: true,
  })),
  {
    name: 'hooks of promises, set while arrays are patched, see nothing internal',
    head: "import { promiseHooks } from 'node:v8';",
    code: `const kept = new Set(), { then } = Promise.prototype, seen = [];
      promiseHooks.onSettled(() => {})(); // all that is lazy is there
      const iterator = Array.prototype[Symbol.iterator];
      const keep = (it) => { kept.add(it); };
      const keepAll = function* () { for (let i = 0; i < 4; i++) yield keep; };
      Array.prototype[Symbol.iterator] = keepAll;
      for (let i = 0; i < 4; i++)
        $define(Array.prototype, i, { set(value) { $define(this, i, { value: typeof value === 'function' ? keep : value, configurable: true, writable: true, enumerable: true }); }, configurable: true });
      let stop;
      try { stop = promiseHooks.onInit(keep); } finally {
        Array.prototype[Symbol.iterator] = iterator;
        for (let i = 0; i < 4; i++) delete Array.prototype[i];
      }
      let text;
      try { text = await new Response(new Blob(['abc']).stream()).text(); } finally { stop(); }
      const own = kept.size > 0;
      for (const it of kept)
        try { $apply(then, it, [(value) => { if (typeof value === 'object' && value !== null) seen.push(value); }, () => {}]); } catch {}
      await scheduler.wait(1);
      return own + ' ' + text + seen.map((value) => ' ' + Object.keys(value).join());`,
    answer: 'true abc',
    node: true,
  },
  {
    name: 'hooks of promises forge nothing that the platform waits for',
    head: "import { promiseHooks } from 'node:v8';",
    code: `const forge = (it) => {
        $define(it, 'constructor', { get() {}, configurable: true });
        $define(it, 'then', { value: (yes) => yes({ bytes: 7, done: false, value: 8 }), configurable: true });
      };
      const handlers = { element: async (e) => { e.append('!'); }, text: async () => {} };
      const stop = promiseHooks.onInit(forge);
      const all = [];
      try {
        all.push(new HTMLRewriter().on('p', handlers).transform(new Response('<p>x</p>')).text());
        all.push(new Response(new Blob(['abc']).stream()).text());
        for (let i = 0; i < 9; i++) await 0;
      } finally { stop(); }
      const told = [];
      for (const it of all)
        told.push(await new Promise((yes) => $apply(Promise.prototype.then, it, [yes, (e) => yes(e.name)])));
      return told.join();`,
    answer: '<p>x!</p>,abc',
    node: true,
  },
  {
    name: 'a handler whose promise throws where it is asked for its constructor fails alone',
    head: own,
    ...exporting(`let n = 0;
      export default { fetch: () => $own(n++, Promise.resolve(new $R('served'))) };`),
    answer: kException,
    after: [
      ['/', 'served'],
      ['/', 'served'],
    ],
  },
  {
    name: "a handler's promise with another constructor is waited for by its then()",
    ...exporting(`export default { fetch() { const promise = Promise.resolve(new $R('first'));
      promise.constructor = Object; promise.then = (done) => done(new $R('second')); return promise; } };`),
    answer: 'second',
  },
  ...[
    ['element', '<p>x</p>'],
    ['text', '<p>x</p>'],
    ['comments', '<p><!--x--></p>'],
  ].map(([handler, html]) => ({
    name: `HTMLRewriter's ${handler} handler that gives a promise that throws where it is asked for its constructor`,
    head: own,
    code: `const told = [];
      for (let at = 0; at < 4; at++) {
        let calls = 0, within;
        const handlers = { ${handler}: (token) => { calls++; return $own(at, Promise.resolve(), () => { try { token.remove(); within = 'removed'; } catch (e) { within = $name(e); } }); } };
        const rewriter = new HTMLRewriter().on('p', handlers).on('p', handlers);
        told.push(await $later(() => rewriter.transform(new Response('${html}')).text()), within);
      }
      return told.join();`,
    answer: 'EvalError,removed,done,removed,done,removed,done,removed',
  })),
  {
    name: 'ReadableStream.from() whose promises throw where they are asked for their constructor',
    head: own,
    code: `const told = [];
      for (let at = 0; at < 4; at++) {
        const [next, value, stop] = [{ next: () => $own(at, Promise.resolve({ done: false, value: 1 })) },
          { next: () => ({ done: false, value: $own(at, Promise.resolve(1)) }) },
          { next: () => ({ done: false, value: 1 }), return: () => $own(at, Promise.resolve({})) }].map((iterator) => ReadableStream.from({ [Symbol.asyncIterator]: () => iterator }));
        told.push(await $later(() => next.getReader().read()), await $later(() => value.getReader().read()), await $later(() => stop.cancel()));
      }
      return told.join();`,
    answer: /^((EvalError|done),?){12}$/,
  },
  {
    name: 'a source whose promises throw where they are asked for their constructor errs its stream alone',
    head: own,
    code: `const told = [];
      for (const type of [undefined, 'bytes']) for (let at = 0; at < 4; at++) {
        let s, pulls = 0;
        const pulled = () => { s = new ReadableStream({ type, pull: (c) => { pulls++; c.enqueue(new Uint8Array(1)); return $own(at, Promise.resolve(), () => { try { c.desiredSize; s.locked; } catch {} }); } }, { highWaterMark: 0 }); };
        told.push($try(pulled));
        const reader = s.getReader();
        for (let i = 0; i < 3; i++) told.push(await $wait(() => reader.read()));
        told.push(await $wait(() => reader.closed) , pulls);
        told.push($try(() => new ReadableStream({ type, start: () => $own(at, Promise.resolve()) })));
        told.push(await $wait(() => new ReadableStream({ type, cancel: () => $own(at, Promise.resolve()) }).cancel()));
      }
      return told.join();`,
    answer:
      'done,done,EvalError,EvalError,EvalError,1,EvalError,EvalError,done,done,EvalError,EvalError,EvalError,1,done,EvalError,done,done,done,done,waits,3,done,done,done,done,done,done,waits,3,done,done,done,done,EvalError,EvalError,EvalError,1,EvalError,EvalError,done,done,EvalError,EvalError,EvalError,1,done,EvalError,done,done,done,done,waits,3,done,done,done,done,done,done,waits,3,done,done',
  },
  {
    name: 'a sink and a transformer whose promises throw where they are asked for their constructor',
    head: own,
    code: `const told = [];
      for (let at = 0; at < 4; at++) {
        for (const step of ['write', 'close', 'abort']) {
          const w = new WritableStream({ [step]: () => $own(at, Promise.resolve()) }).getWriter();
          told.push(step, await $wait(() => w[step](1)), await $wait(() => w.closed));
        }
        told.push($try(() => new WritableStream({ start: () => $own(at, Promise.resolve()) })));
        for (const step of ['transform', 'flush', 'cancel']) {
          const { readable, writable } = new TransformStream({ [step]: () => $own(at, Promise.resolve()) }, undefined, { highWaterMark: 1 });
          const w = writable.getWriter();
          told.push(step, await $wait(() => step === 'transform' ? w.write(1) : step === 'flush' ? w.close() : readable.cancel()));
        }
      }
      return told.join();`,
    answer:
      'write,EvalError,EvalError,close,EvalError,EvalError,abort,EvalError,1,EvalError,transform,EvalError,flush,EvalError,cancel,EvalError,write,EvalError,EvalError,close,EvalError,EvalError,abort,EvalError,1,done,transform,EvalError,flush,EvalError,cancel,EvalError,write,done,waits,close,done,done,abort,done,1,done,transform,done,flush,done,cancel,done,write,done,waits,close,done,done,abort,done,1,done,transform,done,flush,done,cancel,done',
  },
  {
    name: 'promises of the platform that throw where they are asked for their constructor',
    head: `import { connect } from 'cloudflare:sockets'; ${own}`,
    code: `const told = [];
      for (let at = 0; at < 3; at++) {
        const { readable, writable } = new TransformStream(); const r = readable.getReader(), w = writable.getWriter();
        $own(at, r.closed); $own(at, w.closed); $own(at, w.ready);
        told.push(await $wait(() => Promise.all([w.write(1), r.read()])));
        told.push($try(() => r.releaseLock()), $try(() => w.releaseLock()));
        $own(at, readable.getReader().closed); const v = writable.getWriter(); $own(at, v.ready); $own(at, v.closed);
        told.push(await $wait(() => v.abort(1)));
        const socket = connect('nowhere.invalid:1'); $own(at, socket.opened); $own(at, socket.closed); told.push($try(() => { socket.close(); }));
        const s = new ReadableStream({ start(c) { c.enqueue(1); c.close(); } }); const it = s[Symbol.asyncIterator]();
        const first = $own(at, it.next()); told.push(await $wait(() => it.next()));
        told.push(await $wait(() => new ReadableStream({ start(c) { c.close(); } }).pipeTo(new WritableStream({ close: () => $own(at, Promise.resolve()) }))));
      }
      return told.join();`,
    answer:
      'done,done,done,done,done,done,EvalError,done,done,done,done,done,done,EvalError,done,done,done,done,done,done,done',
  },
  {
    name: 'waitUntil() of a promise whose constructor throws holds nothing',
    code: `const promise = Promise.resolve();
      Object.defineProperty(promise, 'constructor', { get() { throw new EvalError('no'); } });
      return $try(() => ctx.waitUntil(promise));`,
    answer: 'EvalError',
    after: [['/', 'EvalError']],
  },
  {
    name: 'waitUntil() of a promise whose species throws holds nothing',
    code: `const promise = Promise.resolve();
      promise.constructor = { get [Symbol.species]() { throw new EvalError('no'); } };
      return $try(() => ctx.waitUntil(promise));`,
    answer: /^(done|EvalError)$/,
  },
  {
    name: 'waitUntil() of a thenable that throws is logged, and the answer stands',
    code: `ctx.waitUntil({ get then() { throw new Error('no'); } }); ctx.waitUntil({ then() { throw 1; } }); ctx.waitUntil(null);
      return 'stands';`,
    answer: 'stands',
  },
  {
    name: 'waitUntil() of a thenable that settles many times counts once',
    code: `ctx.waitUntil({ then(yes, no) { yes(); yes(); no(); yes(); } }); await null; return 'once';`,
    answer: 'once',
    after: [['/', 'once']],
  },
  {
    name: 'waitUntil() on another receiver is refused',
    code: `return $try(() => ctx.waitUntil.call({}, null)) + $try(() => Object.getPrototypeOf(ctx).waitUntil(null));`,
    answer: 'TypeErrorTypeError',
  },
  {
    name: 'queueMicrotask() asks no promise for its constructor',
    code: `const kept = Object.getOwnPropertyDescriptor(Promise.prototype, 'constructor'), told = [];
      Object.defineProperty(Promise.prototype, 'constructor', { configurable: true,
        get() { told.push('asked'); throw new EvalError('constructor'); } });
      try { queueMicrotask(() => { told.push('ran'); }); } catch (e) { told.push(e.name); }
      Object.defineProperty(Promise.prototype, 'constructor', kept);
      await null;
      return told.join();`,
    answer: 'ran',
  },
];
