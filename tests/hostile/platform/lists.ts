// Script's accessors stand on the indices of Array.prototype: lists that the platform
// puts something into by assigning lose it, and give what script likes. Whatever that
// is, it ends no more than the request.
import type { HostileCase } from './case.ts';

/** Each done once for every value, by script that patches lists meanwhile. */
const uses: Readonly<Record<string, string>> = {
  'a Response gets headers': `return new Response('x', { headers: { a: 'b', c: 'd' } });`,
  'Headers change': `const h = new Headers(); h.append('a','b'); h.append('c','d'); h.set('e','f'); h.delete('a'); return new Response('x', { headers: h });`,
  'cookies are read': `const h = new Headers(); h.append('set-cookie','b'); h.append('set-cookie','d'); h.getSetCookie(); return new Response([...h].join());`,
  'a Request gets headers': `return new Response(await new Response(new Request(request, { headers: { x: 'y' } }).body).text());`,
  'a Blob is made of parts': `return new Response(new Blob(['a', new Uint8Array(3), new Blob(['b'])]));`,
  'FormData is sent': `const f = new FormData(); f.append('a', 'b'); f.append('c', new File(['x'], 'n')); f.getAll('a'); return new Response(f);`,
  'a form is read': `const f = await new Response('a=b&c=d', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData(); return new Response([...f].join());`,
  'a multipart form is read': `const f = new FormData(); f.append('a', 'b'); const r = new Response(f); return new Response([...(await r.formData()).keys()].join());`,
  'URLSearchParams change': `const p = new URLSearchParams('a=b&c=d'); p.append('x','y'); p.sort(); p.getAll('a'); return new Response(p);`,
  'URLSearchParams are made of pairs': `return new Response(new URLSearchParams([['a','b']]));`,
  'values are cloned': `return new Response(String(structuredClone({ a: [1, new Date()], b: new Blob(['x']), e: new Error('x') })));`,
  'buffers, streams and ports are transferred': `const b = new ArrayBuffer(8); const s = new ReadableStream(); const { port1 } = new MessageChannel(); structuredClone({ b, s, port1 }, { transfer: [b, s, port1] });`,
  'a message is posted': `const { port1, port2 } = new MessageChannel(); port2.postMessage(1); const p = new Promise((r) => { port1.onmessage = r; }); await p;`,
  'signals follow one another': `const a = new AbortController(); const s = AbortSignal.any([a.signal, AbortSignal.timeout(1000)]); s.addEventListener('abort', () => {}); s.addEventListener('abort', function () {}); a.abort();`,
  'listeners come and go': `const t = new EventTarget(); const f = () => {}; t.addEventListener('a', f); t.addEventListener('a', () => t.removeEventListener('a', f)); t.dispatchEvent(new Event('a'));`,
  'HTML is rewritten': `return new HTMLRewriter().on('a', { element(e) { e.setAttribute('x', 'y'); e.onEndTag(() => {}); [...e.attributes]; } }).on('b', { text() {} }).onDocument({ end(e) { e.append('z'); } }).transform(new Response('<a href=1>x</a><b>y</b>'));`,
  'a stream is written and read': `const { readable, writable } = new TransformStream(); const w = writable.getWriter(); w.write(new Uint8Array(4)); w.write(new Uint8Array(4)); w.close(); return new Response(await new Response(readable).arrayBuffer());`,
  'a byte stream is read into buffers': `const s = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array(10)); c.enqueue(new Uint8Array(10)); c.close(); } }); const r = s.getReader({ mode: 'byob' }); await r.read(new Uint8Array(4)); await r.read(new Uint8Array(4));`,
  'a body is read twice': `const [a, b] = new Response('abc').body.tee(); return new Response(await new Response(a).text() + await new Response(b).text());`,
  'a body is compressed': `return new Response(new Response('abc').body.pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip')));`,
  'an HMAC key goes and comes': `const k = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']); const j = await crypto.subtle.exportKey('jwk', k); await crypto.subtle.importKey('jwk', j, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']); return new Response(String(k.usages));`,
  'a private key is exported': `const k = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']); await crypto.subtle.exportKey('jwk', k.privateKey);`,
  'a URL is matched': `return new Response(JSON.stringify(new URLPattern({ pathname: '/:a/:b(x)?*' }).exec('http://x/1/x')));`,
  'the cache keeps an answer': `await caches.default.put('http://x/', new Response('x', { headers: { 'cache-control': 'max-age=100', vary: 'a, b' } })); return (await caches.default.match('http://x/')) ?? new Response('none');`,
  'a WebSocket is accepted': `const { 0: a, 1: b } = new WebSocketPair(); b.accept(); b.send('x'); b.send('y'); a.accept(); a.addEventListener('message', () => {});`,
  'values are logged': `console.log('a', { b: [1, 2] }, new Map([[1, 2]])); console.table([{ a: 1 }]);`,
  'a large body is read': `return new Response(await new Response(new Uint8Array(100000)).text());`,
  'an origin is asked': `return fetch('http://127.0.0.1:1/', { headers: { a: 'b' }, method: 'POST', body: 'x', cf: { cacheTtlByStatus: { '200-299': 5 } } });`,
  'marks are made': `performance.mark('a'); performance.measure('b', 'a'); performance.getEntries();`,
};

const head = `
const values = [undefined, -1, 'text\\r\\nx: y', {}, () => {}, Symbol('x'), new Uint8Array(8),
  { get length() { return 1e9; } }, new Proxy({}, { get() { throw 1; } })];
function patch(value) {
  const accessors = { configurable: true, get: () => value, set() {} };
  for (let i = 0; i < 6; i++) $define(Array.prototype, i, accessors);
}
function mend() {
  for (let i = 0; i < 6; i++) delete Array.prototype[i];
}`;

export const lists: readonly HostileCase[] = Object.entries(uses).map(([name, use]) => ({
  name: `lists lose what is put into them while ${name}`,
  head,
  code: `
    for (let i = 0; i < values.length; i++) {
      patch(values[i]);
      try { await (await (async () => { ${use} })())?.text?.(); } catch {} finally { mend(); }
    }
    return 'done';`,
  // What waits for what is lost is found to hang.
  answer: /^(done$|error code: 110[12])/,
  cpuMs: 5_000,
}));
