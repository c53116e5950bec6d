// Every builtin of the language is replaced by a spy, before the platform's classes
// are used for the first time and after it. Each must do as ever, and ask none.
import type { HostileCase } from './case.ts';

/** `spyOnAll()` replaces what it finds on the builtins; `asked` names who was called. */
const spies = `
const asked = [];
const free = new Set(['constructor', '__proto__', 'caller', 'callee', 'arguments', 'prototype']);
const { apply, ownKeys, getOwnPropertyDescriptor: descriptorOf, getPrototypeOf, defineProperty } = Reflect;
const nameOf = String;
function spyOn(owner, object, allowed) {
  for (const key of ownKeys(object)) {
    const descriptor = descriptorOf(object, key);
    const name = owner + '.' + nameOf(key);
    if (free.has(key) || !descriptor.configurable || allowed.includes(name)) continue;
    const spied = (original) => function (...args) {
      asked[asked.length] = name;
      return apply(original, this, args);
    };
    if (typeof descriptor.value === 'function' && !descriptorOf(descriptor.value, 'prototype'))
      descriptor.value = spied(descriptor.value);
    if (descriptor.get) descriptor.get = spied(descriptor.get);
    if (descriptor.set) descriptor.set = spied(descriptor.set);
    defineProperty(object, key, descriptor);
  }
}
// What a for-of loop of the case itself asks; and what then() asks of every promise,
// those that the standards make too.
const own = ['%Iterator%.prototype.Symbol(Symbol.iterator)', 'Promise.Symbol(Symbol.species)'];
function spyOnAll(allowed) {
  const list = [...own, ...allowed];
  const classes = { Object, Function, Array, String, Number, BigInt, Boolean, Symbol, Map, Set,
    WeakMap, WeakSet, WeakRef, Promise, RegExp, ArrayBuffer, SharedArrayBuffer, Uint8Array,
    Uint16Array, Float64Array, DataView, Date, Error, TypeError, Proxy, FinalizationRegistry };
  const objects = { JSON, Math, Reflect, Atomics, Intl };
  const iterators = {
    '%ArrayIterator%': getPrototypeOf([].values()),
    '%MapIterator%': getPrototypeOf(new Map().values()),
    '%SetIterator%': getPrototypeOf(new Set().values()),
    '%StringIterator%': getPrototypeOf(''[Symbol.iterator]()),
    '%Iterator%.prototype': getPrototypeOf(getPrototypeOf([].values())),
    '%Generator%.prototype': getPrototypeOf((function* () {})()),
    '%GeneratorFunction%.prototype': getPrototypeOf(getPrototypeOf((function* () {})())),
    '%AsyncGenerator%.prototype': getPrototypeOf(getPrototypeOf((async function* () {})())),
    '%AsyncIterator%.prototype': getPrototypeOf(getPrototypeOf(getPrototypeOf((async function* () {})()))),
    '%TypedArray%': getPrototypeOf(Uint8Array),
    '%TypedArray%.prototype': getPrototypeOf(Uint8Array.prototype),
    'Intl.DateTimeFormat.prototype': Intl.DateTimeFormat.prototype,
  };
  const all = [];
  for (const name in classes) {
    all.push([name, classes[name]]);
    if (classes[name].prototype) all.push([name + '.prototype', classes[name].prototype]);
  }
  for (const name in objects) all.push([name, objects[name]]);
  for (const name in iterators) all.push([name, iterators[name]]);
  for (let i = 0; i < all.length; i++) spyOn(all[i][0], all[i][1], list);
  asked.length = 0; // what the loop itself asked
}
// Sizes, past the getters that are spied on.
const getter = (object, key) => descriptorOf(object, key).get;
const lengthOfBytes = getter(getPrototypeOf(Uint8Array.prototype), 'byteLength');
const lengthOfBuffer = getter(ArrayBuffer.prototype, 'byteLength');
const sizeOfMap = getter(Map.prototype, 'size'), sizeOfSet = getter(Set.prototype, 'size');
const { isView } = ArrayBuffer;
const size = (value) => apply(isView(value) ? lengthOfBytes : lengthOfBuffer, value, []);
const bytes = (...list) => { const all = new Uint8Array(list.length);
  for (let i = 0; i < list.length; i++) all[i] = list[i];
  return all; };
const report = (text) => {
  let told = text;
  for (let i = 0; i < asked.length && i < 9; i++) told += '; asked ' + asked[i];
  return told;
};
`;

