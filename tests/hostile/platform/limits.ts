// Sizes, lengths and numbers without end, and loops inside of native code.
import { type HostileCase, kLimit, kLimitOrException } from './case.ts';

/** The same `call` with each number that is none. */
const eachNumber = (api: string, call: string, node?: string): HostileCase => ({
  name: `${api} with numbers that are no size`,
  head: `${node ?? ''}
    const numbers = [NaN, -0, Infinity, -Infinity, -1, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 2 ** 32 - 1, 2 ** 53, 2 ** 53 - 1, -(2 ** 53), 1e308, 5e-324, 0.5, '9'.repeat(400), '', null, undefined, 1n, 2n ** 64n, [], [7], {}];`,
  code: `let count = 0; for (const n of numbers) { const how = await Promise.race([$later(() => (${call})(n)), new Promise((r) => setTimeout(r, 0, 'waits'))]); if (/^\\w+$/.test(how)) count++; }
    return count + ' of ' + numbers.length;`,
  // A buffer beyond all memory may end it.
  answer: /^25 of 25$|^error code: 1102/,
  cpuMs: 3000,
  ...(node === undefined ? {} : { node: true }),
});

/** A text of `megabytes`, as V8 has it without its characters. */
const long = (megabytes: number, character = 'x') =>
  `'${character}'.repeat(${megabytes} * 1048576)`;

/** It may succeed, throw, or be ended by a limit. */
const endsSomehow = (name: string, code: string, more: Partial<HostileCase> = {}): HostileCase => ({
  name,
  code: `const how = await Promise.race([$later(async () => { ${code} }), new Promise((r) => setTimeout(r, 500, 'waits'))]); return 'ended: ' + how;`,
  answer: /^ended: \w+$|^error code: 110[12]/,
  cpuMs: 500,
  ...more,
});

const marks = `'\\u0301\\u0316'.repeat(50000)`;

const nodeImports = `import { Buffer } from 'node:buffer'; import zlib from 'node:zlib'; import fs from 'node:fs'; import util from 'node:util'; import qs from 'node:querystring'; import path from 'node:path'; import url from 'node:url';`;

