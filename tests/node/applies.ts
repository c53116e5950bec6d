// Which of Node's own tests can run in a Worker at all. A test that cannot is left
// out for one of these reasons; the suite prints how many there are of each.

/** Modules whose tests run, as their files are named: test-MODULE-….js. */
export const modules: readonly string[] = [
  'assert',
  'async-local-storage',
  'asyncresource',
  'async-hooks',
  'btoa-atob',
  'console',
  'crypto',
  'dns',
  'domain',
  'blocklist',
  'buffer',
  'diagnostics-channel',
  'event',
  'eventtarget',
  'events',
  'fs',
  'http',
  'https',
  'net',
  'next-tick',
  'module-builtin',
  'module-create-require',
  'module-isBuiltin',
  'os',
  'path',
  'perf-hooks',
  'performance',
  'performanceobserver',
  'process-emitwarning',
  'process-hrtime',
  'process-next-tick',
  'process-versions',
  'promises-unhandled',
  'punycode',
  'querystring',
  'readline',
  'socketaddress',
  'stream',
  'stream2',
  'stream3',
  'streams',
  'string-decoder',
  'timers',
  'url',
  'util',
  'webcrypto',
  'whatwg-url-custom',
  'zlib',
];

interface Reason {
  readonly why: string;
  /** Matched against the test's text. */
  readonly pattern: RegExp;
}

const reasons: readonly Reason[] = [
  {
    why: "looks into Node's internals",
    pattern: /Flags:.*--expose[-_]internals|internalBinding|process\.binding/,
  },
  { why: 'needs a flag of V8 or Node', pattern: /\/\/ Flags: / },
  {
    why: 'starts processes',
    pattern:
      /require\(['"](node:)?child_process['"]\)|spawnPromisified|process\.execPath|childShouldThrow/,
  },
  { why: 'starts threads', pattern: /require\(['"](node:)?worker_threads['"]\)/ },
  { why: 'starts a cluster', pattern: /require\(['"](node:)?cluster['"]\)/ },
  { why: 'needs another realm', pattern: /require\(['"](node:)?vm['"]\)/ },
  {
    why: 'asks a DNS server of its own, or one of the Internet',
    pattern: /common\/(dns|internet)['"]|require\(['"](node:)?dgram['"]\)/,
  },
  { why: 'speaks HTTP/2', pattern: /require\(['"](node:)?http2['"]\)/ },
  {
    why: 'serves TLS',
    pattern: /require\(['"](node:)?(https|tls)['"]\)[\s\S]*(\.listen\(|createServer\()/,
  },
  {
    why: 'races the clock against connections',
    pattern:
      /require\(['"](node:)?(http|https|net)['"]\)[\s\S]*(\.setTimeout\(|\btimeout: |keepAliveTimeout|headersTimeout|requestTimeout|connectionsCheckingInterval)/,
  },
  {
    why: 'watches files or reads what Linux tells of a process',
    pattern: /\b(watch|watchFile|unwatchFile)\(|['"]\/proc\//,
  },
  {
    why: 'uses a terminal',
    pattern: /require\(['"](node:)?(repl|tty)['"]\)|process\.(stdin|stdout|stderr)/,
  },
  { why: "uses Node's inspector", pattern: /require\(['"](node:)?inspector['"]\)/ },
  { why: "uses Node's test runner", pattern: /require\(['"]node:test['"]\)/ },
  { why: 'compiles code from strings', pattern: /\beval\(|new Function\(/ },
  {
    why: 'waits for a clock, which stands still while a Worker computes',
    pattern: /while \(Date\.now\(\)|busyLoop|\+new Date\(\)/,
  },
  {
    why: "reads Node's fixtures",
    pattern: /common\/(wpt|inspector-helper)['"]|\.\.\/\.\.\/deps/,
  },
  { why: 'ends the process', pattern: /process\.(exit|abort|kill)\(/ },
];

/** Why the test with this text cannot run in a Worker; undefined: it can. */
export function whyNot(text: string): string | undefined {
  return reasons.find(({ pattern }) => pattern.test(text))?.why;
}

export const isOfModule = (file: string) =>
  modules.some((module) => file.startsWith(`test-${module}-`) || file === `test-${module}.js`);
