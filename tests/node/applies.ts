// Which of Node's own tests can run in a Worker at all. A test that cannot is left
// out for one of these reasons; the suite prints how many there are of each.

/** Modules whose tests run, as their files are named: test-MODULE-….js. */
export const modules: readonly string[] = [
  'abortcontroller',
  'aborted',
  'abortsignal',
  'assert',
  'async-local-storage',
  'asyncresource',
  'async-hooks',
  'async-wrap',
  'atomics',
  'blob',
  'broadcastchannel',
  'btoa-atob',
  'console',
  'crypto',
  'c-ares',
  'client-request',
  'dns',
  'domain',
  'domexception',
  'emit',
  'error',
  'errors',
  'blocklist',
  'buffer',
  'diagnostics-channel',
  'event',
  'eventemitter',
  'eventtarget',
  'events',
  'exception-handler',
  'exception-handler2',
  'file',
  'filehandle',
  'fs',
  'global',
  'handle-wrap',
  'http',
  'https',
  'icu',
  'instanceof',
  'messageevent',
  'messageport',
  'messaging',
  'microtask-queue',
  'mime',
  'net',
  'nodeeventtarget',
  'outgoing-message',
  'parse-args',
  'next-tick',
  'module-builtin',
  'module-create-require',
  'module-isBuiltin',
  'os',
  'path',
  'perf-hooks',
  'performance',
  'performanceobserver',
  'pipe',
  'process',
  'promise',
  'promises',
  'punycode',
  'querystring',
  'queue-microtask',
  'readable',
  'readline',
  'regression',
  'set',
  'socket',
  'socketaddress',
  'stream',
  'stream2',
  'stream3',
  'streams',
  'string-decoder',
  'stringbytes',
  'structuredClone',
  'sync',
  'sys',
  'tcp',
  'timer',
  'timers',
  'tls',
  'tojson',
  'url',
  'utf8',
  'util',
  'warn',
  'webcrypto',
  'webstream',
  'webstreams',
  'whatwg',
  'x509',
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
  { why: 'needs a flag of V8 or Node', pattern: /\/\/ Flags: |setFlagsFromString/ },
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
    why: 'trusts a certificate of its own, or shows one',
    pattern:
      /require\(['"](node:)?tls['"]\)[\s\S]*(readKey|fixtures\.readSync|tls-connect)|tls-connect['"]/,
  },
  { why: 'is another test with a flag of TLS', pattern: /require\('\.\/test-tls-/ },
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
  {
    why: "uses mocks of Node's test runner",
    pattern:
      /require\(['"]node:test['"]\)[\s\S]*\bmock\b|\bmock\b[\s\S]*require\(['"]node:test['"]\)/,
  },
  { why: 'compiles code from strings', pattern: /\beval\(|new Function\(/ },
  {
    why: 'waits for a clock, which stands still while a Worker computes',
    pattern: /while \(Date\.now\(\)|busyLoop|\+new Date\(\)/,
  },
  { why: 'holds a timer to ten milliseconds', pattern: /ALLOWED_MARGIN/ },
  {
    why: "reads Node's fixtures",
    pattern: /common\/(wpt|inspector-helper)['"]|\.\.\/\.\.\/deps/,
  },
  { why: 'ends the process', pattern: /process\.(exit|abort|kill)\(/ },
  {
    why: 'says who runs a process',
    pattern: /process\.(set(e?[ug]id|groups)|initgroups)\(/,
  },
  { why: 'asks what keeps a process alive', pattern: /getActive(Handles|Requests|Resources)/i },
  { why: 'reads the sources of Node', pattern: /doc['"], 'api'|icu_versions|gypi/ },
];

/** Why the test with this text (a script) cannot run in a Worker; undefined: it can. */
export function whyNot(text: string): string | undefined {
  return reasons.find(({ pattern }) => pattern.test(text))?.why;
}

export const isOfModule = (file: string) =>
  modules.some(
    (module) =>
      file.startsWith(`test-${module}-`) || file === `test-${module}.${file.split('.').at(-1)}`,
  );
