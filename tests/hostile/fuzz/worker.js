// A Worker that calls whatever it finds on its global object, and on each of Node's
// modules, with hostile values, in an order that a seed gives. It never looks at what
// comes back but to use it again: what is tested is that the host lives.
import * as sockets from 'cloudflare:sockets';
import * as workers from 'cloudflare:workers';
import asyncHooks from 'node:async_hooks';
import buffer from 'node:buffer';
import nodeCrypto from 'node:crypto';
import dns from 'node:dns';
import events from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import nodeModule from 'node:module';
import net from 'node:net';
import stream from 'node:stream';
import tls from 'node:tls';
import zlib from 'node:zlib';

const modules = [sockets, workers];
for (const name of nodeModule.builtinModules) modules.push(process.getBuiltinModule(name));

const { apply, construct, getPrototypeOf, getOwnPropertyDescriptor, ownKeys } = Reflect;
const { floor } = Math;
const defineProperty = Object.defineProperty;
const $Response = Response;
const $Promise = Promise;
const then = Promise.prototype.then;
const $setTimeout = setTimeout;
const $String = String;
const global = globalThis;

// What belongs to the language: V8's own loops over a length of 2^53 have no end.
const language =
  /^(Object|Function|Array|Number|parseFloat|parseInt|Infinity|NaN|undefined|Boolean|String|Symbol|Date|Promise|RegExp|.*Error|JSON|Math|Intl|ArrayBuffer|SharedArrayBuffer|Atomics|U?int\d+(Clamped)?Array|Uint8ClampedArray|Int\d+Array|Uint\d+Array|Float\d+Array|Big.*|DataView|Map|Set|Weak.*|Proxy|Reflect|FinalizationRegistry|Iterator|AsyncIterator|decodeURI.*|encodeURI.*|escape|unescape|eval|isFinite|isNaN|DisposableStack|AsyncDisposableStack|SuppressedError)$/;

const isObject = (value) =>
  typeof value === 'function' || (typeof value === 'object' && value !== null);

/**
 * The language's objects and their methods, by whatever way a walk comes to them: a
 * list of names in a module leads to Array.prototype.
 */
function languageObjects() {
  const found = new Set();
  const add = (object) => {
    for (let at = object; isObject(at) && !found.has(at); at = getPrototypeOf(at)) {
      found.add(at);
      for (const key of ownKeys(at)) {
        const { value, get, set } = getOwnPropertyDescriptor(at, key);
        for (const method of [value, get, set]) if (typeof method === 'function') found.add(method);
      }
    }
  };
  for (const name of ownKeys(global)) {
    if (!language.test($String(name))) continue;
    add(global[name]);
    add(global[name]?.prototype);
  }
  return found;
}

