// node --expose-internals src/runtime/node/build.mjs OUTDIR
//
// Takes Node's own library out of the Node binary that runs this:
//
//   OUTDIR/library/ID.js   each module that a Worker may come to use: a function
//                          body in ASCII, which C++ compiles with the parameters
//                          that Node gives it (ops/node/node_ops.cc)
//   OUTDIR/facts.json      what that library expects of its native side and is the
//                          same wherever it runs: constants, names, options
//
// What the platform has itself, or has no use for, is left out; realm.ts says
// what stands in its place.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const outputs = process.argv[2];
if (outputs === undefined) {
  console.error('usage: node --expose-internals build.mjs OUTDIR');
  process.exit(2);
}
const require = createRequire(import.meta.url);
const { internalBinding } = require('internal/test/binding');

// Parts of Node's program that no library module needs.
const unused = [
  /^configs$/,
  /^bench/,
  /^dtls/,
  /^ffi/,
  /^internal\/(bench_runner|bootstrap|debugger|dtls|ffi|main|quic|test|test_runner|v8_prof)\b/,
  /^internal\/(v8_prof_polyfill|watch_mode|webstorage|webworker|legacy)\b/,
  /^internal\/repl(\/(await|completion|highlight|utils))?$/,
  /^internal\/deps\/(amaro|cjs-module-lexer|undici|v8)\b/,
  /^internal\/modules\/esm\b/,
  /^(quic|sea|test)\b/,
];

// V8 uses a source where it lies only when each character has one byte. Those that
// have not stand in strings, regular expressions and comments.
function toAscii(source) {
  return source.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

async function writeLibrary() {
  const { natives } = internalBinding('builtins');
  const ids = Object.keys(natives).filter((id) => !unused.some((pattern) => pattern.test(id)));
  const folder = join(outputs, 'library');
  await rm(folder, { recursive: true, force: true });
  for (const id of ids) {
    const file = join(folder, `${id}.js`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, toAscii(natives[id]));
  }
}

// Numbers of a binding, by name.
function numbers(binding) {
  return Object.fromEntries(
    Object.entries(binding).filter(([, value]) => typeof value === 'number'),
  );
}

// Options that are off or empty need no mention: an option that is not known is
// undefined. Those of this very run are no part of the facts.
function options() {
  const ours = ['--expose-internals', '--node-snapshot', '--v8-pool-size'];
  return Object.fromEntries(
    Object.entries(internalBinding('options').getCLIOptionsValues()).filter(
      ([name, value]) =>
        !name.startsWith('--no') &&
        !ours.includes(name) &&
        (value === true ||
          (typeof value === 'number' && value !== 0) ||
          name === '--tls-cipher-list'),
    ),
  );
}

// Modules of which a Worker has the names alone: each name, and what it stands for.
const nameOnly = [
  'child_process',
  'cluster',
  'dgram',
  'http2',
  'inspector',
  'inspector/promises',
  'module',
  'repl',
  'sqlite',
  'trace_events',
  'tty',
  'v8',
  'vm',
  'wasi',
  'worker_threads',
];

function kindOf(value) {
  if (typeof value === 'function')
    return /^class\b/.test(Function.prototype.toString.call(value)) ||
      Object.getOwnPropertyNames(value.prototype ?? {}).length > 1
      ? { kind: 'class' }
      : { kind: 'function' };
  try {
    const text = JSON.stringify(value);
    return text === undefined ? { kind: 'value' } : { kind: 'value', value: JSON.parse(text) };
  } catch {
    return { kind: 'value' };
  }
}

function namesOf(id) {
  const exports = require(`node:${id}`);
  return Object.fromEntries(Object.keys(exports).map((name) => [name, kindOf(exports[name])]));
}

// node:crypto defines one of them itself, and has done so here.
function allConstants() {
  const { crypto, ...others } = internalBinding('constants');
  const { defaultCipherList: _, ...numbersOfCrypto } = crypto;
  return { ...others, crypto: numbersOfCrypto };
}

// The OpenSSL of this binary is the one that Workers find.
function cryptoFacts() {
  const binding = internalBinding('crypto');
  return {
    constants: numbers(binding),
    functions: Object.keys(binding).filter((name) => typeof binding[name] === 'function'),
    ciphers: binding.getCiphers(),
    curves: binding.getCurves(),
    hashes: binding.getHashes(),
    macs: binding.getMacs(),
    sslCiphers: binding.getSSLCiphers(),
    pqcKeyTypes: binding.getPqcKeyTypes(),
    securityLevel: binding.getOpenSSLSecLevelCrypto(),
  };
}

// JSON has no name for infinity, but numbers that are as much.
function toJson(facts) {
  const mark = 'infinity, to be written as a number';
  const text = JSON.stringify(facts, (_, value) => (value === Infinity ? mark : value));
  return text.replaceAll(`"${mark}"`, '1e999');
}

async function writeFacts() {
  const uv = internalBinding('uv');
  const { constants, Providers } = internalBinding('async_wrap');
  const { encodings, ...decoder } = internalBinding('string_decoder');
  const { allMethods, HTTPParser, methods } = internalBinding('http_parser');
  const facts = {
    constants: allConstants(),
    options: options(),
    versions: process.versions,
    release: { name: 'node', lts: process.release.lts },
    uv: { ...numbers(uv), errors: [...uv.getErrorMap()].map(([code, names]) => [code, ...names]) },
    asyncWrap: { constants, Providers },
    stringDecoder: { ...numbers(decoder), encodings },
    errors: { exitCodes: internalBinding('errors').exitCodes },
    util: { constants: internalBinding('util').constants },
    privateSymbols: Object.keys(internalBinding('util').privateSymbols),
    symbols: Object.keys(internalBinding('symbols')),
    httpParser: { allMethods, constants: numbers(HTTPParser), methods },
    caresWrap: numbers(internalBinding('cares_wrap')),
    performance: { constants: internalBinding('performance').constants },
    buffer: {
      kMaxLength: internalBinding('buffer').kMaxLength,
      kStringMaxLength: internalBinding('buffer').kStringMaxLength,
    },
    nameOnlyIds: nameOnly,
    nameOnly: Object.fromEntries(nameOnly.map((id) => [id, namesOf(id)])),
    crypto: cryptoFacts(),
    zlib: numbers(internalBinding('zlib')),
  };
  await writeFile(join(outputs, 'facts.json'), toJson(facts));
}

await mkdir(outputs, { recursive: true });
await writeLibrary();
await writeFacts();
