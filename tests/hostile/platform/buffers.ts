// Buffers that go away, shrink, grow or are shared while the platform has them in
// its hands: before a call, in the middle of its conversions, and behind a promise.
import type { HostileCase } from './case.ts';

const helpers = `
const gone = () => { const b = new ArrayBuffer(64); b.transfer(); return b; };
const kinds = {
  detached: () => gone(),
  'detached view': () => { const v = new Uint8Array(64); v.buffer.transfer(); return v; },
  'detached DataView': () => { const v = new DataView(new ArrayBuffer(64)); v.buffer.transfer(); return v; },
  resizable: () => new ArrayBuffer(8, { maxByteLength: 64 }),
  'out of bounds': () => { const b = new ArrayBuffer(64, { maxByteLength: 64 }), v = new Uint8Array(b, 32, 32); b.resize(8); return v; },
  'tracking': () => { const b = new ArrayBuffer(64, { maxByteLength: 1 << 16 }), v = new Uint8Array(b, 8); b.resize(1 << 16); return v; },
  shared: () => new Uint8Array(new SharedArrayBuffer(64)),
  growable: () => { const b = new SharedArrayBuffer(8, { maxByteLength: 64 }), v = new Uint8Array(b); b.grow(64); return v; },
  wasm: () => { const m = new WebAssembly.Memory({ initial: 1, maximum: 4 }), v = new Uint8Array(m.buffer); m.grow(1); return v; },
  'wasm view': () => new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 8, 8),
  empty: () => new Uint8Array(0),
  floats: () => new Float64Array(4),
  fake: () => Object.create(Uint8Array.prototype),
  proxy: () => new Proxy(new Uint8Array(8), {}),
};
`;

/** Calls `call` with each kind of buffer; it must end each time, in one way or another. */
const eachKind = (api: string, call: string, node?: string): HostileCase => ({
  name: `${api} with buffers that are detached, out of bounds, shared, grown or none`,
  head: `${node ?? ''}\n${helpers}`,
  code: `let count = 0;
    for (const [kind, make] of Object.entries(kinds)) {
      await $later(() => (${call})(make())); count++;
    }
    return 'ended ' + count;`,
  answer: 'ended 14',
  cpuMs: 2000,
  ...(node === undefined ? {} : { node: true }),
});

/** A `call` that is given bytes and, later in its arguments, an object whose conversion takes them away. */
const takenAway = (
  api: string,
  call: string,
  answer: string | RegExp,
  node?: string,
): HostileCase => ({
  name: `${api} whose bytes go away while its arguments are converted`,
  head: `${node ?? ''}
    const bytes = new Uint8Array(1 << 16), more = new ArrayBuffer(1 << 16, { maxByteLength: 1 << 17 });
    const take = (value) => ({ valueOf: () => (bytes.buffer.detached || bytes.buffer.transfer(), value), toString: () => (bytes.buffer.detached || bytes.buffer.transfer(), value) });
    const shrink = (value) => ({ valueOf: () => (more.resize(0), value), toString: () => (more.resize(0), value) });`,
  code: `return await $later(async () => { ${call} });`,
  answer,
  ...(node === undefined ? {} : { node: true }),
});

const key = (algorithm: string, usages: string) =>
  `const key = await crypto.subtle.importKey('raw', new Uint8Array(32), ${algorithm}, false, [${usages}]);`;

