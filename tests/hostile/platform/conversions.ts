// Dictionaries, getters, conversions and iterators that throw or lie, wherever the
// platform reads what a Worker gives it.
import { exporting, type HostileCase, kException } from './case.ts';

/** Calls `f` with a dictionary whose every member throws: the member asked first is told. */
const firstRead = (call: string, answer: string) => ({
  code: `const first = [];
    const options = new Proxy({}, { get(_, key) { first.push(String(key)); throw new EvalError('read'); } });
    const how = await $later(() => (${call})(options));
    return how + ' ' + first.join();`,
  answer,
});

export const conversions: readonly HostileCase[] = [
  {
    name: "Response's options are read in the order of their names' reading",
    ...firstRead('(o) => new Response(null, o)', 'EvalError status'),
  },
  {
    name: "Request's options that throw make no Request",
    ...firstRead("(o) => new Request('http://a', o)", 'EvalError method'),
  },
  {
    name: "structuredClone's options that throw clone nothing",
    ...firstRead('(o) => structuredClone({}, o)', 'EvalError transfer'),
  },
  {
    name: 'an underlying source that throws makes no stream',
    ...firstRead('(o) => new ReadableStream(o)', 'EvalError autoAllocateChunkSize'),
  },
  {
    name: 'an underlying sink that throws makes no stream',
    ...firstRead('(o) => new WritableStream(o)', 'EvalError abort'),
  },
  {
    name: 'a transformer that throws makes no stream',
    ...firstRead('(o) => new TransformStream(o)', 'EvalError cancel'),
  },
  {
    name: 'a strategy that throws makes no stream',
    ...firstRead('(o) => new ReadableStream({}, o)', 'EvalError highWaterMark'),
  },
  {
    name: "TextDecoder's options that throw make no decoder",
    ...firstRead("(o) => new TextDecoder('utf-8', o)", 'EvalError fatal'),
  },
  {
    name: "decode()'s options that throw decode nothing",
    ...firstRead('(o) => new TextDecoder().decode(new Uint8Array(1), o)', 'EvalError stream'),
  },
  {
    name: "Blob's options that throw make no Blob",
    ...firstRead('(o) => new Blob([], o)', 'EvalError endings'),
  },
  {
    name: "an event's options that throw make no event",
    ...firstRead("(o) => new Event('x', o)", 'EvalError bubbles'),
  },
  {
    name: "a listener's options that throw add no listener",
    ...firstRead(
      "(o) => new EventTarget().addEventListener('x', () => {}, o)",
      'EvalError capture',
    ),
  },
  {
    name: "pipeTo()'s options that throw lock no stream",
    ...firstRead(
      "(o) => { const s = new ReadableStream(); return s.pipeTo(new WritableStream(), o).catch((e) => { if (s.locked) throw 'locked'; throw e; }); }",
      'EvalError preventAbort',
    ),
  },
  {
    name: "measure()'s options that throw measure nothing",
    ...firstRead("(o) => performance.measure('x', o)", 'EvalError detail'),
  },
  {
    name: "mark()'s options that throw mark nothing",
    ...firstRead("(o) => performance.mark('x', o)", 'EvalError detail'),
  },
  {
    name: 'an algorithm that throws digests nothing',
    ...firstRead('(o) => crypto.subtle.digest(o, new Uint8Array(1))', 'EvalError name'),
  },
  {
    name: 'an algorithm that throws makes no key',
    ...firstRead("(o) => crypto.subtle.generateKey(o, true, ['sign'])", 'EvalError name'),
  },
  {
    name: 'a JWK that throws makes no key',
    ...firstRead(
      "(o) => crypto.subtle.importKey('jwk', o, { name: 'HMAC', hash: 'SHA-1' }, true, ['sign'])",
      /^EvalError \w+$/ as never,
    ),
  },
  {
    name: "a URLSearchParams' record that throws makes none",
    code: `return $try(() => new URLSearchParams(new Proxy({ a: 1 }, { get(_, k) { if (k === 'a') throw new EvalError(); } })));`,
    answer: 'EvalError',
  },
  {
    name: 'headers whose iterator throws half way make none',
    code: `const h = new Headers({ a: '1' });
      const pairs = { *[Symbol.iterator]() { yield ['b', '2']; throw new EvalError('half'); } };
      return $try(() => new Headers(pairs)) + $try(() => new Response(null, { headers: pairs })) + [...h].length;`,
    answer: 'EvalErrorEvalError1',
  },
  {
    name: 'headers from an iterator without end are ended',
    code: `new Headers({ *[Symbol.iterator]() { for (;;) yield ['a', 'b']; } }); return 'no';`,
    answer: /^error code: 1102/,
  },
  {
    name: 'a body whose toString() throws makes no Response',
    code: `return $try(() => new Response({ toString() { throw new EvalError(); } }))
      + $try(() => new Response({ [Symbol.toPrimitive]: () => ({}) })) + $try(() => new Response(Symbol()))
      + $try(() => new Request('http://a', { method: 'POST', body: { toString: null, valueOf: null } }));`,
    answer: 'EvalErrorTypeErrorTypeErrorTypeError',
  },
  {
    name: 'a status whose valueOf() throws makes no Response',
    code: `return $try(() => new Response('', { status: { valueOf() { throw new EvalError(); } } })) + $try(() => new Response('', { status: 200n }))
      + $try(() => new Response('', { status: Symbol() })) + $try(() => Response.redirect('http://a', { valueOf: () => 302.5 }));`,
    answer: 'EvalErrorTypeErrorTypeErrorRangeError',
  },
  {
    name: 'every conversion to a string that throws is passed on',
    code: `const bad = { toString() { throw new EvalError(); } };
      const h = new Headers(), p = new URLSearchParams(), f = new FormData(), u = new URL('http://a');
      let told = '';
      for (const call of [() => h.get(bad), () => h.set(bad, ''), () => h.set('a', bad), () => p.get(bad), () => p.append('a', bad), () => f.get(bad), () => f.append('a', bad),
        () => new URL(bad), () => { u.href = bad; }, () => { u.search = bad; }, () => URL.canParse(bad), () => atob(bad), () => btoa(bad), () => new TextEncoder().encode(bad), () => new TextDecoder(bad),
        () => new Event(bad), () => new EventTarget().addEventListener(bad, () => {}), () => new DOMException(bad), () => new Blob([bad]), () => new File([], bad), () => new CompressionStream(bad), () => performance.mark(bad), () => new MessageEvent('a', { origin: bad })])
        told += $try(call) === 'EvalError' ? '.' : call;
      return told + [...h].length + p.size + [...f].length + u.href;`,
    answer: '.......................000http://a/',
  },
  {
    name: 'every conversion to a number that throws is passed on',
    code: `const bad = { valueOf() { throw new EvalError(); } };
      let told = '';
      for (const call of [() => setTimeout(() => {}, bad), () => setInterval(() => {}, bad), () => AbortSignal.timeout(bad), () => new FixedLengthStream(bad), () => new ByteLengthQueuingStrategy({ highWaterMark: bad }) && new ReadableStream({}, { highWaterMark: bad }), () => new Blob(['a']).slice(bad), () => new File([], 'x', { lastModified: bad }), () => performance.mark('x', { startTime: bad })])
        told += $try(call) === 'EvalError' ? '.' : call;
      return told + await $later(() => scheduler.wait(bad)) + await $later(() => crypto.subtle.deriveBits('HKDF', {}, bad));`,
    answer: /^\.{8}EvalError(EvalError|TypeError)$/,
  },
  {
    name: 'a stream whose pull() gives a thenable that throws errs alone',
    code: `const s = new ReadableStream({ pull: () => ({ get then() { throw new EvalError(); } }) });
      const t = new ReadableStream({ start: () => ({ then(_, no) { no(new RangeError()); } }) });
      return await $later(() => s.getReader().read()) + await $later(() => t.getReader().read());`,
    answer: 'EvalErrorRangeError',
  },
  {
    name: 'a body whose stream gives what is no bytes cuts the answer off',
    ...exporting(
      `export default { fetch: () => new $R(new ReadableStream({ pull(c) { c.enqueue({ get byteLength() { throw 1; } }); } })) };`,
    ),
    answer: 'no answer: aborted',
  },
  {
    name: 'AbortSignal.any() of an iterable that throws makes no signal',
    code: `return $try(() => AbortSignal.any({ [Symbol.iterator]() { throw new EvalError(); } })) + $try(() => AbortSignal.any([{}]))
      + $try(() => AbortSignal.any({ *[Symbol.iterator]() { yield AbortSignal.abort(); throw new RangeError(); } })) + $try(() => AbortSignal.any(new Proxy([], { get() { throw new EvalError(); } })));`,
    answer: 'EvalErrorTypeErrorRangeErrorEvalError',
  },
  {
    name: 'structuredClone of getters, proxies and functions refuses and lets through as HTML says',
    code: `const got = structuredClone({ get a() { return [1]; } });
      return got.a + $try(() => structuredClone({ get a() { throw new EvalError(); } })) + $try(() => structuredClone(new Proxy({}, {})))
        + $try(() => structuredClone(() => {})) + $try(() => structuredClone({ a: Symbol() })) + $try(() => structuredClone(request));`,
    answer: '1EvalErrorDataCloneErrorDataCloneErrorDataCloneErrorDataCloneError',
  },
  {
    name: 'a prototype chain without end is ended when it is cloned',
    code: `const loop = new Proxy({}, { getPrototypeOf: () => loop });
      class Mine { } Object.setPrototypeOf(Mine.prototype, loop);
      const told = $try(() => structuredClone(new Mine()));
      return told;`,
    answer: /^(done|DataCloneError)$|^error code: 1102/,
  },
  {
    name: 'console shows what cannot be read, and goes on',
    code: `const trap = new Proxy({}, { get() { throw 1; }, ownKeys() { throw 1; }, getPrototypeOf() { throw 1; }, getOwnPropertyDescriptor() { throw 1; }, has() { throw 1; } });
      const { proxy, revoke } = Proxy.revocable(function () {}, {}); revoke();
      const error = new Error('x'); Object.defineProperty(error, 'stack', { get() { throw 1; } }); Object.defineProperty(error, 'message', { get() { throw 1; } });
      const named = class { static get name() { throw 1; } };
      for (const f of Object.values(console)) $try(() => f(trap, proxy, error, named, [trap], { a: proxy }, new Map([[trap, proxy]])));
      const loop = []; loop.push(loop); console.log(loop, Object.create(loop)); console.log('%o%s%d%i%f%j%c', trap, proxy, trap, proxy, trap, trap, proxy);
      return 'shown';`,
    answer: 'shown',
  },
  {
    name: 'errors that cannot be read are logged, and the request fails alone',
    ...exporting(`export default { async fetch(r) { const how = r.url.split('/').pop();
      if (how === 'a') throw new Proxy(new Error('x'), { get() { throw 1; }, getPrototypeOf() { throw 2; } });
      if (how === 'b') throw { get stack() { throw 1; }, get message() { throw 1; }, get name() { throw 1; }, toString() { throw 1; } };
      if (how === 'c') throw Symbol('s');
      const { proxy, revoke } = Proxy.revocable(function () {}, {}); revoke(); throw proxy; } };`),
    answer: kException,
    after: [
      ['/a', kException],
      ['/b', kException],
      ['/c', kException],
    ],
  },
  {
    name: 'rejections that cannot be read are logged, and nothing else fails',
    code: `for (const reason of [new Proxy({}, { get() { throw 1; }, ownKeys() { throw 1; } }), { get stack() { throw 1; } }, Symbol(), null, undefined, new Proxy(function () {}, { get() { throw 1; } })]) Promise.reject(reason);
      await new Promise((r) => setTimeout(r, 1)); return 'well';`,
    answer: 'well',
  },
  {
    name: 'Error.prepareStackTrace is not given what is internal',
    code: `const seen = new Set();
      Error.prepareStackTrace = (_, frames) => { for (const f of frames ?? []) for (const g of ['getThis', 'getFunction', 'getTypeName', 'getFileName', 'getEvalOrigin'])
          try { const v = f[g]?.(); if (typeof v === 'function' || (typeof v === 'object' && v !== null)) seen.add(g + ':' + (v.name ?? Object.keys(v))); } catch {} return 'x'; };
      new Headers({ get a() { return String(new Error('e').stack); } });
      $try(() => new URL('no')); $try(() => new Response('', { status: { valueOf() { return new Error('e').stack.length; } } }));
      await $later(() => new ReadableStream({ pull() { return new Error('p').stack; } }).getReader().read().then.length);
      return [...seen].filter((s) => !/getThis:|undefined/.test(s)).join() || 'nothing';`,
    answer: 'nothing',
  },
  {
    name: 'an Error.prepareStackTrace that throws stops nothing',
    code: `Error.prepareStackTrace = () => { throw new EvalError('prepare'); };
      console.log(new Error('a')); console.trace('b'); reportError(new Error('c')); Promise.reject(new Error('d'));
      await new Promise((r) => setTimeout(r, 1));
      throw new Error('e');`,
    answer: kException,
  },
  {
    name: 'a function called with arguments.callee.caller sees no frame of the platform',
    code: `const seen = [];
      function sloppy() { try { seen.push(typeof sloppy.caller); } catch (e) { seen.push(e.name); } return 'a'; }
      new Headers({ get a() { return sloppy(); } });
      return seen.join();`,
    answer: /^(TypeError|object|undefined)$/,
  },
  {
    name: 'listeners that are proxies, throw, or vanish harm no other',
    code: `const t = new EventTarget(), told = [];
      addEventListener('error', (e) => { told.push(e.error?.name ?? e.error); e.preventDefault(); });
      t.addEventListener('x', new Proxy({}, { get() { throw new EvalError(); } }));
      t.addEventListener('x', { get handleEvent() { throw new RangeError(); } });
      t.addEventListener('x', {}); t.addEventListener('x', () => { throw 5; });
      t.addEventListener('x', () => told.push('last'));
      t.dispatchEvent(new Event('x'));
      return told.join();`,
    answer: 'EvalError,RangeError,TypeError,5,last',
  },
  {
    name: 'a queuing strategy whose size() lies errs its stream alone',
    code: `let told = '';
      for (const size of [() => NaN, () => -1, () => Infinity, () => { throw new EvalError(); }, () => ({ valueOf() { throw new EvalError(); } }), () => 1n, () => Symbol()]) {
        told += $try(() => new ReadableStream({ start(c) { c.enqueue(1); } }, { size }));
        told += await $later(() => new WritableStream({}, { size }).getWriter().write(1));
      }
      return told;`,
    answer:
      'RangeErrorRangeErrorRangeErrorRangeErrorRangeErrorRangeErrorEvalErrorEvalErrorEvalErrorEvalErrorTypeErrorTypeErrorTypeErrorTypeError',
  },
];