export const limits: readonly HostileCase[] = [
  eachNumber(
    'timers',
    '(n) => { clearTimeout(setTimeout(() => {}, n)); clearInterval(setInterval(() => {}, n)); clearTimeout(n); AbortSignal.timeout(n); }',
  ),
  eachNumber('scheduler.wait()', '(n) => scheduler.wait(n, { signal: AbortSignal.timeout(1) })'),
  eachNumber(
    'streams',
    '(n) => { new ReadableStream({}, { highWaterMark: n }); new WritableStream({}, { highWaterMark: n }); new TransformStream({}, { highWaterMark: n }, { highWaterMark: n }); new FixedLengthStream(n); }',
  ),
  eachNumber(
    'byte streams',
    "async (n) => { const s = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: n, pull(c) { try { c.byobRequest?.respond(n); } finally { c.close(); } } }); await s.getReader().read(); }",
  ),
  eachNumber(
    'a BYOB read',
    "(n) => new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array(9)); } }).getReader({ mode: 'byob' }).read(new Uint8Array(8), { min: n })",
  ),
  eachNumber(
    'Blob and File',
    "(n) => { new Blob(['abc']).slice(n, n); new Blob(['abc']).slice(0, n); new File(['a'], 'b', { lastModified: n }).lastModified; }",
  ),
  eachNumber(
    'Response',
    "(n) => { new Response(null, { status: n }); Response.redirect('http://a', n); }",
  ),
  eachNumber(
    'performance',
    "(n) => { performance.mark('a', { startTime: n }); performance.measure('b', { start: n, duration: n }); performance.measure('c', { start: n, end: n }); }",
  ),
  eachNumber(
    'cryptography',
    "async (n) => { for (const f of [() => crypto.subtle.generateKey({ name: 'AES-GCM', length: n }, true, ['encrypt']), () => crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-1', length: n }, true, ['sign']), () => crypto.subtle.generateKey({ name: 'RSA-OAEP', hash: 'SHA-1', modulusLength: n, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['encrypt']), async () => crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: new Uint8Array(1), iterations: n }, await crypto.subtle.importKey('raw', new Uint8Array(1), 'PBKDF2', false, ['deriveBits']), 8), async () => crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-1', salt: new Uint8Array(1), info: new Uint8Array(1) }, await crypto.subtle.importKey('raw', new Uint8Array(1), 'HKDF', false, ['deriveBits']), n)]) await $later(f); }",
  ),
  eachNumber(
    "Node's Buffer",
    "(n) => { for (const f of [() => Buffer.alloc(n).length > 1e9, () => Buffer.allocUnsafe(n), () => Buffer.from('abc').subarray(n, n), () => Buffer.from('abc').toString('hex', n, n), () => Buffer.from('abc').readUIntBE(n, n), () => Buffer.alloc(9).writeDoubleLE(1, n), () => Buffer.alloc(9).fill('ab', n, n), () => Buffer.alloc(9).indexOf('a', n), () => Buffer.alloc(9).copy(Buffer.alloc(9), n, n, n), () => Buffer.concat([Buffer.alloc(3)], n), () => Buffer.alloc(9).write('abc', n, n), () => Buffer.from(new ArrayBuffer(8), n, n)]) $try(f); }",
    nodeImports,
  ),
  eachNumber(
    "Node's zlib and fs",
    "(n) => { for (const f of [() => zlib.gzipSync('a', { level: n, windowBits: n, memLevel: n, chunkSize: n }), () => zlib.inflateSync('a', { maxOutputLength: n }), () => zlib.brotliCompressSync('a', { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: n, [zlib.constants.BROTLI_PARAM_LGWIN]: n } }), () => zlib.zstdCompressSync('a', { params: { [n]: n } }), () => zlib.crc32('a', n), () => fs.truncateSync('/tmp/x', n), () => fs.writeSync(fs.openSync('/tmp/x', 'w'), 'a', n), () => fs.readSync(fs.openSync('/tmp/x', 'w+'), Buffer.alloc(9), n, n, n), () => fs.closeSync(n), () => fs.fstatSync(n), () => fs.utimesSync('/tmp/x', n, n), () => fs.mkdirSync('/tmp/d', { mode: n })]) $try(f); }",
    nodeImports,
  ),

  endsSomehow(
    'a module whose name is the longest text',
    `await import('x'.repeat(2 ** 29 - 24)).catch(() => {}); await import('node:' + 'x'.repeat(2 ** 29 - 40));`,
  ),
  endsSomehow(
    'a format whose name is the longest text',
    `new CompressionStream('x'.repeat(2 ** 29 - 24));`,
  ),
  endsSomehow('a URL of a hundred million characters', `new URL('http://a/' + ${long(100)}).href;`),
  endsSomehow(
    'a URL that grows beyond a string when it is encoded',
    `new URL('http://a/' + ${long(90, 'é')}).href.length;`,
  ),
  endsSomehow(
    'a URL whose setters grow it without end',
    `const u = new URL('http://a/'); for (let i = 0; i < 64; i++) { u.search = u.search + 'é'.repeat(1 << 20); u.hash = ${long(20, '"')}; u.pathname += ${long(8, ' ')}; }`,
  ),
  endsSomehow(
    'URLSearchParams that grow beyond a string when they are written',
    `const p = new URLSearchParams(); p.append(${long(60, 'é')}, ${long(60, 'é')}); String(p).length;`,
  ),
  endsSomehow(
    'a text of half a gigabyte as a body',
    `const r = new Response(${long(511)}); await r.text();`,
  ),
  endsSomehow(
    'a text of half a gigabyte as bytes',
    `new TextEncoder().encode(${long(511)}); new TextEncoder().encodeInto(${long(511)}, new Uint8Array(9));`,
  ),
  endsSomehow(
    'a text that becomes three times as many bytes',
    `new TextEncoder().encode(${long(50, '€')}); new Blob([${long(50, '€')}, ${long(50, '€')}]);`,
  ),
  endsSomehow(
    'a header of half a gigabyte',
    `const h = new Headers(); h.set('a', ${long(511)}); h.append('a', ${long(511)}); h.get('a');`,
  ),
  endsSomehow(
    'a hundred thousand headers in an answer',
    `const h = new Headers(); for (let i = 0; i < 100000; i++) h.append('h' + i, 'v'); const r = new Response('', { headers: h }); [...r.headers].length;`,
    { cpuMs: 1000 },
  ),
  endsSomehow(
    'an error with a message of half a gigabyte',
    `const e = new Error(${long(511)}); console.log(e); reportError(e); throw e;`,
  ),
  endsSomehow(
    'console of a text of half a gigabyte',
    `console.log(${long(511)}); console.log({ a: ${long(511)} }); console.log('%s', ${long(511)}); console.table([[${long(64)}]]); console.group(${long(200)}); console.log('a\\n'.repeat(1e6)); console.groupEnd();`,
  ),
  endsSomehow(
    'names of half a gigabyte for events, marks, ports and formats',
    `const n = ${long(511)}; new Event(n); new EventTarget().addEventListener(n, () => {}); performance.mark(n); $try(() => new TextDecoder(n)); $try(() => new CompressionStream(n)); $try(() => new DOMException(n, n).stack); await $later(() => crypto.subtle.digest(n, new Uint8Array(1)));`,
  ),
  endsSomehow(
    'base64 of half a gigabyte',
    `$try(() => btoa(${long(511)})); $try(() => atob(${long(511, 'A')}));`,
  ),
  endsSomehow(
    'JSON of a hundred megabytes as an answer',
    `Response.json(${long(100)}); await new Response(${long(100)}).json();`,
  ),
  endsSomehow('brackets without end as JSON', `JSON.parse(${long(60, '[')});`),
  endsSomehow(
    'brackets without end as JSON of a body',
    `await new Response(${long(40, '[')}).json();`,
  ),
  endsSomehow(
    'a sort of two million numbers as texts',
    `const list = Array.from({ length: 2e6 }, (_, i) => ((i * 7919) % 2e6) / 7); list.toSorted(); list.sort();`,
    { answer: kLimit, cpuMs: 1000 },
  ),
  endsSomehow(
    'JSON of two million names, none of which comes twice',
    `let n = 1e6; const o = () => '{' + Array.from({ length: 100 }, () => '"' + (n++).toString(36) + '":0') + '}'; JSON.parse('[' + Array.from({ length: 20000 }, o) + ']');`,
    { cpuMs: 3000 },
  ),
  endsSomehow(
    'a clone of half a gigabyte',
    `structuredClone(${long(511)}); structuredClone(Array(64).fill(0).map((_, i) => i + ${long(16)}));`,
  ),
  endsSomehow(
    'a clone of an array with four thousand million holes',
    `const a = []; a.length = 2 ** 32 - 1; structuredClone(a); const o = { length: 2 ** 53 }; structuredClone(o); console.log(a); console.table(a);`,
  ),
  endsSomehow(
    'a million ports, signals, timers and listeners',
    `for (let i = 0; i < 1e5; i++) { new MessageChannel(); new AbortController().signal.onabort = () => {}; setTimeout(() => {}, 1e6); addEventListener('x' + i, () => {}); }`,
    { cpuMs: 500 },
  ),
  endsSomehow(
    'a million messages that nobody takes',
    `const { port1 } = new MessageChannel(); for (let i = 0; i < 1e6; i++) port1.postMessage(new ArrayBuffer(1000));`,
    { cpuMs: 500 },
  ),
  endsSomehow(
    'a million marks',
    `for (let i = 0; i < 1e6; i++) performance.mark('m' + i); performance.getEntries().length;`,
    { cpuMs: 500 },
  ),
  endsSomehow(
    'a tee whose one branch is never read',
    `let n = 0; const [a, b] = new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1 << 20)); } }).tee(); const r = a.getReader(); for (;;) await r.read();`,
    { cpuMs: 500 },
  ),
  endsSomehow(
    'a stream that is filled beyond all memory',
    `new ReadableStream({ start(c) { for (;;) c.enqueue(new Uint8Array(1 << 20)); } });`,
  ),
  endsSomehow(
    'a body of half a gigabyte in pieces',
    `let n = 0; await new Response(new ReadableStream({ pull(c) { if (n++ < 512) c.enqueue(new Uint8Array(1 << 20)); else c.close(); } })).arrayBuffer();`,
  ),
  endsSomehow(
    'bytes that decompress without end',
    `const zeros = new Response(new Uint8Array(30 << 20)).body.pipeThrough(new CompressionStream('gzip')); const once = await new Response(zeros).bytes(); for (let i = 0; i < 20; i++) await new Response(new Response(once).body.pipeThrough(new DecompressionStream('gzip'))).bytes();`,
    { cpuMs: 500 },
  ),
  endsSomehow(
    'a multipart body of a million parts',
    `const text = '--x\\r\\nContent-Disposition: form-data; name="a"\\r\\n\\r\\n\\r\\n'.repeat(300000) + '--x--'; const f = await new Response(text, { headers: { 'content-type': 'multipart/form-data; boundary=x' } }).formData(); f.getAll('a').length;`,
    { cpuMs: 500 },
  ),
  endsSomehow(
    'a multipart body that looks like its boundary everywhere',
    `await $later(() => new Response('\\r\\n--' .repeat(1 << 20), { headers: { 'content-type': 'multipart/form-data; boundary=' + '-'.repeat(70) } }).formData());`,
    { cpuMs: 500 },
  ),
  endsSomehow(
    'a boundary, a content type and a charset without end',
    `for (const type of ['multipart/form-data; boundary=' + ${long(8)}, 'multipart/form-data' + ';a=b'.repeat(1e6), 'text/plain;charset=' + ${long(8)}, 'a'.repeat(1e6) + '/' + ';'.repeat(1e6)]) { await $later(() => new Response('x', { headers: { 'content-type': type } }).formData()); await $later(() => new Response('x', { headers: { 'content-type': type } }).blob()); }`,
    { cpuMs: 500 },
  ),
  endsSomehow(
    'a derivation that would take an hour',
    `const key = await crypto.subtle.importKey('raw', new Uint8Array(1), 'PBKDF2', false, ['deriveBits']); await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(1), iterations: 100000 }, key, 2 ** 31);`,
  ),
  endsSomehow(
    'a derivation of many bits',
    `const key = await crypto.subtle.importKey('raw', new Uint8Array(1), 'PBKDF2', false, ['deriveBits']); await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(1), iterations: 100000 }, key, 8 * 1e6);`,
    { answer: kLimitOrException, cpuMs: 200 },
  ),
  endsSomehow(
    'an RSA key with the largest modulus',
    `await crypto.subtle.generateKey({ name: 'RSA-OAEP', hash: 'SHA-1', modulusLength: 8192, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['encrypt']);`,
    { cpuMs: 300 },
  ),
  endsSomehow(
    'an RSA key whose exponent and modulus are huge',
    `const n = 'f'.repeat(1 << 20); await crypto.subtle.importKey('jwk', { kty: 'RSA', n, e: n }, { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['verify']);`,
  ),
  {
    // Of DSA, by each of its names: OpenSSL would compute the public number.
    name: 'private keys whose public number takes minutes to compute',
    node: true,
    head: `import { createPrivateKey } from 'node:crypto';`,
    code: `const der = (tag, ...parts) => { const all = parts.flat(); return [tag, 0x83, all.length >> 16, (all.length >> 8) & 255, all.length & 255, ...all]; };
      const number = (size) => der(2, Array(size).fill(127));
      const how = [];
      for (const kind of [[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1], [0x2b, 14, 3, 2, 12]]) {
        const key = Uint8Array.from(der(0x30, der(2, 0), der(0x30, der(6, kind), der(0x30, number(12000), number(20), number(20))), der(4, number(12000))));
        const pem = '-----BEGIN PRIVATE KEY-----\\n' + key.toBase64().match(/.{1,64}/g).join('\\n') + '\\n-----END PRIVATE KEY-----\\n';
        how.push(await $later(() => crypto.subtle.importKey('pkcs8', key, { name: 'RSA-PSS', hash: 'SHA-1' }, true, ['sign'])),
          $try(() => createPrivateKey({ key, format: 'der', type: 'pkcs8' })), $try(() => createPrivateKey(pem)));
      }
      return how.join();`,
    answer: 'DataError,RangeError,RangeError,DataError,RangeError,RangeError',
    cpuMs: 2000,
  },
  {
    name: 'names of curves and algorithms that are numbers without end',
    node: true,
    head: `import * as node from 'node:crypto';`,
    code: `const name = '1.2.' + '9'.repeat(400000), x = 'A'.repeat(43);
      const pair = node.generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return [() => node.createECDH(name), () => node.createPublicKey({ key: { kty: 'EC', crv: name, x, y: x }, format: 'jwk' }),
        () => node.generateKeyPairSync('ec', { namedCurve: name }), () => node.ECDH.convertKey('04', name, 'hex'),
        () => node.createHash(name), () => node.createHmac(name, 'a'), () => node.createSign(name), () => node.createCipheriv(name, x, x),
        () => node.pbkdf2Sync('a', 'b', 1, 1, name), () => node.hkdfSync(name, 'a', 'b', 'c', 1), () => node.getDiffieHellman(name),
        () => node.generateKeyPairSync('rsa-pss', { modulusLength: 512, hashAlgorithm: name }), () => node.createPublicKey({ key: { kty: 'OKP', crv: name, x }, format: 'jwk' }),
        () => pair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: name, passphrase: 'a' }),
      ].map($try).filter((how) => !/Error$/.test(how)).length + ' were taken';`,
    answer: '0 were taken',
    cpuMs: 2000,
  },
  endsSomehow(
    'a digest of all that a Worker may hold, again and again',
    `const b = new Uint8Array(60 << 20); for (;;) await crypto.subtle.digest('SHA-512', b);`,
    { answer: kLimit, cpuMs: 300 },
  ),
  endsSomehow('a regular expression that never ends', `/^(a+)+$/.test('a'.repeat(60) + 'b');`, {
    answer: kLimit,
    cpuMs: 200,
  }),
  ...(
    [
      ['normalized', `${marks}.normalize()`],
      ['compared', `('a' + ${marks}).localeCompare('b' + ${marks})`],
      ['compared by a collator', `new Intl.Collator('de').compare(${marks}, ${marks} + 'a')`],
    ] as const
  ).map(([how, call]) =>
    endsSomehow(`a hundred thousand combining marks in a row, ${how}`, `${call};`, {
      answer: 'ended: RangeError',
    }),
  ),
  endsSomehow(
    'a search for the last place of a text that is almost found everywhere',
    `const text = 'a'.repeat(5000000); text.lastIndexOf('a'.repeat(500000) + 'b');`,
  ),
  endsSomehow(
    'a sort whose comparison never agrees',
    `const a = Array.from({ length: 1e7 }, Math.random); for (;;) a.sort(() => Math.random() - 0.5);`,
    { answer: kLimit, cpuMs: 300 },
  ),
  endsSomehow(
    'a search in bytes that never ends',
    `const b = Buffer.alloc(60 << 20, 'a'); for (;;) b.indexOf('a'.repeat(30 << 20) + 'b');`,
    { head: nodeImports, node: true, answer: kLimit, cpuMs: 300 },
  ),
  endsSomehow(
    "Node's compression at its slowest",
    `const b = Buffer.alloc(50 << 20, 'abcdefg'); for (;;) zlib.brotliCompressSync(b, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } });`,
    { head: nodeImports, node: true, answer: kLimitOrException, cpuMs: 300 },
  ),
  endsSomehow(
    "Node's texts without end",
    `const s = ${long(511)}; for (const f of [() => Buffer.from(s), () => Buffer.byteLength(${long(200, 'é')}), () => util.inspect(s), () => util.format('%s%s', s, s), () => qs.parse(s), () => qs.escape(${long(60, 'é')}), () => path.join(s, s), () => path.relative(${long(9, '/a')}, ${long(9, '/b')}), () => url.parse('http://' + ${long(30)}), () => Buffer.from(${long(100, 'A')}, 'base64'), () => Buffer.alloc(60 << 20).toString('hex'), () => fs.writeFileSync('/tmp/a', s), () => zlib.gzipSync(s), () => util.stripVTControlCharacters(${long(60)}), () => util.styleText('red', s)]) $try(f);`,
    { head: nodeImports, node: true, cpuMs: 500 },
  ),
  endsSomehow(
    "Node's files beyond all memory",
    `for (let i = 0; i < 1e6; i++) fs.writeFileSync('/tmp/f' + i, 'x'.repeat(1e5));`,
    { head: nodeImports, node: true, cpuMs: 500 },
  ),
  endsSomehow(
    "Node's folders, links and descriptors without end",
    `let p = '/tmp'; for (let i = 0; i < 5000; i++) { p += '/d'; fs.mkdirSync(p); } $try(() => fs.rmSync('/tmp/d', { recursive: true })); fs.symlinkSync('/tmp/l', '/tmp/l'); $try(() => fs.readFileSync('/tmp/l')); $try(() => fs.realpathSync('/tmp/l')); for (let i = 0; i < 1e6; i++) fs.openSync('/tmp/o' + (i % 7), 'w');`,
    { head: nodeImports, node: true, cpuMs: 500 },
  ),
  endsSomehow(
    'WebAssembly that grows its memory without end',
    `const m = new WebAssembly.Memory({ initial: 1, maximum: 65536 }); for (;;) m.grow(1);`,
  ),
  endsSomehow(
    'a table and globals of WebAssembly without end',
    `const t = new WebAssembly.Table({ initial: 1, element: 'anyfunc' }); for (;;) t.grow(1e6);`,
  ),
  endsSomehow(
    'Atomics that wait',
    `Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0); `,
  ),
  endsSomehow(
    'Atomics that wait asynchronously',
    `const { value } = Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(8)), 0, 0, 1e9); await value;`,
  ),
  endsSomehow('a BigInt without end', `let n = 2n ** 1000000n; for (;;) n *= n;`, {
    answer: /^ended: RangeError|^error code: 1102/,
  }),
  endsSomehow(
    'dates and formats without end',
    `for (let i = 0; i < 1e6; i++) { new Intl.DateTimeFormat('de', { timeZone: 'Europe/Berlin' }).format(i); 'x'.normalize('NFKD'); 'ä'.localeCompare('a', 'de'); }`,
    { answer: kLimit, cpuMs: 300 },
  ),
  endsSomehow(
    'fetches without end',
    `const all = []; for (let i = 0; i < 2000; i++) all.push(fetch('http://127.0.0.1:1/' + i).catch((e) => e)); const got = await Promise.all(all); throw got[1999];`,
    { cpuMs: 500 },
  ),
  endsSomehow(
    'waitUntil() without end',
    `for (let i = 0; i < 1e6; i++) ctx.waitUntil(new Promise(() => {}));`,
    { cpuMs: 500 },
  ),
];
