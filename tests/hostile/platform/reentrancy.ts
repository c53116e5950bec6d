// Callbacks that call the platform again while it is in the middle of its work, and
// the end of the stack inside of it.
import { type HostileCase, kException } from './case.ts';

/** Calls `call` at every depth near the end of the stack; later it must work as ever. */
const atTheEnd = (api: string, call: string, works: string, node?: string): HostileCase => ({
  name: `${api} at the end of the stack fails whole, and works afterwards`,
  head: node ?? '',
  code: `const call = () => { ${call} };
    const found = new Set();
    // Each try is some bytes of stack nearer to the end than the one before.
    const down = (n, pad) => { if (n === 0) { try { call(); } catch (e) { found.add(e instanceof RangeError ? 'RangeError' : e?.name ?? e); throw e; } return 0; } return pad + down(n - 1, pad); };
    const depth = () => { let n = 0; const f = () => { n++; f(); }; try { f(); } catch {} return n; };
    const most = depth();
    let ends = 0;
    for (let i = 0; i < 60; i++) { try { down(Math.floor(most * (0.4 + i / 60)), 1); } catch { ends++; } }
    let calls = 0;
    const dive = () => { try { dive(); } catch (e) { ends++; if (calls++ < 100) try { call(); } catch {} throw e; } };
    try { dive(); } catch {}
    found.delete('RangeError');
    return (ends > 0) + ' ' + [...found].join() + ' ' + await (async () => { ${works} })();`,
  answer: /^true {2}well$/,
  cpuMs: 5000,
  ...(node === undefined ? {} : { node: true }),
});

/** The first use of what is made when it is asked for, as near to the end as it goes. */
const firstAtTheEnd = (api: string, call: string, node?: string): HostileCase => ({
  name: `${api} used for the first time at the end of the stack`,
  head: node ?? '',
  code: `let left = 200, done = 0;
    const call = () => { ${call} };
    const dive = () => { try { dive(); } catch (e) { if (left-- > 0) { try { call(); done++; } catch {} } throw e; } };
    $try(dive);
    call();
    return done > 0 ? 'made' : 'made at last';`,
  answer: /^made/,
  cpuMs: 2000,
  ...(node === undefined ? {} : { node: true }),
});

