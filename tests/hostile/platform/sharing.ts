// What one request leaves for another, and globals that are frozen, replaced or gone.
import { type HostileCase, kException } from './case.ts';

/** A Worker of a handler that gets the last part of the path and what was kept. */
const keeping = (body: string) => ({
  code: '',
  handler: `const $R = Response; let kept;
    export default { async fetch(request, env, ctx) { const path = request.url.split('/').pop(); ${body} } };`,
});

export const sharing: readonly HostileCase[] = [
  {
    name: 'the body of one request that another reads is gone or given, and neither hangs',
    ...keeping(`if (path === '') { kept = request; return new $R('kept'); }
      return new $R(await $later(() => kept.text()));`),
    answer: 'kept',
    after: [['/read', /^\w+$/]],
  },
  {
    name: 'a Response of one request that another returns goes out once',
    ...keeping(`if (path === '') { kept = new $R('of the first'); return kept; } return kept;`),
    answer: 'of the first',
    after: [['/again', kException]],
  },
  {
    name: 'a clone of a Response of one request is answered by another',
    ...keeping(`kept ??= new $R('cloned'); return kept.clone();`),
    answer: 'cloned',
    after: [
      ['/b', 'cloned'],
      ['/c', 'cloned'],
    ],
  },
  {
    name: 'a stream that one request makes and another reads, writes and cancels',
    ...keeping(`if (path === '') { kept = new TransformStream(); kept.writable.getWriter().write(new Uint8Array([97])).catch(() => {}); return new $R('made'); }
      const reader = kept.readable.getReader(); const { value } = await reader.read(); await reader.cancel(); return new $R(String(value.length));`),
    answer: 'made',
    after: [
      ['/read', '1'],
      ['/again', kException],
    ],
  },
  {
    name: 'a promise of one request that another settles',
    ...keeping(`if (path === '') { kept = Promise.withResolvers(); ctx.waitUntil(kept.promise); return new $R('waits'); }
      kept.resolve(5); return new $R(String(await kept.promise));`),
    answer: 'waits',
    after: [['/settle', '5']],
  },
  {
    name: 'a promise of one request that nobody settles leaves another waiting for its own end',
    ...keeping(
      `if (path === '') { kept = new Promise(() => {}); return new $R('never'); } await kept;`,
    ),
    answer: 'never',
    after: [
      ['/wait', kException],
      ['/', 'never'],
    ],
  },
  {
    name: 'the context of a request that is over holds nothing and throws at nobody',
    ...keeping(`if (path === '') { kept = ctx; return new $R('over'); }
      let n = 0; for (let i = 0; i < 5; i++) { kept.waitUntil(Promise.reject(new Error('late'))); kept.waitUntil(new Promise((r) => setTimeout(r, 1))); n++; } return new $R(String(n));`),
    answer: 'over',
    after: [
      ['/late', '5'],
      ['/', 'over'],
    ],
  },
  {
    name: 'a timer of one request that another clears, and one that outlives its answer',
    ...keeping(`if (path === '') { kept = setTimeout(() => { throw new Error('no'); }, 1e6); setTimeout(() => { fetch('http://a.invalid'); }, 0); return new $R('set'); }
      clearTimeout(kept); return new $R('cleared');`),
    answer: 'set',
    after: [['/clear', 'cleared']],
  },
  {
    name: 'a signal of one request that another aborts',
    ...keeping(`if (path === '') { kept = new AbortController(); kept.signal.onabort = () => { kept.told = true; fetch('http://a.invalid').catch(() => {}); }; return new $R('made'); }
      kept.abort(); return new $R(String(kept.told));`),
    answer: 'made',
    after: [['/abort', 'true']],
  },
  {
    name: 'files in /tmp of one request that another opens by its number',
    head: `import fs from 'node:fs';`,
    node: true,
    ...keeping(`if (path === '') { fs.writeFileSync('/tmp/x', 'secret'); kept = fs.openSync('/tmp/x', 'r+'); return new $R('open'); }
      return new $R($try(() => fs.readFileSync(kept)) + fs.existsSync('/tmp/x') + fs.readdirSync('/tmp').length);`),
    answer: 'open',
    after: [['/read', /^(Error|TypeError)false0$/]],
  },
  {
    name: 'an AsyncLocalStorage that one request leaves shows another nothing',
    head: `import { AsyncLocalStorage } from 'node:async_hooks'; const storage = new AsyncLocalStorage();`,
    node: true,
    ...keeping(`if (path === '') { storage.enterWith('of the first'); kept = AsyncLocalStorage.snapshot(); return new $R(storage.getStore()); }
      return new $R(storage.getStore() + ' ' + kept(() => storage.getStore()));`),
    answer: 'of the first',
    after: [['/look', 'undefined of the first']],
  },
  {
    name: 'globals that are deleted are gone for the code alone',
    head: 'const everything = globalThis, names = Object.getOwnPropertyNames(globalThis);',
    ...keeping(`for (let i = 0; i < names.length; i++) { try { delete everything[names[i]]; } catch {} }
      const body = new $R('alive').body; return new $R(body);`),
    answer: 'alive',
    after: [['/', 'alive']],
  },
  {
    name: 'a global object that is frozen, with all that hangs on it',
    head: `for (const key of Object.getOwnPropertyNames(globalThis)) { try { const v = globalThis[key]; Object.freeze(v); Object.freeze(v?.prototype); } catch {} } try { Object.freeze(globalThis); } catch {}`,
    code: `const form = new FormData(); form.append('a', new Blob(['b'])); console.log(form, new Map());
      performance.mark('x'); setTimeout(() => {}, 0); structuredClone(new Map([[1, new Set([2])]])); await crypto.subtle.digest('SHA-1', new Uint8Array(1));
      const t = new EventTarget(); t.addEventListener('x', () => {}); t.dispatchEvent(new Event('x'));
      return await new Response(new Response('frozen').body.pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'))).text();`,
    answer: 'frozen',
  },
  {
    name: 'prototypes that are frozen, sealed and without parents',
    head: `for (const C of [Object, Array, Function, Promise, Map, Uint8Array, ArrayBuffer, RegExp, String, Error]) Object.freeze(C.prototype); Object.setPrototypeOf(Response.prototype, null); Object.seal(Headers.prototype);`,
    code: `const h = new Headers({ a: 'b' }); return h.get('a') + await new Response('x', { headers: h }).text();`,
    answer: 'bx',
  },
  {
    name: 'globals that are replaced are not what the platform uses',
    head: `for (const key of ['Promise', 'Map', 'Uint8Array', 'ArrayBuffer', 'Array', 'Object', 'Error', 'TypeError', 'Response', 'Request', 'Headers', 'URL', 'ReadableStream', 'Blob', 'AbortSignal', 'Event', 'EventTarget', 'DOMException', 'setTimeout', 'queueMicrotask', 'structuredClone', 'console', 'crypto', 'performance']) globalThis['$' + key] = globalThis[key];`,
    code: `const kept = { Response, Headers, CompressionStream, FormData, Blob, AbortController, ReadableStream, MessageChannel };
      for (const key of Object.getOwnPropertyNames(globalThis)) if (!key.startsWith('$')) { try { Object.defineProperty(globalThis, key, { value: class { constructor() { throw new EvalError(key); } }, configurable: true }); } catch {} }
      const r = new kept.Response(new kept.Blob(['r']).stream().pipeThrough(new kept.CompressionStream('gzip')), { headers: new kept.Headers({ a: 'b' }) });
      const form = new kept.FormData(); form.append('a', 'b'); await new kept.Response(form).formData(); new kept.AbortController().abort(); new kept.MessageChannel().port1.postMessage([1]);
      return 'kept ' + ((await r.arrayBuffer()).byteLength > 0);`,
    answer: 'kept true',
  },
  {
    name: 'env that is frozen, changed and emptied is that of the Worker alone',
    ...keeping(`if (path === '') { for (const key of Reflect.ownKeys(env)) delete env[key]; Object.defineProperty(env, 'x', { get() { return kept; } }); kept = 'changed'; Object.freeze(env); return new $R('frozen'); }
      return new $R(String(env.x));`),
    answer: 'frozen',
    after: [['/look', /^(changed|undefined)$/]],
  },
  {
    name: 'nothing that the code can reach leads to what is internal',
    code: `const found = []; const seen = new Set();
      const names = /^(internalBinding|nodeBinding|bodyTake|respondStart|urlParse|fetchWrite|structuredCloneRaw|scratch|lazy|kInternal)$/;
      const walk = (o, path, depth) => { if (depth > 6 || (typeof o !== 'object' && typeof o !== 'function') || o === null || seen.has(o)) return; seen.add(o);
        for (const k of Reflect.ownKeys(o)) { if (names.test(String(k))) found.push(path + '.' + String(k)); const d = Reflect.getOwnPropertyDescriptor(o, k);
          for (const v of [d?.value, d?.get, d?.set]) walk(v, path + '.' + String(k), depth + 1); try { if (d?.get) walk(o[k], path + '.' + String(k), depth + 1); } catch {} } try { walk(Object.getPrototypeOf(o), path + '.__proto__', depth + 1); } catch {} };
      for (const [name, o] of Object.entries({ globalThis, request, env, ctx, response: new Response('x').clone(), stream: new Response('x').body, signal: AbortSignal.abort(), channel: new MessageChannel(), event: new Event('x'), error: new DOMException('x') })) walk(o, name, 0);
      return found.join() || 'nothing';`,
    answer: 'nothing',
    cpuMs: 3000,
  },
];