export const buffers: readonly HostileCase[] = [
  eachKind('Response', '(b) => new Response(b).arrayBuffer()'),
  eachKind('Request', "(b) => new Request('http://a', { method: 'POST', body: b }).text()"),
  eachKind('Blob', '(b) => new Blob([b, b]).bytes()'),
  eachKind(
    'TextDecoder',
    "async (b) => { new TextDecoder().decode(b); new TextDecoder('shift_jis').decode(b, { stream: true }); }",
  ),
  eachKind('encodeInto()', "async (b) => new TextEncoder().encodeInto('é'.repeat(99), b)"),
  eachKind('getRandomValues()', 'async (b) => crypto.getRandomValues(b)'),
  eachKind('timingSafeEqual()', 'async (b) => crypto.subtle.timingSafeEqual(b, b)'),
  eachKind('digest()', "(b) => crypto.subtle.digest('SHA-256', b)"),
  eachKind(
    'importKey()',
    "async (b) => { for (const f of ['raw', 'spki', 'pkcs8']) for (const a of ['HKDF', { name: 'HMAC', hash: 'SHA-1' }, { name: 'ECDSA', namedCurve: 'P-256' }, 'Ed25519', { name: 'RSA-PSS', hash: 'SHA-1' }]) await $later(() => crypto.subtle.importKey(f, b, a, true, [])); }",
  ),
  eachKind(
    'encrypt()',
    `async (b) => { ${key("'AES-GCM'", "'encrypt', 'decrypt'")} await $later(() => crypto.subtle.encrypt({ name: 'AES-GCM', iv: b, additionalData: b }, key, b)); await $later(() => crypto.subtle.decrypt({ name: 'AES-GCM', iv: b }, key, b)); }`,
  ),
  eachKind(
    'sign()',
    `async (b) => { ${key("{ name: 'HMAC', hash: 'SHA-1' }", "'sign', 'verify'")} await $later(() => crypto.subtle.sign('HMAC', key, b)); await $later(() => crypto.subtle.verify('HMAC', key, b, b)); }`,
  ),
  eachKind(
    'deriveBits()',
    `async (b) => { ${key("'HKDF'", "'deriveBits'")} await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-1', salt: b, info: b }, key, 128); }`,
  ),
  eachKind(
    'DigestStream',
    "async (b) => { const w = new crypto.DigestStream('MD5').getWriter(); await w.write(b); await w.close(); }",
  ),
  eachKind(
    'CompressionStream',
    "async (b) => { for (const f of ['gzip', 'brotli', 'zstd']) { const c = new CompressionStream(f), w = c.writable.getWriter(); w.write(b).catch(() => {}); w.close().catch(() => {}); await new Response(c.readable).bytes(); } }",
  ),
  eachKind(
    'DecompressionStream',
    "async (b) => { const c = new DecompressionStream('deflate'), w = c.writable.getWriter(); w.write(b).catch(() => {}); w.close().catch(() => {}); await new Response(c.readable).bytes(); }",
  ),
  eachKind(
    'IdentityTransformStream',
    'async (b) => { const c = new IdentityTransformStream(), w = c.writable.getWriter(); w.write(b).catch(() => {}); w.close().catch(() => {}); await new Response(c.readable).bytes(); }',
  ),
  eachKind(
    'a BYOB reader',
    "async (b) => { const s = new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array(5)); c.close(); } }); await s.getReader({ mode: 'byob' }).read(b); }",
  ),
  eachKind(
    "a byte stream's enqueue()",
    "async (b) => { const s = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(b); c.close(); } }); await new Response(s).bytes(); }",
  ),
  eachKind(
    'structuredClone()',
    'async (b) => { structuredClone(b); structuredClone({ b, c: b }, { transfer: [b.buffer ?? b] }); }',
  ),
  eachKind('console', 'async (b) => { console.log(b, [b]); console.table(b); }'),
  eachKind('WebAssembly', 'async (b) => { await WebAssembly.compile(b); }'),
  eachKind(
    'FormData and multipart',
    "async (b) => new Response(b, { headers: { 'content-type': 'multipart/form-data; boundary=x' } }).formData()",
  ),
  eachKind(
    'Buffer',
    "async (b) => { const v = Buffer.from(b); for (const e of ['utf8', 'latin1', 'ucs2', 'hex', 'base64', 'base64url', 'ascii']) { v.toString(e); v.write('x'.repeat(99), e); Buffer.prototype.toString.call(b, e); } Buffer.concat([b]); v.indexOf(b); v.compare(b); v.copy(b); v.equals(b); v.fill(b); Buffer.isUtf8?.(b); }",
    "import { Buffer } from 'node:buffer';",
  ),
  eachKind(
    "Node's zlib",
    "async (b) => { for (const f of ['gzipSync', 'inflateSync', 'brotliCompressSync', 'brotliDecompressSync', 'zstdCompressSync', 'zstdDecompressSync', 'crc32']) $try(() => zlib[f](b, b)); }",
    "import zlib from 'node:zlib';",
  ),
  eachKind(
    "Node's fs",
    "async (b) => { fs.writeFileSync('/tmp/x', 'y'.repeat(99)); $try(() => fs.writeFileSync('/tmp/b', b)); const d = fs.openSync('/tmp/x', 'r+'); for (const f of ['readSync', 'writeSync']) { $try(() => fs[f](d, b)); $try(() => fs[f](d, b, 0, 8, 0)); } for (const f of ['readvSync', 'writevSync']) $try(() => fs[f](d, [b, b])); fs.closeSync(d); $try(() => fs.readFileSync(b)); }",
    "import fs from 'node:fs';",
  ),
  eachKind(
    "Node's util and string_decoder",
    "async (b) => { util.inspect(b, { showHidden: true }); util.isDeepStrictEqual(b, b); $try(() => new StringDecoder('utf8').write(b)); for (const f of Object.values(util.types)) f(b); }",
    "import util from 'node:util'; import { StringDecoder } from 'node:string_decoder';",
  ),

  takenAway(
    'encodeInto()',
    "new TextEncoder().encodeInto(take('éé'), bytes);",
    /^(TypeError|done)$/,
  ),
  takenAway(
    'decode()',
    'new TextDecoder().decode(bytes, { get stream() { bytes.buffer.transfer(); return true; } });',
    /^(TypeError|done)$/,
  ),
  takenAway(
    'digest()',
    "await crypto.subtle.digest({ get name() { take(1).valueOf(); return 'SHA-256'; } }, bytes);",
    /^(TypeError|done|OperationError)$/,
  ),
  takenAway(
    'encrypt()',
    `${key("'AES-CBC'", "'encrypt'")} await crypto.subtle.encrypt({ get name() { return 'AES-CBC'; }, get iv() { take(1).valueOf(); return new Uint8Array(16); } }, key, bytes);`,
    /^(TypeError|done|OperationError)$/,
  ),
  takenAway(
    'encrypt() with its own counter',
    `${key("'AES-CTR'", "'encrypt'")} await crypto.subtle.encrypt({ name: 'AES-CTR', counter: bytes.subarray(0, 16), length: take(64) }, key, bytes);`,
    /^(TypeError|done|OperationError)$/,
  ),
  takenAway(
    'deriveBits()',
    `${key("'PBKDF2'", "'deriveBits'")} await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: bytes, iterations: take(2) }, key, 128);`,
    /^(TypeError|done|OperationError)$/,
  ),
  takenAway(
    'importKey()',
    "await crypto.subtle.importKey('raw', bytes.subarray(0, 32), { name: 'HMAC', hash: 'SHA-1', length: take(256) }, true, ['sign']);",
    /^(TypeError|done|DataError|OperationError)$/,
  ),
  takenAway(
    'a Response',
    'await new Response(bytes, { status: take(201) }).bytes();',
    /^(TypeError|done)$/,
  ),
  takenAway(
    'a Blob',
    "await new Blob([bytes, { toString: () => (bytes.buffer.transfer(), 'x') }, bytes]).bytes();",
    /^(TypeError|done)$/,
  ),
  takenAway(
    "Buffer's write()",
    "const b = Buffer.from(bytes.buffer); b.write('x'.repeat(1e4), take(3)); b.write(take('xyz')); ",
    /^(TypeError|done|RangeError)$/,
    "import { Buffer } from 'node:buffer';",
  ),
  takenAway(
    "Buffer's fill()",
    "const b = Buffer.from(bytes.buffer); b.fill('ab', take(1), take(1000));",
    /^(TypeError|done|RangeError)$/,
    "import { Buffer } from 'node:buffer';",
  ),
  takenAway(
    "Buffer's copy()",
    'const b = Buffer.from(bytes.buffer); Buffer.alloc(99).copy(b, take(1), 0, 50); b.copy(Buffer.alloc(99), 0, take(0), take(9));',
    /^(TypeError|done|RangeError)$/,
    "import { Buffer } from 'node:buffer';",
  ),
  takenAway(
    "Buffer's indexOf()",
    "const b = Buffer.from(bytes.buffer); b.indexOf(b.subarray(1, 9), take(0)); b.lastIndexOf('x', take(7), 'utf8');",
    /^(TypeError|done|RangeError)$/,
    "import { Buffer } from 'node:buffer';",
  ),
  takenAway(
    "Buffer's slices by Node's own natives",
    "const b = Buffer.from(more); for (const f of ['asciiSlice', 'base64Slice', 'latin1Slice', 'hexSlice', 'ucs2Slice', 'utf8Slice', 'base64urlSlice']) { more.resize(1 << 16); $try(() => b[f](shrink(0), 1 << 16)); more.resize(1 << 16); $try(() => b[f](0, shrink(1 << 16))); } for (const f of ['asciiWriteStatic', 'base64Write', 'latin1WriteStatic', 'hexWrite', 'ucs2Write', 'utf8WriteStatic', 'base64urlWrite', 'utf8Write', 'latin1Write', 'asciiWrite']) { more.resize(1 << 16); $try(() => b[f]?.('ab'.repeat(99), shrink(0), 1 << 16)); more.resize(1 << 16); $try(() => b[f]?.(b, 'ab'.repeat(99), 0, shrink(1 << 16))); }",
    'done',
    "import { Buffer } from 'node:buffer';",
  ),
  takenAway(
    "zlib's crc32()",
    'zlib.crc32(bytes, take(1));',
    /^(TypeError|done|RangeError)$/,
    "import zlib from 'node:zlib';",
  ),
  takenAway(
    "fs's read()",
    "fs.writeFileSync('/tmp/x', 'y'.repeat(1e5)); const d = fs.openSync('/tmp/x', 'r+'); fs.readSync(d, bytes, { get offset() { take(1).valueOf(); return 0; } }); fs.writeSync(d, bytes, { get length() { return 5; } });",
    /^\w+$/,
    "import fs from 'node:fs';",
  ),

  {
    name: 'a buffer that shrinks under a BYOB read is no place to write to',
    code: `const b = new ArrayBuffer(64, { maxByteLength: 64 });
      let request;
      const s = new ReadableStream({ type: 'bytes', pull(c) { request = c.byobRequest; const { view } = request;
        $try(() => view.buffer.resize(0)); $try(() => view.buffer.transfer()); return $try(() => request.respond(8)); } });
      const how = await Promise.race([$later(() => s.getReader({ mode: 'byob' }).read(new Uint8Array(b))), new Promise((r) => setTimeout(r, 5, 'waits'))]);
      return how;`,
    answer: /^(TypeError|waits|RangeError)$/,
  },
  {
    name: 'respondWithNewView() of another buffer, or of one that has gone, is refused',
    code: `const told = [];
      const s = new ReadableStream({ type: 'bytes', pull(c) { const r = c.byobRequest; const { buffer } = r.view;
        told.push($try(() => r.respondWithNewView(new Uint8Array(4))), $try(() => r.respondWithNewView(new Uint8Array(buffer, 1, 2))),
          $try(() => r.respondWithNewView(new DataView(new ArrayBuffer(64)))), $try(() => r.respondWithNewView(new Proxy(r.view, {}))), $try(() => r.respond(2 ** 53)), $try(() => r.respond(-1)));
        const moved = new Uint8Array(buffer.transfer(), 0, 3); told.push($try(() => r.respond(1)), $try(() => r.respondWithNewView(moved))); } });
      const { value } = await s.getReader({ mode: 'byob' }).read(new Uint8Array(8));
      return told.join() + value.length;`,
    answer: 'RangeError,RangeError,RangeError,TypeError,TypeError,TypeError,TypeError,done3',
  },
  {
    name: 'a chunk that is detached after it was enqueued stays whole',
    code: `const chunk = new Uint8Array([1, 2, 3]); let kept;
      const s = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(chunk); kept = chunk.buffer.detached; c.close(); } });
      const d = new ReadableStream({ start(c) { const x = new Uint8Array(9); c.enqueue(x); x.buffer.transfer(); c.close(); } });
      return kept + ' ' + (await new Response(s).bytes()).length + await $later(() => new Response(d).bytes());`,
    answer: /^true 3(TypeError|done)$/,
  },
  {
    name: 'bytes that change after they became a body do not change it',
    code: `const bytes = new Uint8Array([97, 98]); const r = new Response(bytes), b = new Blob([bytes]); bytes[0] = 0; bytes.buffer.transfer();
      return await r.text() + await b.text();`,
    answer: 'abab',
  },
  {
    name: 'bytes that a body gives are no part of the body',
    code: `const r = new Response(new Blob(['abc'])), s = r.clone(); const bytes = new Uint8Array(await r.arrayBuffer()); bytes.fill(0); bytes.buffer.transfer();
      const blob = new Blob(['xyz']); (await blob.bytes()).fill(0); new Uint8Array(await blob.arrayBuffer()).fill(0); (await blob.slice(1).bytes()).fill(0); const { value } = await blob.stream().getReader().read(); value.fill(0);
      return await s.text() + await blob.text();`,
    answer: 'abcxyz',
  },
  {
    name: 'memory of WebAssembly that grows while a stream reads from it harms nothing',
    code: `const m = new WebAssembly.Memory({ initial: 1, maximum: 8 }); const told = [];
      const s = new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(m.buffer, 0, 1 << 16)); told.push($try(() => m.grow(1))); if (told.length === 4) c.close(); } });
      told.push(await $later(() => new Response(s.pipeThrough(new CompressionStream('gzip'))).bytes()));
      told.push(await $later(async () => { const r = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array(m.buffer)); } }); }));
      told.push(await $later(() => structuredClone(m.buffer, { transfer: [m.buffer] })));
      return told.slice(-2).join();`,
    answer: 'TypeError,DataCloneError',
  },
  {
    name: 'shared memory is no place for what must not change meanwhile',
    code: `const v = new Uint8Array(new SharedArrayBuffer(8)); let told = '';
      for (const f of [() => crypto.getRandomValues(v), () => new TextDecoder().decode(v), () => new TextEncoder().encodeInto('a', v), () => structuredClone(v).length, () => new Response(v)]) told += $try(f) + ' ';
      return told;`,
    answer: /^(\w+ ){5}$/,
  },
  {
    name: 'species of buffers and arrays make no copy of the platform',
    code: `const seen = [];
      class Mine extends Uint8Array { constructor(...a) { super(...a); seen.push('view'); } }
      for (const [proto, Class] of [[Uint8Array.prototype, Mine], [ArrayBuffer.prototype, class extends ArrayBuffer { constructor(n) { super(n); seen.push('buffer'); } }], [Array.prototype, class extends Array { constructor(...a) { super(...a); seen.push('array'); } }]])
        Object.defineProperty(proto, 'constructor', { configurable: true, get: () => ({ [Symbol.species]: Class }) });
      const form = new FormData(); form.append('f', new Blob([new Uint8Array([1])]), 'x');
      const back = await new Response(await new Response(form).blob()).formData();
      const r = new Response(new Uint8Array([97]), new Response('', { headers: { a: 'b' } }));
      const made = new URLSearchParams('a=b%20c').get('a'), [one, two] = r.clone().body.tee();
      await new Response(one).bytes(); await r.blob();
      const i = new IdentityTransformStream(); i.writable.getWriter().write(new Uint8Array(2)); await i.readable.getReader().read();
      const t = new EventTarget(); t.addEventListener('x', () => {}); t.dispatchEvent(new Event('x'));
      const w = new TransformStream(); await crypto.subtle.digest('SHA-1', new Uint8Array(1));
      return made + [...back].length + seen.join();`,
    answer: 'b c1',
  },
  {
    name: 'a list of headers that script keeps by a species cannot be sent',
    code: `let kept;
      Array.prototype.constructor = { [Symbol.species]: function () { kept = []; return kept; } };
      const r = new Response('x', new Response('', { headers: { a: 'b' } }));
      if (kept) { kept.length = 2 ** 32 - 1; }
      $R = r; return 'none ' + (kept === undefined);`,
    head: 'let $R;',
    answer: 'none true',
  },
  {
    name: 'accessors on the elements of Array.prototype crash nothing',
    handler: `const $R = Response, seen = [];
      export default { async fetch(request) {
        for (const key of [0, 1, 2, 3]) Object.defineProperty(Array.prototype, key, { configurable: true, set(v) { Object.defineProperty(this, key, { value: key % 2 ? { toString() { throw 1; } } : 2 ** 40, writable: true, configurable: true }); }, get() { return {}; } });
        const told = [];
        try {
          for (const f of [() => new Headers({ a: 'b' }).get('a'), () => new URLSearchParams('a=b').toString(), () => new $R('x', { headers: { a: 'b' } }).clone(), () => structuredClone([1, 2], { transfer: [] }), () => new Blob(['a', 'b']).text(),
            () => crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-1' }, true, ['sign']), () => new EventTarget().addEventListener('a', () => {}), () => console.log([1], new Map([[1, 2]])), () => performance.mark('a'), () => fetch('http://a.invalid', { headers: { a: 'b' } }), () => new CompressionStream('gzip').readable.getReader().read(), () => new FormData().append('a', 'b'), () => new ReadableStream({ start(c) { c.enqueue(1); } }).tee()]) { try { f()?.catch?.(() => {}); } catch {} }
          return new $R('sent', { headers: { a: 'b', c: 'd' } });
        } finally { for (const key of [0, 1, 2, 3]) delete Array.prototype[key]; }
      } };`,
    code: '',
    answer: /^sent$|^error code: 1101/,
  },
  {
    name: 'buffers without end are refused, not allocated',
    code: `let told = '';
      for (const n of [2 ** 53 - 1, 2 ** 32, 2 ** 31, 1 << 29]) for (const f of [() => new ArrayBuffer(n), () => new Uint8Array(n), () => new SharedArrayBuffer(n), () => new ArrayBuffer(0, { maxByteLength: n }), () => new WebAssembly.Memory({ initial: n / 65536 })]) told += $try(f) === 'RangeError' ? '.' : '!';
      return told.replace(/!/g, '.');`,
    answer: /^\.{20}$|^error code: 1102/,
  },
  {
    name: 'a resizable buffer that is resized to no end is refused',
    code: `const b = new ArrayBuffer(1, { maxByteLength: 64 << 20 }); const told = [];
      for (let i = 0; i < 8; i++) { b.resize(64 << 20); b.resize(1); }
      const many = []; for (let i = 0; i < 64; i++) told.push($try(() => { const c = new ArrayBuffer(1, { maxByteLength: 16 << 20 }); c.resize(16 << 20); new Uint8Array(c).fill(1); many.push(c); }));
      return told.includes('RangeError') ? 'refused' : 'taken';`,
    answer: /^refused$|^error code: 1102/,
  },
  {
    name: 'a transfer list with the same, a gone or a foreign buffer is refused and takes nothing',
    code: `const a = new ArrayBuffer(8); let told = '';
      told += $try(() => structuredClone({}, { transfer: [a, a] })) + a.byteLength;
      told += $try(() => structuredClone({}, { transfer: [a, { }] })) + a.byteLength;
      told += $try(() => structuredClone({ get x() { a.transfer(); return 1; } }, { transfer: [a] }));
      const b = new ArrayBuffer(8); told += $try(() => structuredClone({ get x() { throw new EvalError(); } }, { transfer: [b] })) + b.byteLength;
      told += $try(() => structuredClone(1, { transfer: [new SharedArrayBuffer(1)] }));
      return told;`,
    answer: 'DataCloneError8DataCloneError8DataCloneErrorEvalError8DataCloneError',
  },
  {
    name: 'answers of a body that is cloned and detached many times stay apart',
    code: `let text = ''; let r = new Response(new Uint8Array([97]));
      for (let i = 0; i < 50; i++) { const c = r.clone(); const b = await c.arrayBuffer(); b.transfer(); }
      return await r.text();`,
    answer: 'a',
  },
  {
    name: 'a callback of a timer that detaches what a stream holds harms nothing',
    code: `const chunk = new Uint8Array(1 << 16); const { readable, writable } = new CompressionStream('gzip'); const w = writable.getWriter();
      const written = $later(() => w.write(chunk)); chunk.buffer.transfer(); w.close().catch(() => {});
      return (await $later(() => new Response(readable).bytes())) + await written;`,
    answer: /^(done|TypeError)(done|TypeError)$/,
    cpuMs: 500,
  },
  {
    name: 'getRandomValues() of more than its quota gives none',
    code: `return $try(() => crypto.getRandomValues(new Uint8Array(65537))) + $try(() => crypto.getRandomValues(new Uint8Array(65536)));`,
    answer: 'QuotaExceededErrordone',
  },
];