export const reentrancy: readonly HostileCase[] = [
  {
    name: 'hooks of promises that use the platform, end what it does, and throw',
    head: "import { promiseHooks } from 'node:v8'; import { createHook } from 'node:async_hooks'; addEventListener('error', (e) => e.preventDefault());",
    code: `let told = 0, busy = false, controller = new AbortController(), reader;
      const act = () => {
        if (busy) return;
        busy = true;
        try {
          told++;
          controller.abort();
          if (told % 3 === 0) reader?.cancel();
          structuredClone(new Uint8Array(1));
          new Response('x').text();
          if (told % 2 === 0) throw new EvalError();
        } finally { busy = false; }
      };
      const init = (promise) => {
        promise.constructor = undefined;
        $define(promise, 'then', { value: 1, configurable: true });
        act();
      };
      const stop = promiseHooks.createHook({ init, before: act, after: act, settled: act });
      const hook = createHook({ init() { controller.abort(); }, destroy() {} }).enable();
      const found = [];
      for (let i = 0; i < 5; i++) {
        controller = new AbortController();
        const pipe = new TransformStream();
        reader = new Response(pipe.readable).body.getReader();
        const writer = pipe.writable.getWriter();
        $later(() => writer.write(new Uint8Array(9)));
        found.push(await $later(() => reader.read()), await $later(() => scheduler.wait(1, { signal: controller.signal })), await $later(() => request.clone().text()));
      }
      hook.disable();
      stop();
      await scheduler.wait(1);
      return (told > 0) + ' ' + await new Response('well').text();`,
    answer: /^true well$/,
    node: true,
  },
  {
    name: "a source's start() that uses the stream that it starts",
    code: `let c; const told = [];
      const s = new ReadableStream({ start(k) { c = k; k.enqueue(1); told.push(k.desiredSize); k.close(); told.push($try(() => k.close()), $try(() => k.enqueue(2))); k.error(1); } });
      return told.join() + await $later(() => s.getReader().read());`,
    answer: /^0,TypeError,TypeError(done|1)$/,
  },
  {
    name: 'a size() that enqueues, closes, errs, reads and cancels',
    code: `let told = '';
      for (const act of [(c) => c.enqueue(2), (c) => c.close(), (c) => c.error(new EvalError()), (c, s) => s.getReader().read(), (c, s) => s.cancel('x')]) {
        let k, s, deep = 0;
        s = new ReadableStream({ start(c) { k = c; } }, { size() { if (deep++ < 3) try { act(k, s); } catch {} return 1; } });
        told += $try(() => k.enqueue(1)) + ',';
      }
      return told;`,
    answer: /^(\w+,){5}$/,
  },
  {
    name: 'a size() that enqueues without end runs to the end of the stack',
    code: `let k; new ReadableStream({ start(c) { k = c; } }, { size() { k.enqueue(1); return 1; } });
      return $try(() => k.enqueue(1)) + $try(() => k.enqueue(1));`,
    answer: 'RangeErrorTypeError',
  },
  {
    name: "a writable stream's size() that aborts, closes and releases",
    code: `let told = '';
      for (const act of [(w) => w.abort(), (w) => w.close(), (w) => w.releaseLock(), (w, c) => c.error(1), (w) => w.write(2)]) {
        let w, c, deep = 0;
        const s = new WritableStream({ start(k) { c = k; } }, { size() { if (deep++ < 3) try { act(w, c)?.catch?.(() => {}); } catch {} return 1; } });
        w = s.getWriter(); w.closed.catch(() => {}); w.ready.catch(() => {});
        told += await Promise.race([$later(() => w.write(1)), new Promise((r) => setTimeout(r, 2, 'waits'))]) + ',';
      }
      return told;`,
    answer: /^([\w]+,){5}$/,
  },
  {
    name: 'pull() that pulls again without end is ended',
    code: `const s = new ReadableStream({ pull(c) { c.enqueue(1); } }, { highWaterMark: 1e9 }); await new Promise(() => {});`,
    answer: /^error code: 110[12]/,
  },
  {
    name: 'a transform() that writes to itself and terminates',
    code: `let w; const t = new TransformStream({ transform(x, c) { if (x < 3) w.write(x + 1).catch(() => {}); c.enqueue(x); if (x === 3) { c.terminate(); $try(() => c.enqueue(9)); c.error(1); } }, flush() { w.abort(); } });
      w = t.writable.getWriter(); w.closed.catch(() => {}); w.ready.catch(() => {}); w.write(1).catch(() => {});
      let told = ''; try { for await (const x of t.readable) told += x; } catch (e) { told += 'e' + e; }
      return told;`,
    answer: /^123(e1)?$/,
  },
  {
    name: 'cancel() within pull(), abort() within write(), release within both',
    code: `let r, told = [];
      const s = new ReadableStream({ pull(c) { told.push('pull'); r.cancel('x'); r.releaseLock(); }, cancel(x) { told.push('cancel' + x); s.cancel('y').catch(() => {}); } }, { highWaterMark: 0 });
      r = s.getReader(); told.push(await $later(() => r.read()));
      let w; const sink = new WritableStream({ write() { told.push('write'); w.abort('z'); w.releaseLock(); }, abort(x) { told.push('abort' + x); sink.abort('q'); } });
      w = sink.getWriter(); w.closed.catch(() => {}); w.ready.catch(() => {}); told.push(await $later(() => w.write(1)));
      return told.join();`,
    answer: /^pull,cancelx,\w+,write,(abortz,)?\w+(,abortz)?$/,
  },
  {
    name: 'a byte stream whose pull() responds, releases and reads again',
    code: `let reader, n = 0; const told = [];
      const s = new ReadableStream({ type: 'bytes', pull(c) { const q = c.byobRequest; if (!q || n++ > 5) { $try(() => c.close()); $try(() => q?.respond(0)); return; }
        told.push($try(() => reader.releaseLock())); told.push($try(() => q.respond(1))); told.push($try(() => c.enqueue(new Uint8Array(3)))); reader = s.getReader({ mode: 'byob' }); reader.read(new Uint8Array(2)).catch(() => {}); } });
      reader = s.getReader({ mode: 'byob' });
      const how = await $later(() => reader.read(new Uint16Array(4)));
      await new Promise((r) => setTimeout(r, 1));
      return how + (told.length > 0);`,
    answer: /^\w+true$/,
  },
  {
    name: 'a tee of tees is read to its end though branches are cancelled in between',
    code: `let s = new ReadableStream({ start(c) { c.enqueue(new Uint8Array([97])); c.close(); }, type: 'bytes' });
      for (let i = 0; i < 40; i++) { const [a, b] = s.tee(); if (i % 2) b.cancel().catch(() => {}); s = a; }
      return await new Response(s).text();`,
    answer: 'a',
    cpuMs: 500,
  },
  {
    name: 'two hundred transforms one behind the other pass a chunk on',
    code: `let s = new Response('x').body; for (let i = 0; i < 200; i++) s = s.pipeThrough(new TransformStream());
      return await new Response(s).text();`,
    answer: 'x',
    cpuMs: 2000,
  },
  {
    name: 'a listener that dispatches, adds and removes while its event is dispatched',
    code: `const t = new EventTarget(), e = new Event('x'); let told = '';
      const late = () => { told += 'late'; };
      t.addEventListener('x', () => { told += $try(() => t.dispatchEvent(e)); t.addEventListener('x', late); t.removeEventListener('x', gone); });
      const gone = () => { told += 'gone'; }; t.addEventListener('x', gone);
      t.addEventListener('x', function f() { if (told.length < 60) t.dispatchEvent(new Event('x')); e.stopImmediatePropagation(); });
      t.dispatchEvent(e);
      return told.slice(0, 40);`,
    answer: /^InvalidStateError/,
  },
  {
    name: 'listeners that dispatch without end run to the end of the stack',
    code: `const t = new EventTarget(); let deep = 0; addEventListener('error', (e) => e.preventDefault());
      t.addEventListener('x', () => { deep++; t.dispatchEvent(new Event('x')); });
      t.dispatchEvent(new Event('x'));
      return String(deep > 100);`,
    answer: 'true',
    cpuMs: 5000,
  },
  {
    name: 'an error listener that throws does not report itself without end',
    code: `let n = 0; addEventListener('error', () => { n++; throw new Error('again'); }); reportError(new Error('first')); return String(n < 100);`,
    answer: 'true',
  },
  {
    name: 'an abort listener that aborts, and signals that depend in a circle of listeners',
    code: `const a = new AbortController(), b = new AbortController(); let n = 0;
      a.signal.addEventListener('abort', () => { n++; b.abort(); a.abort('again'); }); b.signal.addEventListener('abort', () => { n++; a.abort('circle'); });
      const any = AbortSignal.any([a.signal, b.signal, AbortSignal.any([a.signal])]); any.onabort = () => { n++; AbortSignal.any([any]); };
      a.abort('first');
      return n + any.reason;`,
    answer: '3first',
  },
  {
    name: 'ten thousand signals that depend on one are aborted with it',
    code: `const a = new AbortController(); let s = a.signal, n = 0; const all = [];
      for (let i = 0; i < 10000; i++) { s = AbortSignal.any([s, a.signal]); s.onabort = () => n++; all.push(s); }
      a.abort(); return String(n);`,
    answer: '10000',
    cpuMs: 10000,
  },
  {
    name: 'getters of an options object that use the object that is being made',
    code: `let made; const told = [];
      class Mine extends Response { constructor(body, init) { super(body, init); made = this; } }
      const init = { get status() { told.push($try(() => made.status)); return 200; }, get headers() { made = new Mine('inner'); return { get a() { told.push(made.status); return 'b'; } }; } };
      const r = new Mine('outer', init); return await r.text() + told.join();`,
    answer: 'outerTypeError,200',
  },
  {
    name: 'a conversion that changes the list it is added to',
    code: `const h = new Headers({ a: '1' }), p = new URLSearchParams('a=1&b=2'), f = new FormData();
      h.append({ toString() { h.delete('a'); return 'x'; } }, { toString() { h.append('y', '2'); return 'z'; } });
      p.set('a', { toString() { p.delete('a'); p.delete('b'); return '3'; } }); p.delete({ toString() { p.append('q', '1'); return 'q'; } });
      f.append('a', { toString() { f.append('a', 'inner'); return 'outer'; } });
      for (const [k] of h) if ([...h].length < 6) h.append('n' + [...h].length, k);
      p.forEach((v, k) => { if (p.size < 5) p.append(k, v); });
      return [...h].length + p.toString() + f.getAll('a').join();`,
    answer: '6a=3&a=3&a=3&a=3&a=3inner,outer',
  },
  {
    name: 'an iteration that sorts, empties and fills what it walks over',
    code: `const p = new URLSearchParams('c=1&b=2&a=3'); let told = '';
      for (const [k] of p) { told += k; if (told.length === 1) p.sort(); if (told.length === 2) { p.delete('a'); p.delete('b'); p.delete('c'); } if (told.length > 9) break; }
      const it = p.entries(); p.append('x', 'y'); told += it.next().value[0] + it.next().done; p.append('z', 'z'); told += it.next().done;
      return told;`,
    answer: /^cb?x(true|false)(true|false)$/,
  },
  {
    name: 'a clone whose getters clone, and transfer what is being transferred',
    code: `const b = new ArrayBuffer(8); let deep = 0;
      const value = { get a() { return deep++ < 5 ? structuredClone(value) : 1; }, get b() { structuredClone(0, { transfer: [b] }); return b; } };
      return $try(() => structuredClone(value, { transfer: [b] })) + $try(() => structuredClone({ get x() { return structuredClone(this); } }));`,
    answer: 'DataCloneErrorRangeError',
  },
  {
    name: 'a value that is nested deeper than the stack is refused',
    code: `let deep = {}; const root = deep; for (let i = 0; i < 200000; i++) deep = deep.a = {};
      let list = []; for (let i = 0; i < 200000; i++) list = [list];
      const told = [$try(() => structuredClone(root)), $try(() => structuredClone(list)), $try(() => Response.json(list)), $try(() => console.log(root, list)), $try(() => new MessageChannel().port1.postMessage(list))];
      return told.join();`,
    answer: 'RangeError,RangeError,done,done,RangeError',
    cpuMs: 2000,
  },
  {
    name: 'a message handler that posts to itself and closes',
    code: `const { port1, port2 } = new MessageChannel(); let n = 0;
      port2.onmessage = (e) => { n++; port2.close(); port1.postMessage(n); port2.postMessage(n); };
      port1.onmessage = () => { n += 100; }; port1.postMessage(1); port1.postMessage(2);
      await new Promise((r) => setTimeout(r, 2)); return String(n);`,
    answer: /^[12]$/,
  },
  {
    name: 'a port that is sent through itself, or through its own channel, is refused or moves',
    code: `const { port1, port2 } = new MessageChannel(); const other = new MessageChannel();
      let told = $try(() => port1.postMessage(0, [port1])) + $try(() => port1.postMessage(0, [port2])) + $try(() => other.port1.postMessage(other.port2, [other.port2])) + $try(() => other.port2.postMessage(1)) + $try(() => port1.postMessage(0, [other.port2]));
      return told;`,
    answer: /^DataCloneError(done|DataCloneError){4}$/,
  },
  {
    name: 'a port that is listed twice, or that a getter transfers or closes, is refused',
    code: `const told = []; const open = () => new MessageChannel().port1; const tell = (f) => told.push($try(f));
      let p = open(); tell(() => structuredClone(p, { transfer: [p, p] })); tell(() => structuredClone(p, { transfer: [p] }));
      for (const gone of [(p) => structuredClone(p, { transfer: [p] }), (p) => p.close(), (p) => open().postMessage(0, [p])]) {
        const p = open(); tell(() => structuredClone({ get a() { gone(p); } }, { transfer: [p] })); const q = open();
        tell(() => structuredClone({ get a() { gone(p); }, q }, { transfer: [q] })); tell(() => structuredClone({ get a() { gone(q); } }, { transfer: [q, open()] }));
      }
      return told.join();`,
    answer: /^DataCloneError,done(,DataCloneError,(done|DataCloneError),DataCloneError){3}$/,
  },
  {
    name: 'a require() within an import, within itself, and of a module that is being loaded',
    node: true,
    code: `const { createRequire } = await import('node:module'); const require = createRequire('/'); const told = [];
      const { apply } = Reflect; const tell = (id) => { try { require(id); return 'done'; } catch (e) { return e.code ?? e.name; } };
      let deep = 0; let within = 0; const patched = [];
      for (const [owner, names] of [[Array.prototype, ['push', 'map', 'filter', 'slice']], [String.prototype, ['startsWith', 'slice']], [Object, ['keys', 'entries', 'assign', 'fromEntries']], [Map.prototype, ['get', 'has']]])
        for (const name of names) { const own = owner[name]; patched.push([owner, name, own]);
          owner[name] = function (...a) { if (deep++ === 0) { within++; tell('./index.js'); } deep--; return apply(own, this, a); }; }
      await import('node:readline/promises'); await import('node:http'); for (const [owner, name, own] of patched) owner[name] = own;
      for (const id of ['node:assert', './index.js', 'x'.repeat(1e6), '']) told.push(tell(id));
      told.push(within > 0); let at; try { at = createRequire('/bundle/' + 'a/'.repeat(1e6)); } catch {} told.push(at ? (() => { try { at('./x'); } catch (e) { return e.code; } })() : 'refused');
      return told.join();`,
    answer: 'done,done,MODULE_NOT_FOUND,ERR_INVALID_ARG_VALUE,true,MODULE_NOT_FOUND',
    cpuMs: 5000,
  },
  {
    name: 'a require() while modules are linked, of one that is and of one that is not',
    node: true,
    head: "import { createRequire } from 'node:module';",
    modules: {
      'linked.js': "import 'node:http'; export default 'linked';",
      'other.js': "import './linked.js'; import 'node:readline/promises'; export default 'other';",
    },
    code: `const require = createRequire('/'); const { apply } = Reflect; const told = new Set(); let deep = 0;
      const tell = (id) => { try { require(id); return 'done'; } catch (e) { return e.code ?? e.name; } };
      const patched = [[Array.prototype, 'map'], [Array.prototype, 'push'], [Object, 'entries'], [Object, 'assign'], [Map.prototype, 'get']].map(([owner, name]) => [owner, name, owner[name]]);
      for (let i = 0; i < patched.length; i++) { const [owner, name, own] = patched[i];
        owner[name] = function (...a) { if (deep++ === 0) { told.add(tell('./linked.js')); told.add(tell('./other.js')); } deep--; return apply(own, this, a); }; }
      const { default: linked } = await import('./linked.js');
      for (let i = 0; i < patched.length; i++) { const [owner, name, own] = patched[i]; owner[name] = own; }
      return [...told, linked, tell('./linked.js'), tell('./other.js')].join();`,
    answer: 'ERR_REQUIRE_CYCLE_MODULE,linked,done,done',
    cpuMs: 5000,
  },
  {
    name: 'what is transferred with a prototype of its own choice, and members of Object.prototype in options',
    code: `const told = []; const { port1, port2 } = new MessageChannel(); Object.setPrototypeOf(port1, null);
      const stream = Object.setPrototypeOf(new Response('well').body, Object.prototype);
      const got = structuredClone({ port1, stream }, { transfer: [port1, stream] });
      told.push(got.port1 instanceof MessagePort, await new Response(got.stream).text());
      Object.prototype.transfer = 1; told.push(structuredClone('copied'));
      const source = new ReadableStream({ start(c) { c.enqueue('chunk'); c.close(); } });
      const moved = structuredClone(source, { __proto__: null, transfer: [source] });
      for await (const chunk of moved) told.push(chunk); delete Object.prototype.transfer;
      return told.join();`,
    answer: 'true,well,copied,chunk',
  },
  {
    name: 'a timer that sets, clears and refreshes itself',
    code: `let n = 0; const id = setInterval(() => { n++; clearInterval(id); clearTimeout(id); setInterval(() => {}, 1e9); clearInterval({ valueOf() { clearInterval(id); return Number(id); } }); }, 1);
      await new Promise((r) => setTimeout(() => setTimeout(r, 2), 2)); return String(n);`,
    answer: '1',
  },
  {
    name: 'microtasks without end are ended, and the next request is answered',
    handler: `const $R = Response; export default { async fetch(r) { if (r.url.endsWith('/')) { const more = () => queueMicrotask(more); more(); await new Promise(() => {}); } return new $R('next'); } };`,
    code: '',
    answer: /^error code: 1102/,
    after: [['/next', 'next']],
  },
  {
    name: 'finalizers that use the platform and throw harm nothing',
    code: `let n = 0; const registry = new FinalizationRegistry(() => { n++; fetch('http://a.invalid').catch(() => {}); new Response('x').text(); throw new Error('finalizer'); });
      for (let i = 0; i < 2000; i++) registry.register({ a: new Array(100) }, i);
      for (let i = 0; i < 50; i++) { new Array(100000).fill(i); await new Promise((r) => setTimeout(r, 0)); }
      return 'well';`,
    answer: 'well',
    cpuMs: 2000,
  },
  {
    name: 'observers of performance that observe, mark and disconnect as they are told',
    code: `let n = 0; const o = new PerformanceObserver((list, self) => { n++; performance.mark('m' + n); if (n > 3) self.disconnect(); self.takeRecords(); self.observe({ type: 'mark' }); });
      o.observe({ type: 'mark' }); performance.mark('a', { detail: { get x() { performance.clearMarks(); return 1; } } });
      await new Promise((r) => setTimeout(r, 2)); o.disconnect(); return String(n > 0 && n < 100);`,
    answer: /^(true|false)$/,
  },
  {
    name: 'a digest that is written to by its own promise',
    code: `const d = new crypto.DigestStream({ get name() { return 'SHA-1'; } }); const w = d.getWriter(); w.write(new Uint8Array(1)); d.digest.then(() => w.write('x')).catch(() => {}); await w.close(); return String((await d.digest).byteLength) + await $later(() => w.write('y'));`,
    answer: '20TypeError',
  },
  {
    name: 'a constructor that is called with new.target of another kind makes what it must',
    code: `let told = '';
      for (const C of [Response, Headers, URL, Blob, EventTarget, AbortController, TextDecoder, ReadableStream, FormData, MessageChannel, CompressionStream, URLSearchParams, Event])
        for (const target of [Array, Uint8Array, Map, Proxy, new Proxy(function () {}, { get() { throw new EvalError(); } })])
          $try(() => { const made = Reflect.construct(C, ['gzip', {}], target); for (const key in made) { try { made[key]; } catch {} } });
      return told + 'well';`,
    answer: 'well',
  },
  {
    name: 'every method of every interface refuses a receiver of another',
    code: `const receivers = [undefined, null, 1, {}, [], () => {}, Object.create(Response.prototype), new Proxy(new Response('x'), {}), new Map(), request];
      let calls = 0;
      for (const name of Object.getOwnPropertyNames(globalThis)) { let proto; try { proto = globalThis[name]?.prototype; } catch {} if (!proto || /^(Object|Function|Array|Promise|Proxy|.*Iterator|Iterator|Error|.*Error|Generator.*|RegExp|String|Symbol|WeakRef|Date)$/.test(name)) continue;
        for (const key of Reflect.ownKeys(proto)) { const d = Object.getOwnPropertyDescriptor(proto, key); for (const f of [d.value, d.get, d.set]) if (typeof f === 'function' && key !== 'constructor')
          for (const receiver of receivers) { calls++; try { const r = Reflect.apply(f, receiver, [{}, {}, {}]); r?.catch?.(() => {}); } catch {} } } }
      return String(calls > 2000);`,
    answer: 'true',
    cpuMs: 5000,
  },
  {
    name: 'a handler that recurses to its end fails alone',
    handler: `const $R = Response; export default { fetch(r) { if (r.url.endsWith('/ok')) return new $R('ok'); return this.fetch(r); } };`,
    code: '',
    answer: kException,
    after: [['/ok', 'ok']],
  },
  atTheEnd(
    'Response and Headers',
    "new Response('x', { headers: { a: 'b' } }).clone(); new Headers([['a', 'b']]).get('a');",
    "return new Response('x', { headers: { a: 'well' } }).headers.get('a');",
  ),
  atTheEnd(
    'URL and URLSearchParams',
    "const u = new URL('http://a/b?c=d'); u.searchParams.append('x', 'y'); u.host = 'q';",
    "return new URL('http://a/?b=well').searchParams.get('b');",
  ),
  atTheEnd(
    'streams',
    'const s = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)); c.close(); } }); s.pipeThrough(new TransformStream()).getReader().read();',
    "return await new Response(new Response('well').body.pipeThrough(new TransformStream())).text();",
  ),
  atTheEnd(
    'a byte stream',
    "const s = new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array(1)); } }); s.getReader({ mode: 'byob' }).read(new Uint8Array(4)).catch(() => {});",
    "const s = new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array(1)); } }); return (await s.getReader({ mode: 'byob' }).read(new Uint8Array(4))).value.length === 1 ? 'well' : 'no';",
  ),
  atTheEnd(
    'cryptography',
    "crypto.subtle.digest('SHA-1', new Uint8Array(1)).catch(() => {}); crypto.randomUUID(); crypto.getRandomValues(new Uint8Array(8));",
    "return (await crypto.subtle.digest('SHA-1', new Uint8Array(1))).byteLength === 20 ? 'well' : 'no';",
  ),
  atTheEnd(
    'structuredClone()',
    "structuredClone({ a: [1, new Map([[1, new Blob(['x'])]])] });",
    "return structuredClone({ a: 'well' }).a;",
  ),
  atTheEnd(
    'compression',
    "const c = new CompressionStream('gzip'); const w = c.writable.getWriter(); w.write(new Uint8Array(9)).catch(() => {}); w.close().catch(() => {});",
    "return await new Response(new Response('well').body.pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'))).text();",
  ),
  atTheEnd(
    'events and signals',
    "const t = new EventTarget(); t.addEventListener('x', () => {}); t.dispatchEvent(new Event('x')); const c = new AbortController(); AbortSignal.any([c.signal]); c.abort();",
    "let told; const t = new EventTarget(); t.addEventListener('x', () => { told = 'well'; }); t.dispatchEvent(new Event('x')); return told;",
  ),
  atTheEnd(
    'timers, console and performance',
    "clearTimeout(setTimeout(() => {}, 1)); console.log({ a: [1] }); performance.mark('x'); queueMicrotask(() => {});",
    "return await new Promise((r) => setTimeout(r, 1, 'well'));",
  ),
  atTheEnd(
    'TextDecoder and TextEncoder',
    "new TextDecoder('gbk').decode(new TextEncoder().encode('abc')); atob(btoa('x'));",
    "return new TextDecoder().decode(new TextEncoder().encode('well'));",
  ),
  atTheEnd(
    'MessageChannel and FormData',
    "const { port1 } = new MessageChannel(); port1.postMessage({ a: 1 }); const f = new FormData(); f.append('a', new Blob(['b'])); new Response(f);",
    "const { port1, port2 } = new MessageChannel(); return await new Promise((r) => { port2.onmessage = (e) => r(e.data); port1.postMessage('well'); });",
  ),
  atTheEnd(
    "Node's Buffer, events and util",
    "Buffer.from('abc').toString('hex'); new EventEmitter().on('x', () => {}).emit('x'); util.inspect({ a: [1] });",
    "return Buffer.from('well').toString();",
    "import { Buffer } from 'node:buffer'; import EventEmitter from 'node:events'; import util from 'node:util';",
  ),
  atTheEnd(
    "Node's zlib, fs and AsyncLocalStorage",
    "zlib.gunzipSync(zlib.gzipSync('x')); fs.writeFileSync('/tmp/a', 'b'); fs.readdirSync('/tmp'); new AsyncLocalStorage().run(1, () => {});",
    "fs.writeFileSync('/tmp/w', 'well'); return zlib.gunzipSync(zlib.gzipSync(fs.readFileSync('/tmp/w'))).toString();",
    "import zlib from 'node:zlib'; import fs from 'node:fs'; import { AsyncLocalStorage } from 'node:async_hooks';",
  ),
  firstAtTheEnd(
    'cryptography',
    "crypto.subtle.digest('SHA-1', new Uint8Array(1)); crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-1' }, true, ['sign']);",
  ),
  firstAtTheEnd('DigestStream', "new crypto.DigestStream('SHA-1');"),
  firstAtTheEnd('compression', "new CompressionStream('gzip');"),
  firstAtTheEnd('a decoder', "new TextDecoder('gbk').decode(new Uint8Array(3));"),
  firstAtTheEnd('structuredClone()', 'structuredClone({ a: new Blob([]) });'),
  firstAtTheEnd(
    'MessageChannel and performance',
    "new MessageChannel(); performance.mark('a'); new PerformanceObserver(() => {});",
  ),
  firstAtTheEnd(
    'URLSearchParams and FormData',
    "new URLSearchParams('a=b'); new FormData(); new URL('http://a').searchParams;",
  ),
  firstAtTheEnd('console', 'console.log({ a: [1] }, new Map());'),
  firstAtTheEnd(
    "Node's Buffer",
    "Buffer.from('a').toString('hex'); process.nextTick(() => {});",
    '',
  ),
  firstAtTheEnd("Node's zlib", "zlib.gzipSync('a');", "import zlib from 'node:zlib';"),
  firstAtTheEnd(
    "Node's fs",
    "fs.writeFileSync('/tmp/a', 'b'); fs.readdirSync('/tmp');",
    "import fs from 'node:fs';",
  ),
];
