// Script puts a function in the place of a class's base, which the constructor's super()
// then calls. It must be given nothing that is the platform's own: neither what makes
// objects of the platform, nor their state.
import { exporting, type HostileCase } from './case.ts';

/** `$replace(C, …)` has super() in C call a function, which notes in `told` what it gets. */
const replacing = `
  import * as $perf from 'node:perf_hooks';
  const told = [];
  const $init = { detail: 1, promise: Promise.resolve() };
  const $kind = (value) => value === $init ? 'init' : typeof value === 'string' ? value : typeof value;
  const $replace = (C, make = () => ({})) => {
    const base = Object.getPrototypeOf(C);
    Object.setPrototypeOf(C, function (...args) {
      told.push(args.map($kind).join('+') || 'nothing');
      return make(base, args, new.target);
    });
  };`;

const resource =
  "performance.markResourceTiming({ startTime: 1, endTime: 2 }, 'http://a/', 'fetch', globalThis, '')";

/** A class whose base is replaced, and what makes objects of it. */
interface Derived {
  readonly of: string;
  readonly made: readonly string[];
  /** What the base may be given each time. */
  readonly told?: string;
}

const derived: readonly Derived[] = [
  {
    of: 'File',
    made: [
      "new File(['a'], 'b')",
      'structuredClone($file)',
      "new FormData().append('a', $file, 'b')",
      `new Response('--x\\r\\nContent-Disposition: form-data; name="a"; filename="b"\\r\\n\\r\\n\\r\\n--x--', { headers: { 'content-type': 'multipart/form-data; boundary=x' } }).formData()`,
    ],
  },
  { of: 'PerformanceMark', made: ["new PerformanceMark('a')", "performance.mark('a')"] },
  { of: 'PerformanceMeasure', made: ["performance.measure('a')"] },
  {
    of: '$perf.PerformanceResourceTiming',
    made: [resource],
    told: 'symbol+http://a/+resource',
  },
  {
    of: '$nodeEntry.constructor',
    made: ['$timed()'],
  },
  { of: 'IdentityTransformStream', made: ['new IdentityTransformStream()'] },
  { of: 'FixedLengthStream', made: ['new FixedLengthStream(1)'] },
  { of: 'CustomEvent', made: ["new CustomEvent('a', $init)"], told: 'a+init' },
  { of: 'ErrorEvent', made: ["new ErrorEvent('a', $init)"], told: 'a+init' },
  { of: 'PromiseRejectionEvent', made: ["new PromiseRejectionEvent('a', $init)"], told: 'a+init' },
  { of: 'CloseEvent', made: ["new CloseEvent('a', $init)"], told: 'a+init' },
  { of: 'MessageEvent', made: ["new MessageEvent('a', $init)"], told: 'a+init' },
  { of: 'MessageEvent', made: ['$posted()'], told: 'message+undefined' },
  { of: 'MessagePort', made: ['new MessageChannel()'], told: 'nothing' },
  {
    of: 'AbortSignal',
    made: [
      'new AbortController().signal',
      'AbortSignal.abort()',
      'AbortSignal.timeout(1)',
      'AbortSignal.any([])',
      "new Request('http://a/').signal",
    ],
  },
  { of: 'WebSocket', made: ['new WebSocketPair()[0]', "new WebSocket('http://a/')"] },
  { of: 'EventSource', made: ['EventSource.from(new ReadableStream())'] },
];

/** What the cases make beforehand, or in more than one step. */
const helpers = `
  const $file = new File(['a'], 'b');
  const $seen = [];
  new PerformanceObserver((list) => $seen.push(...list.getEntries())).observe({ entryTypes: ['function'] });
  const $timed = $perf.performance.timerify(() => {});
  $timed();
  await 0;
  await new Promise((resolve) => setTimeout(resolve, 1));
  const $nodeEntry = $seen[0];
  const $posted = async () => {
    const { port1, port2 } = new MessageChannel();
    port2.start();
    port1.postMessage(1);
    for (let i = 0; i < 100 && told.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 1));
  };`;

const eachClass = derived.map(({ of, made, told = 'nothing' }): HostileCase => {
  const calls = made.map((make) => `await $later(() => ${make});`).join('\n');
  return {
    name: `what stands in the place of the base of ${of} gets nothing of the platform: ${made[0]}`,
    node: true,
    head: replacing,
    code: `${helpers}
      $replace(${of});
      ${calls}
      return [...new Set(told)].join();`,
    answer: told,
  };
});