interface Use {
  readonly api: string;
  /** Body of an async function that gives a text. It calls no builtin by name. */
  readonly code: string;
  readonly answer: string;
  /** Builtins that the standard says are asked. */
  readonly asks?: readonly string[];
  readonly node?: string;
}

/** A reaction that gives a promise has it asked for then() ("react" in Web IDL). */
const then = ['Promise.prototype.then'];
/** What JSON and RegExp.prototype.toString() ask of a date and of an expression. */
const shown = [
  ...['toJSON', 'Symbol(Symbol.toPrimitive)', 'valueOf', 'toISOString'].map(
    (key) => `Date.prototype.${key}`,
  ),
  ...[
    'source',
    'flags',
    'hasIndices',
    'global',
    'ignoreCase',
    'multiline',
    'dotAll',
    'unicode',
    'unicodeSets',
    'sticky',
  ].map((key) => `RegExp.prototype.${key}`),
];
/** What converting an array to a sequence asks (Web IDL, "sequence"). */
const sequence = ['Array.prototype.Symbol(Symbol.iterator)', '%ArrayIterator%.next'];
const uses: readonly Use[] = [
  {
    api: 'Headers',
    code: `const h = new Headers({ b: '2', a: '1' });
      h.append('set-cookie', 'x'); h.append('a', '3'); h.set('b', '4'); h.delete('c');
      let told = '';
      for (const pair of h) told += pair[0] + '=' + pair[1] + ' ';
      return told + h.has('b') + h.getSetCookie().length;`,
    answer: 'a=1, 3 b=4 set-cookie=x true1',
    asks: ['Array.prototype.Symbol(Symbol.iterator)', '%ArrayIterator%.next'],
  },
  {
    api: 'a Request that is made',
    code: `const r = new Request('http://a.test/p?q#f', { method: 'post', body: '{"a":[1]}', headers: { x: 'y' } });
      const again = new Request(r.clone(), { headers: { z: '1' } });
      return r.method + r.url + r.headers.get('x') + (await r.json()).a.length + await again.text();`,
    answer: 'POSThttp://a.test/p?q#fy1{"a":[1]}',
  },
  {
    api: 'the Request that arrives',
    code: `return request.method + (request.headers.get('host') !== null) + request.url.length
      + await request.text() + request.bodyUsed + typeof request.cf.httpProtocol;`,
    answer: /^GETtrue\d+falsestring$/.source,
  },
  {
    api: 'a Response',
    code: `const r = Response.json({ a: [1, 'x'] }, { status: 201, headers: { b: 'c' } });
      const copy = new Response(r.clone().body, r);
      return copy.status + copy.headers.get('content-type') + await copy.text() + size(await r.arrayBuffer());`,
    answer: '201application/json{"a":[1,"x"]}13',
  },
  {
    api: 'a redirect and an error',
    code: `return Response.redirect('http://a.test/x', 301).headers.get('location') + Response.error().type;`,
    answer: 'http://a.test/xerror',
  },
  {
    api: 'FormData as a body',
    code: `const form = new FormData();
      form.append('a', '1'); form.append('f', new Blob(['xyz'], { type: 'text/x' }), 'n.txt'); form.set('a', '2');
      const back = await new Response(form).formData();
      return back.get('a') + back.get('f').name + await back.get('f').text() + back.has('b') + back.getAll('a').length;`,
    answer: '2n.txtxyzfalse1',
    asks: sequence,
  },
  {
    api: 'URLSearchParams',
    code: `const p = new URLSearchParams('b=2&a=1&a=%20x+y');
      p.append('c', 'ü'); p.sort(); p.delete('b');
      let told = '';
      for (const pair of p) told += pair[0] + pair[1] + ';';
      return \`\${told}\${p}\${p.size}\${new URLSearchParams({ q: '1' })}\`;`,
    answer: 'a1;a x y;cü;a=1&a=+x+y&c=%C3%BC3q=1',
    asks: sequence,
  },
  {
    api: 'URL',
    code: `const u = new URL('../x?y=1#z', 'http://u:p@h.test:81/a/b/c');
      u.searchParams.append('k', 'v'); u.hash = 'q'; u.port = '82'; u.pathname = '/é';
      return u.href + u.origin + URL.canParse('x:') + (URL.parse('no') === null);`,
    answer: 'http://u:p@h.test:82/%C3%A9?y=1&k=v#qhttp://h.test:82truetrue',
  },
  {
    api: 'TextEncoder and TextDecoder',
    code: `const encoded = new TextEncoder().encode('aé€');
      const into = new TextEncoder().encodeInto('é€', new Uint8Array(4));
      const d = new TextDecoder('utf-8', { ignoreBOM: true });
      return size(encoded) + ':' + into.read + into.written + new TextDecoder().decode(encoded)
        + d.decode(encoded, { stream: true }) + new TextDecoder('gbk').decode(bytes(0xc4, 0xe3))
        + new TextDecoder('latin1').encoding;`,
    answer: '6:12aé€aé€你windows-1252',
  },
  {
    api: 'atob and btoa',
    code: `return btoa('hello') + atob('aGVsbG8');`,
    answer: 'aGVsbG8=hello',
  },
  {
    api: 'structuredClone',
    code: `const got = structuredClone({ a: [1, , 3], m: new Map([[1, { x: 1 }]]), s: new Set([2]), d: new Date(5),
        r: /x/g, e: new RangeError('no'), b: new Uint8Array(3), u: undefined, n: 12n });
      return got.a.length + '' + apply(sizeOfMap, got.m, []) + apply(sizeOfSet, got.s, []) + got.e.message + size(got.b) + ('u' in got) + got.n;`,
    answer: '311no3true12',
    asks: sequence.concat(['Map.prototype.set', 'Set.prototype.add']),
  },
  {
    api: 'Blob and File',
    code: `const f = new File(['ab', bytes(99), new Blob(['d'])], 'n', { type: 'Text/X', lastModified: 7 });
      const part = f.slice(1, -1);
      return f.name + f.size + f.type + f.lastModified + await part.text() + size(await f.bytes())
        + size((await f.stream().getReader().read()).value);`,
    answer: 'n4text/x7bc44',
    asks: sequence,
  },
  {
    api: 'a ReadableStream',
    code: `let n = 0;
      const s = new ReadableStream({ pull(c) { if (++n === 3) c.close(); else c.enqueue(n); } },
        { highWaterMark: 0, size: () => 1 });
      const reader = s.getReader();
      const a = await reader.read(), b = await reader.read(), c = await reader.read();
      await reader.closed;
      return '' + a.value + b.value + c.done;`,
    answer: '12true',
  },
  {
    api: 'a byte stream with its own buffers',
    code: `const s = new ReadableStream({ type: 'bytes', pull(c) {
        const { byobRequest } = c;
        if (byobRequest) { byobRequest.view[0] = 7; byobRequest.respond(1); } else c.enqueue(bytes(1, 2));
      } });
      const reader = s.getReader({ mode: 'byob' });
      const a = await reader.read(new Uint8Array(4));
      reader.releaseLock();
      const b = await s.getReader().read();
      return size(a.value) + '' + a.value[0] + size(b.value);`,
    answer: '172',
  },
  {
    api: 'tee()',
    code: `const s = new ReadableStream({ start(c) { c.enqueue('x'); c.close(); } });
      const both = s.tee();
      const a = await both[0].getReader().read(), b = await both[1].getReader().read();
      return a.value + b.value;`,
    answer: 'xx',
  },
  {
    api: 'pipeThrough() and async iteration',
    code: `const s = new ReadableStream({ start(c) { c.enqueue('a'); c.enqueue('b'); c.close(); } });
      let told = '';
      for await (const x of s.pipeThrough(new TransformStream({ transform(x, c) { c.enqueue(x + x); }, flush(c) { c.enqueue('!'); } })))
        told += x;
      return told;`,
    answer: 'aabb!',
    asks: then,
  },
  {
    api: 'a WritableStream',
    code: `let told = '';
      const w = new WritableStream({ write(x) { told += x; }, close() { told += '.'; } }).getWriter();
      await w.ready; w.write('a'); await w.write('b'); await w.close(); await w.closed;
      return told;`,
    answer: 'ab.',
  },
  {
    api: 'pipeTo() with a signal',
    code: `const c = new AbortController();
      const s = new ReadableStream({ pull(k) { k.enqueue(1); } });
      const done = s.pipeTo(new WritableStream({ write() { c.abort('stop'); } }), { signal: c.signal });
      try { await done; return 'no'; } catch (e) { return e; }`,
    answer: 'stop',
  },
  {
    api: 'ReadableStream.from()',
    code: `let told = '';
      for await (const x of ReadableStream.from((function* () { yield 1; yield 2; })())) told += x;
      return told;`,
    answer: '12',
    asks: [
      ...then,
      '%Generator%.prototype.next',
      '%GeneratorFunction%.prototype.next',
      '%Generator%.next',
    ],
  },
  {
    api: 'TextEncoderStream and TextDecoderStream',
    code: `const s = new ReadableStream({ start(c) { c.enqueue('é'); c.enqueue('\\ud83d'); c.enqueue('\\ude00'); c.close(); } });
      let told = '';
      for await (const x of s.pipeThrough(new TextEncoderStream()).pipeThrough(new TextDecoderStream())) told += x;
      return told;`,
    answer: 'é😀',
    asks: then,
  },
  {
    api: 'CompressionStream and DecompressionStream',
    code: `let told = '';
      const formats = { a: 'gzip', b: 'deflate', c: 'deflate-raw', d: 'brotli', e: 'zstd' };
      for (const key in formats) {
        const packed = new Response('hello').body.pipeThrough(new CompressionStream(formats[key]));
        told += await new Response(packed.pipeThrough(new DecompressionStream(formats[key]))).text();
      }
      return told;`,
    answer: 'hellohellohellohellohello',
    asks: then,
  },
  {
    api: 'FixedLengthStream and IdentityTransformStream',
    code: `const f = new FixedLengthStream(3), i = new IdentityTransformStream();
      const writer = f.writable.getWriter();
      writer.write(bytes(97, 98, 99)); writer.close();
      return await new Response(f.readable.pipeThrough(i)).text();`,
    answer: 'abc',
    asks: then,
  },
  {
    api: 'digests',
    code: `const d = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(0)));
      const e = new Uint8Array(await crypto.subtle.digest({ name: 'md5' }, new ArrayBuffer(1)));
      return size(d) + ' ' + d[0] + ' ' + size(e);`,
    answer: '32 227 16',
  },
  {
    api: 'HMAC',
    code: `const key = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-1' }, true, ['sign', 'verify']);
      const mark = await crypto.subtle.sign('HMAC', key, bytes(1));
      return size(mark) + '' + await crypto.subtle.verify('HMAC', key, mark, bytes(1)) + key.usages.length;`,
    answer: '20true2',
    asks: sequence,
  },
  {
    api: 'AES and wrapped keys',
    code: `const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']);
      const alg = { name: 'AES-GCM', iv: new Uint8Array(12) };
      const sealed = await crypto.subtle.encrypt(alg, key, bytes(1, 2));
      const open = await crypto.subtle.decrypt(alg, key, sealed);
      const wrapped = await crypto.subtle.wrapKey('jwk', key, key, alg);
      const back = await crypto.subtle.unwrapKey('jwk', wrapped, key, alg, 'AES-GCM', true, ['encrypt']);
      return size(sealed) + '' + size(open) + back.type;`,
    answer: '182secret',
    asks: sequence,
  },
  {
    api: 'keys as JWK',
    code: `const key = await crypto.subtle.importKey('jwk', { kty: 'oct', k: 'AAEC', alg: 'HS256', key_ops: ['sign'] },
        { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
      const out = await crypto.subtle.exportKey('jwk', key);
      return out.kty + out.k + out.alg + out.key_ops.length + key.algorithm.hash.name;`,
    answer: 'octAAECHS2561SHA-256',
    asks: sequence,
  },
  {
    api: 'elliptic curves',
    code: `const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
      const alg = { name: 'ECDSA', hash: { name: 'SHA-256' } };
      const mark = await crypto.subtle.sign(alg, pair.privateKey, bytes(1));
      const spki = await crypto.subtle.exportKey('spki', pair.publicKey);
      return size(mark) + '' + await crypto.subtle.verify(alg, pair.publicKey, mark, bytes(1)) + size(spki);`,
    answer: '64true91',
    asks: sequence,
  },
  {
    api: 'derivation',
    code: `const key = await crypto.subtle.importKey('raw', bytes(1), 'PBKDF2', false, ['deriveBits', 'deriveKey']);
      const alg = { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(8), iterations: 10 };
      const bits = await crypto.subtle.deriveBits(alg, key, 64);
      const made = await crypto.subtle.deriveKey(alg, key, { name: 'AES-CBC', length: 256 }, true, ['encrypt']);
      return size(bits) + '' + made.algorithm.length;`,
    answer: '8256',
    asks: sequence,
  },
  {
    api: 'DigestStream',
    code: `const s = new crypto.DigestStream('SHA-1');
      const w = s.getWriter();
      await w.write('abc'); await w.close();
      return new Uint8Array(await s.digest)[0] + ' ' + s.bytesWritten;`,
    answer: '169 3',
  },
  {
    api: 'randomness and timingSafeEqual',
    code: `return crypto.randomUUID().length + '' + size(crypto.getRandomValues(new Uint32Array(3)))
      + crypto.subtle.timingSafeEqual(bytes(1), bytes(1));`,
    answer: '3612true',
  },
  {
    api: 'EventTarget',
    code: `let told = '';
      const t = new EventTarget();
      t.addEventListener('x', (e) => { told += e.type + e.detail; e.preventDefault(); }, { once: true });
      t.addEventListener('x', { handleEvent(e) { told += e.defaultPrevented; } });
      const kept = t.dispatchEvent(new CustomEvent('x', { cancelable: true, detail: 5 }));
      t.dispatchEvent(new Event('x'));
      return told + kept;`,
    answer: 'x5truefalsefalse',
  },
  {
    api: 'AbortSignal',
    code: `const c = new AbortController();
      let told = '';
      const any = AbortSignal.any([c.signal, AbortSignal.timeout(99999)]);
      any.onabort = () => { told += 'on'; };
      c.abort('why');
      try { any.throwIfAborted(); } catch (e) { told += e; }
      return told + AbortSignal.abort().reason.name;`,
    answer: 'onwhyAbortError',
    asks: sequence,
  },
  {
    api: 'timers',
    code: `const gone = setTimeout(() => { asked[asked.length] = 'gone'; }, 1); clearTimeout(gone);
      const got = await new Promise((r) => setTimeout((a, b) => r(a + b), 1, 'x', 'y'));
      await scheduler.wait(1);
      let n = 0;
      await new Promise((r) => { const id = setInterval(() => { if (++n === 2) { clearInterval(id); r(); } }, 1); });
      await new Promise((r) => queueMicrotask(r));
      return got + n;`,
    answer: 'xy2',
  },
  {
    api: 'MessageChannel',
    code: `const { port1, port2 } = new MessageChannel();
      const got = new Promise((r) => { port2.onmessage = (e) => r(e.data.a.length); });
      port1.postMessage({ a: [1, 2] });
      const n = await got;
      port1.close();
      return '' + n;`,
    answer: '2',
  },
  {
    api: 'performance',
    code: `let told = '';
      const seen = new Promise((r) => { new PerformanceObserver((l) => r(l.getEntries().length)).observe({ entryTypes: ['mark', 'measure'] }); });
      performance.mark('a', { detail: { x: 1 } }); performance.measure('m', 'a');
      told += performance.getEntriesByName('a').length + performance.getEntriesByType('measure')[0].name;
      performance.clearMarks(); performance.clearMeasures();
      return told + await seen;`,
    answer: '1m2',
    asks: sequence,
  },
  {
    api: 'console',
    code: `console.log('%s %d %o', 'x', 5, { a: [1, new Map([[1, new Set([2])]])], f() {}, get g() { return 1; } }, new Date(0), /x/, 5n, new Error('e'), Symbol('s'), bytes(1), request.headers);
      console.table([{ a: 1 }]); console.group('g'); console.warn(new Proxy({}, {})); console.groupEnd();
      console.time('t'); console.timeEnd('t'); console.count('c'); console.assert(false, 'no'); console.trace('x'); console.dir({});
      return 'logged';`,
    answer: 'logged',
    asks: [
      ...sequence,
      ...shown,
      '%TypedArray%.prototype.Symbol(Symbol.toStringTag)',
      'Set.prototype.add',
      'Map.prototype.set',
    ],
  },
  {
    api: 'reportError and error events',
    code: `let told = '';
      addEventListener('error', (e) => { told += e.message; e.preventDefault(); });
      reportError(new Error('reported'));
      return told;`,
    answer: 'reported',
  },
  {
    api: 'unhandled rejections',
    code: `let told = '';
      addEventListener('unhandledrejection', (e) => { told += e.reason; e.preventDefault(); });
      new Promise((_, no) => no('left'));
      await new Promise((r) => setTimeout(r, 1));
      return told;`,
    answer: 'left',
  },
  {
    api: 'waitUntil()',
    code: `ctx.waitUntil(new Promise((r) => setTimeout(r, 1))); ctx.passThroughOnException(); return typeof ctx.props;`,
    answer: 'object',
  },
  {
    api: 'dates',
    code: `const d = new Date(2020, 1, 2); return d.getFullYear() + typeof Date.now() + typeof performance.now() + Date.UTC(2020);`,
    answer: '2020numbernumber1577836800000',
    asks: ['Date.prototype.getFullYear', 'Date.now', 'Date.UTC'],
  },
  {
    api: 'a stack with its source',
    code: `const e = new Error('x'); return typeof e.stack + new DOMException('a', 'DataError').code;`,
    answer: 'string0',
  },
  {
    api: 'Buffer',
    node: `import 'node:buffer';`,
    code: `const b = Buffer.from('aGk=', 'base64');
      return b + Buffer.concat([b, b]).toString('hex') + b.equals(Buffer.from('hi')) + b.indexOf('i') + b.readUInt16BE(0);`,
    answer: 'hi68696869true126729',
  },
  {
    api: 'events and AsyncLocalStorage',
    node: `import EventEmitter from 'node:events'; import { AsyncLocalStorage } from 'node:async_hooks';`,
    code: `const e = new EventEmitter(), s = new AsyncLocalStorage();
      let told = '';
      e.once('x', (v) => { told += v + s.getStore(); });
      s.run('in', () => e.emit('x', 1));
      return told + await s.run('deep', async () => { await null; return s.getStore(); }) + e.listenerCount('x');`,
    answer: '1indeep0',
  },
  {
    api: 'zlib',
    node: `import zlib from 'node:zlib';`,
    code: `return '' + zlib.gunzipSync(zlib.gzipSync('g')) + zlib.brotliDecompressSync(zlib.brotliCompressSync('b'))
      + await new Promise((r) => zlib.deflate('d', (e, p) => r('' + zlib.inflateSync(p))));`,
    answer: 'gbd',
  },
  {
    api: 'fs',
    node: `import fs from 'node:fs';`,
    code: `fs.mkdirSync('/tmp/a/b', { recursive: true }); fs.writeFileSync('/tmp/a/b/c', 'text'); fs.renameSync('/tmp/a/b/c', '/tmp/d');
      return fs.readFileSync('/tmp/d', 'utf8') + fs.statSync('/tmp/d').size + fs.readdirSync('/tmp').length + fs.existsSync('/tmp/no')
        + await fs.promises.readFile('/tmp/d', 'latin1');`,
    answer: 'text42falsetext',
  },
  {
    api: 'path, querystring, url and util',
    node: `import path from 'node:path'; import qs from 'node:querystring'; import url from 'node:url'; import util from 'node:util';`,
    code: `return path.join('/a', '..', 'b') + qs.stringify({ a: 'ü' }) + url.parse('http://a/b?c').query
      + util.inspect({ a: [1] }) + util.format('%s', 1) + util.isDeepStrictEqual({ a: 1 }, { a: 1 });`,
    answer: '/ba=%C3%BCc{ a: [ 1 ] }1true',
  },
  {
    api: "Node's streams",
    node: `import { Readable, Transform } from 'node:stream'; import { text } from 'node:stream/consumers';`,
    code: `const r = new Readable({ read() { this.push('a'); this.push(null); } });
      const t = new Transform({ transform(chunk, _, done) { done(null, chunk + '!'); } });
      r.pipe(t);
      return await new Promise((done) => { let told = ''; t.on('data', (d) => { told += d; }); t.on('end', () => done(told)); });`,
    answer: 'a!',
  },
];

const cases = (use: Use): HostileCase[] => {
  const { api, code, answer, asks = [], node } = use;
  const allowed = JSON.stringify(asks);
  const common = {
    answer: answer.startsWith('^') ? new RegExp(answer) : answer,
    ...(node === undefined ? {} : { node: true }),
  };
  const head = `${node ?? ''}\n${spies}`;
  // Node's own library asks builtins that script may have patched, as it does in Node.
  const clear = node === undefined ? '' : 'asked.length = 0;';
  return [
    {
      ...common,
      name: `${api}: builtins patched before the first use`,
      head: `${head}\nspyOnAll(${allowed});`,
      code: `const answer = await (async () => { ${code} })(); ${clear}
        return report(answer);`,
    },
    {
      ...common,
      name: `${api}: builtins patched after it was used`,
      head,
      code: `const use = async (request) => { ${code} };
        await use(request.clone()); asked.length = 0;
        spyOnAll(${allowed});
        const answer = await use(request); ${clear}
        return report(answer);`,
    },
  ];
};

export const patched: readonly HostileCase[] = uses.flatMap(cases);