function fuzz(seed, steps) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => floor(random() * n);
  const pick = (list) => list[below(list.length)];

  const entries = [];
  const ofLanguage = languageObjects();
  const seen = new Set(ofLanguage);
  const walk = (object, depth) => {
    if (depth < 0 || !isObject(object) || seen.has(object)) return;
    seen.add(object);
    const keys = ownKeys(object);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const found = getOwnPropertyDescriptor(object, key);
      if (found === undefined) continue;
      const list = [found.value, found.get, found.set];
      for (let j = 0; j < 3; j++) {
        if (typeof list[j] === 'function' && key !== 'constructor' && !ofLanguage.has(list[j]))
          entries[entries.length] = { owner: object, f: list[j], key };
      }
      let value = found.value;
      try {
        if (found.get) value = object[key];
      } catch {}
      walk(value, depth - 1);
      if (isObject(value)) {
        const prototype = getPrototypeOf(value);
        if (prototype !== null && prototype !== Object.prototype && typeof value !== 'function')
          walk(prototype, depth - 1);
      }
    }
  };
  walk(global, 3);
  for (const module of modules) walk(module, 3);

  const nothing = () => {};
  const fail = () => {
    throw new EvalError('hostile');
  };
  let depth = 0;
  const again = (...args) => {
    if (depth > 3) return undefined;
    depth++;
    try {
      for (let i = 0; i < 2; i++) step();
      return args.length > 0 && random() < 0.5 ? args[0] : value();
    } finally {
      depth--;
    }
  };
  const bytesKept = [];
  const keep = (bytes) => {
    bytesKept[bytesKept.length % 32] = bytes;
    return bytes;
  };
  const takeAway = () => {
    try {
      const bytes = pick(bytesKept);
      const whole = bytes.buffer ?? bytes;
      if (whole.resizable) whole.resize(below(whole.maxByteLength + 1));
      else whole.transfer();
    } catch {}
  };
  const evil = (inner) =>
    new Proxy(
      typeof inner === 'function' || (typeof inner === 'object' && inner !== null) ? inner : {},
      {
        get(target, key, receiver) {
          const roll = below(12);
          if (roll === 0) return value();
          if (roll === 1) return fail();
          if (roll === 2) takeAway();
          if (roll === 3) again();
          return Reflect.get(target, key, receiver);
        },
        has: () => random() < 0.9,
        getPrototypeOf: (target) => (random() < 0.9 ? getPrototypeOf(target) : null),
      },
    );
  const numbers = [
    0,
    -0,
    1,
    2,
    7,
    8,
    16,
    64,
    255,
    256,
    65535,
    65536,
    1 << 20,
    -1,
    0.5,
    NaN,
    Infinity,
  ];
  const large = [
    -Infinity,
    2 ** 31,
    2 ** 31 - 1,
    2 ** 32,
    2 ** 32 - 1,
    2 ** 53,
    2 ** 53 - 1,
    1e308,
  ];
  const words =
    'gzip deflate deflate-raw brotli zstd utf-8 utf8 utf-16le gbk latin1 hex base64 base64url ascii ucs2 SHA-1 SHA-256 AES-GCM AES-CBC AES-CTR AES-KW HMAC HKDF PBKDF2 ECDSA ECDH P-256 P-521 Ed25519 X25519 RSA-OAEP RSA-PSS RSASSA-PKCS1-v1_5 raw jwk spki pkcs8 encrypt sign deriveBits wrapKey bytes byob http://a.test/b?c=d#e /tmp/x /tmp /bundle /dev/null .. a mark measure abort GET POST aes-256-gcm aes-128-cbc sha256 rsa rsa-pss ec ed25519 dsa dh prime256v1 modp14 pem der pkcs1 localhost a.test ::1 127.0.0.1 listening connect request text/plain multipart/form-data;boundary=x w+ r data error'.split(
      ' ',
    );
  const members =
    'name hash iv length counter salt info iterations namedCurve publicExponent modulusLength public label tagLength additionalData saltLength signal type pull start cancel write close abort transform flush size highWaterMark autoAllocateChunkSize mode min status headers method body duplex stream fatal ignoreBOM transfer detail startTime start end duration once capture passive preventClose preventAbort preventCancel redirect encoding flag flags recursive withFileTypes offset position level windowBits memLevel chunkSize maxOutputLength dictionary params kty k n e alg key_ops ext crv x y d depth showHidden compact colors objectMode read final construct destroy read write cipher passphrase padding oaepHash dsaEncoding authTagLength privateKey publicKey publicExponent divisorLength primeLength prime generator format cost N r maxmem host port path agent hostname servername family hints all lookup createConnection timeout keepAlive allowHalfOpen socket onread'.split(
      ' ',
    );
  const makers = [
    () => pick(numbers),
    () => (random() < 0.5 ? pick(large) : pick(numbers)),
    () => pick(words),
    () => pick(words),
    () => undefined,
    () => null,
    () => random() < 0.5,
    () => pick([1n, -1n, 2n ** 64n]),
    () => pick([Symbol('s'), Symbol.iterator, Symbol.toPrimitive]),
    () => pick(['', '\ud800', 'é€😀', '\0', 'x'.repeat(below(70000)), '%', '\r\n', '--x--']),
    () => keep(new Uint8Array(below(300))),
    () => keep(new Uint8Array(below(100000))),
    () =>
      keep(
        new (pick([Int8Array, Uint16Array, Float64Array, BigInt64Array, Uint8ClampedArray]))(
          below(64),
        ),
      ),
    () => keep(new DataView(new ArrayBuffer(64), below(32))),
    () => keep(new ArrayBuffer(below(64), { maxByteLength: 64 + below(5000) })),
    () => keep(new Uint8Array(new ArrayBuffer(64, { maxByteLength: 4096 }), below(64))),
    () => new Uint8Array(new SharedArrayBuffer(below(64), { maxByteLength: 64 })),
    () => new Uint8Array(new WebAssembly.Memory({ initial: 1, maximum: 4 }).buffer, below(65536)),
    () =>
      pick([
        nothing,
        fail,
        again,
        () => value(),
        () => takeAway(),
        async () => again(),
        async () => fail(),
      ]),
    () => ({ valueOf: again, toString: () => (takeAway(), pick(words)) }),
    () => ({ [Symbol.toPrimitive]: () => (takeAway(), pick(numbers)) }),
    // biome-ignore lint/suspicious/noThenProperty: thenables are what it is about
    () => ({ then: pick([nothing, fail, again, (yes) => yes(value())]) }),
    () => ({
      *[Symbol.iterator]() {
        for (let i = below(5); i > 0; i--) yield value();
      },
    }),
    () => ({
      async *[Symbol.asyncIterator]() {
        for (let i = below(5); i > 0; i--) yield value();
      },
    }),
    () => dictionary(),
    () => dictionary(),
    () => [value(), value()],
    () => [
      [pick(words), pick(words)],
      [pick(words), value()],
    ],
    () =>
      pick([
        ['sign', 'verify'],
        ['encrypt', 'decrypt'],
        ['deriveBits', 'deriveKey'],
        ['wrapKey', 'unwrapKey'],
      ]),
    () => new Map([[pick(words), value()]]),
    () => new Set([value()]),
    () =>
      pick([
        new Date(0),
        new Date(NaN),
        /x/g,
        new Error('e'),
        new EvalError('f', { cause: value() }),
      ]),
    () => evil(value()),
    () => pick([Promise.resolve(1), new Promise(nothing), $Promise.resolve().then(again)]),
  ];
  const results = [];
  const value = () => {
    if (results.length > 0 && random() < 0.35) return pick(results);
    return depth > 6 ? 0 : deeper(() => pick(makers)());
  };
  const deeper = (make) => {
    depth++;
    try {
      return make();
    } finally {
      depth--;
    }
  };
  const dictionary = () => {
    const made = {};
    for (let i = below(5); i >= 0; i--) {
      const key = pick(members);
      if (random() < 0.15)
        defineProperty(made, key, {
          configurable: true,
          enumerable: true,
          get: pick([fail, again, () => (takeAway(), value())]),
        });
      else made[key] = value();
    }
    return made;
  };
  // An object that has `owner` as its prototype, if there is one among the results.
  const instanceOf = (owner) => {
    for (let tries = 0; tries < 8 && results.length > 0; tries++) {
      const candidate = pick(results);
      for (let at = candidate, i = 0; isObject(at) && i < 5; i++) {
        try {
          at = getPrototypeOf(at);
        } catch {
          break;
        }
        if (at === owner) return candidate;
      }
    }
    return random() < 0.8 ? owner : value();
  };
  const remember = (result) => {
    if (!isObject(result)) return;
    results[results.length < 96 ? results.length : below(96)] = result;
    try {
      if (result instanceof $Promise)
        apply(then, result, [(settled) => remember(settled), nothing]);
    } catch {}
  };
  const step = () => {
    const { owner, f, key } = pick(entries);
    const args = [];
    for (let i = below(5); i > 0; i--) args[args.length] = value();
    try {
      const roll = random();
      if (roll < 0.25 && typeof key === 'string' && /^[A-Z]/.test(key)) {
        remember(roll < 0.02 ? construct(f, args, pick(entries).f) : construct(f, args));
      } else remember(apply(f, instanceOf(owner), args));
    } catch {}
    if (random() < 0.001) {
      // A builtin that is no longer what it was.
      try {
        const target = pick([
          Array.prototype,
          Promise.prototype,
          Uint8Array.prototype,
          Map.prototype,
          Object.prototype,
          ArrayBuffer.prototype,
          Response.prototype,
          ReadableStream.prototype,
        ]);
        const name = pick(ownKeys(target));
        defineProperty(target, name, {
          configurable: true,
          writable: true,
          value: pick([again, fail, nothing]),
        });
      } catch {}
    }
  };
  // What few random calls would make: things to call methods of.
  const begin = [
    () => new ReadableStream({ type: 'bytes', pull: (c) => again(c), cancel: again }),
    () => new ReadableStream({ start: again, pull: again, cancel: again }, { size: again }),
    () => new WritableStream({ write: again, close: again, abort: again }),
    () => new TransformStream({ transform: again, flush: again }),
    () => new $Response('body'),
    () => new Request('http://a.test', { method: 'POST', body: new Uint8Array(9) }),
    () => new CompressionStream('gzip'),
    () => new crypto.DigestStream('SHA-1'),
    () => new Blob(['a', new Uint8Array(9)]),
    () => new FormData(),
    () => new MessageChannel().port1,
    () => new AbortController().signal,
    () => new EventTarget(),
    () => new TextDecoder('gbk'),
    () => new URL('http://a.test/?a=b'),
    () =>
      crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, [
        'encrypt',
        'decrypt',
        'wrapKey',
        'unwrapKey',
      ]),
    () => crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-1' }, true, ['sign', 'verify']),
    () => crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']),
    () => zlib.createGzip(),
    () => zlib.createBrotliDecompress(),
    () => zlib.createZstdCompress()._handle,
    () => fs.createWriteStream('/tmp/x'),
    () => fs.promises.open('/tmp/y', 'w+'),
    () => new stream.Transform({ transform: again }),
    () => new events.EventEmitter(),
    () => buffer.Buffer.from('abc'),
    () => new asyncHooks.AsyncLocalStorage(),
    () => nodeCrypto.createHash('sha256'),
    () => nodeCrypto.createHmac('sha256', 'key'),
    () => nodeCrypto.createCipheriv('aes-256-gcm', new Uint8Array(32), new Uint8Array(12)),
    () => nodeCrypto.createDecipheriv('aes-128-cbc', new Uint8Array(16), new Uint8Array(16)),
    () => nodeCrypto.createSign('sha256'),
    () => nodeCrypto.createVerify('sha256'),
    () => nodeCrypto.createSecretKey(new Uint8Array(16)),
    () => nodeCrypto.generateKeyPairSync('ed25519').privateKey,
    () => nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey,
    () => nodeCrypto.createECDH('prime256v1'),
    () => nodeCrypto.getDiffieHellman('modp14'),
    () => new dns.Resolver(),
    () => http.createServer(again).listen(8080),
    () => http.request('http://localhost:8080/', again),
    () => net.createServer(again).listen(8081),
    () => net.connect(8081, again),
    () => net.connect(1, 'a.test'),
    () => tls.connect(1, 'a.test'),
    () => new net.BlockList(),
  ];
  for (let i = 0; i < begin.length; i++) {
    try {
      remember(begin[i]());
    } catch {}
  }
  return new $Promise((resolve) => {
    let left = steps;
    const some = () => {
      try {
        for (let i = 0; i < 100 && left > 0; i++, left--) step();
      } catch {}
      if (left > 0) $setTimeout(some, 0);
      else resolve(entries.length);
    };
    some();
  });
}

export default {
  async fetch(request) {
    const [, seed, steps] = request.url.match(/\/(\d+)\/(\d+)$/);
    return new $Response(`${await fuzz(+seed, +steps)} callables`);
  },
};