// The head of a second answer, which a client that keeps its connection would take for one
// that it asked for.
const second = 'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nforged';

/** Has what the place of a base is given make a Blob of what is no type. */
const forging = (of: string, made: string): HostileCase => ({
  name: `no answer is forged with what ${of} gives away`,
  node: true,
  head: replacing,
  ...exporting(`export default { async fetch() {
    const tokens = [];
    $replace(${of}, (base, args) => { tokens.push(...args.filter((a) => typeof a === 'symbol')); return {}; });
    await $later(() => ${made});
    for (const token of [...tokens, undefined]) {
      try {
        const type = 'a/b\\r\\nContent-Length: 0\\r\\n\\r\\n${second}';
        return new $R(new Blob(token, { bytes: new Uint8Array(0), type }));
      } catch {}
    }
  } };`),
  answer: '',
});

export const bases: readonly HostileCase[] = [
  ...eachClass,
  forging('File', "new File([], 'a')"),
  forging('$perf.PerformanceResourceTiming', resource),
  {
    name: 'a class whose base is replaced by one that makes the object makes it as ever',
    head: replacing.replace(/import.*/, ''),
    code: `const make = (base, args, target) => Reflect.construct(base, args, target);
      for (const C of [File, FixedLengthStream, IdentityTransformStream, PerformanceMark]) $replace(C, make);
      const file = new File(['abc'], 'name', { type: 'A/B', lastModified: 5 });
      const { readable, writable } = new FixedLengthStream(2);
      const writer = writable.getWriter();
      writer.write(new Uint8Array([104, 105]));
      writer.close();
      return [await file.text(), file.name, file.type, file.lastModified, await new Response(readable).text(),
        performance.mark('mark').name, new PerformanceMark('other', { startTime: 7 }).startTime, ...told].join();`,
    answer: 'abc,name,a/b,5,hi,mark,7,nothing,nothing,nothing,nothing,nothing',
  },
  {
    name: "what a constructor was about to hand to its base is nobody else's",
    code: `const other = (C) => { Object.setPrototypeOf(C, function () { throw new Error('no'); }); };
      [File, FixedLengthStream, IdentityTransformStream, PerformanceMark].forEach(other);
      const refused = [$try(() => new File(['secret'], 'a')), $try(() => new FixedLengthStream(5)),
        $try(() => new IdentityTransformStream()), $try(() => new PerformanceMark('a'))];
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      writer.write(new Uint8Array([104, 105]));
      writer.close();
      return [...refused, await new Blob(['mine']).text(), await new Response(readable).text(),
        $try(() => new PerformanceEntry())].join();`,
    answer: 'Error,Error,Error,Error,mine,hi,TypeError',
  },
  {
    name: 'what a constructor hands to its base is taken once',
    code: `const made = [];
      Object.setPrototypeOf(File, function () { made.push(new Blob(['one']), new Blob(['two'])); return {}; });
      const file = new File(['secret'], 'a');
      return [file instanceof Blob, $try(() => new FormData().append('a', file, 'b')),
        ...await Promise.all(made.map((blob) => blob.text()))].join();`,
    answer: 'false,TypeError,secret,two',
  },
  {
    name: 'the sink that DigestStream gives its base may be called at any time',
    code: `let sink;
      $replace(crypto.DigestStream, (base, args) => { sink = args[0]; told.push($try(() => sink.write('a'))); return {}; });
      const stream = new crypto.DigestStream('SHA-256');
      told.push($try(() => sink.write('a')), $try(() => sink.close()), $try(() => sink.close()), $try(() => sink.write('a')));
      sink.abort();
      return told.join();`,
    head: replacing.replace(/import.*/, ''),
    answer: 'object,TypeError,done,done,TypeError,TypeError',
  },
  {
    name: "Node's symbol for entries of resources makes none",
    node: true,
    head: replacing,
    code: `let token;
      const base = Object.getPrototypeOf($perf.PerformanceResourceTiming);
      $replace($perf.PerformanceResourceTiming, (base, args) => { token = args[0]; return {}; });
      ${resource};
      Object.setPrototypeOf($perf.PerformanceResourceTiming, base);
      return [typeof token, $try(() => new $perf.PerformanceResourceTiming(token, 'a', 'resource')),
        $try(() => new PerformanceEntry(token, 'a', 'mark')), ${resource}.name].join();`,
    answer: 'symbol,TypeError,TypeError,http://a/',
  },
];
