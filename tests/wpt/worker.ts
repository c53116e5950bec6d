// Makes a Worker of one file of the Web Platform Tests. It runs the harness and
// the file when it is asked, and answers with every subtest's outcome in JSON.
//
// The scripts share one scope, as they would in a page, but it is a function's,
// in a module: strict, without eval, and only entered by a request, since a
// Worker may wait for nothing while it starts. Nothing in it is Caravel's own: other
// runtimes run the same modules (tests/wpt/compare.ts).
import path from 'node:path';
import { esModule, type Module } from '../../tools/platform/platform.ts';
import { variantOf } from './applies.ts';
import { exists, read } from './sources.ts';

/** What the Worker answers. `status` 0 is a pass (testharness.js, Test.statuses). */
export interface Outcome {
  readonly finished: boolean;
  readonly tests: readonly {
    readonly name: string;
    readonly status: number;
    readonly message: string | null;
  }[];
}

/** Where the package keeps the parser that tests name by another path. */
const idlParser = 'resources/webidl2/lib/webidl2.js';

function resolveIn(file: string, url: string): string {
  if (url === '/resources/WebIDLParser.js') return idlParser;
  return url.startsWith('/') ? url.slice(1) : path.posix.join(path.posix.dirname(file), url);
}

/** Scripts that the file names, by `// META: script=` or as workers do, as paths. */
function scriptsOf(file: string, text: string): string[] {
  const named = [...text.matchAll(/^\/\/ META: script=(\S+)/gm)].map(([, url = '']) => url);
  const imported = [...text.matchAll(/\bimportScripts\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    [...list.matchAll(/["']([^"']+)["']/g)].map(([, url = '']) => url),
  );
  return [...named, ...imported]
    .map((url) => resolveIn(file, url))
    .filter((script) => script !== 'resources/testharness.js');
}

/** Files that the scripts fetch, by the URL that they use. */
function resourcesOf(file: string, text: string): Map<string, string> {
  const resources = new Map<string, string>();
  for (const [, url = ''] of text.matchAll(/["'`]([\w/.-]+\.json)["'`]/g)) {
    const where = resolveIn(file, url);
    if (exists(where)) resources.set(url, read(where));
  }
  const [, lists] = text.match(/\bidl_test\(\s*(\[[^\]]*\],\s*\[[^\]]*\])/) ?? [];
  for (const [, name = ''] of (lists ?? '').matchAll(/'([\w-]+)'/g))
    resources.set(`/interfaces/${name}.idl`, read(`interfaces/${name}.idl`));
  return resources;
}

/**
 * Where the tests of WebIDL name an object by its expression, and evaluate it: a table of
 * functions, since no Worker evaluates text.
 */
function expressionsOf(text: string): string {
  const named = [...text.matchAll(/^\s*\w+: \[(?:'(.+)'|"(.+)")\],?$/gm)];
  const entries = named.map(([, single, double]) => single ?? double ?? '');
  const functions = entries.map((each) => `${JSON.stringify(each)}: () => (${each})`);
  return `{ ${functions.join(', ')} }`;
}

/** After this long the outcome is told without the tests that still wait. */
const patienceMs = 10_000;

/** `file` as `locate` takes it. The Worker wants an origin for what it fetches: `/?origin=`. */
export function workerOf(file: string): Module[] {
  const text = read(file);
  const scripts = ['resources/testharness.js', ...scriptsOf(file, text)]
    .map(read)
    .map((script) => script.replace('obj = eval(desc)', 'obj = expressions[desc]()'));
  const resources = [...resourcesOf(file, text)];
  const imports = resources.map((_, index) => `import r${index} from './r${index}.js';`);
  const table = resources.map(([url], index) => `[${JSON.stringify(url)}, r${index}]`);
  const main = `${imports.join('\n')}
const resources = new Map([${table.join(', ')}]);
export default {
  async fetch(request) {
    const subtests = [];
    const origin = new URL(request.url).searchParams.get('origin');
    const finished = await run(subtests, origin).catch((error) => {
      subtests.push({ name: 'the file itself', status: 1, message: String(error) });
      return false;
    });
    return Response.json({ finished, tests: subtests });
  },
};
// Workers have none; the tests of Blob look into blobs by it.
class FileReader extends EventTarget {
  readAsText(blob) { this.read(blob.text()); }
  readAsArrayBuffer(blob) { this.read(blob.arrayBuffer()); }
  async read(reading) {
    this.result = await reading;
    const event = new Event('load');
    this.onload?.(event);
    this.onloadend?.(event);
    this.dispatchEvent(event);
  }
}
async function run(subtests, ORIGIN) {
  const location = {
    search: ${JSON.stringify(variantOf(text))}, href: 'http://web-platform.test/', pathname: '/',
  };
  const GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false };
  self.GLOBAL = GLOBAL;
  const fetch = async (url, init) => {
    const text = resources.get(String(url));
    if (text === undefined) return self.fetch(url, init);
    return { ok: true, text: async () => text, json: async () => JSON.parse(text) };
  };
  const importScripts = () => {};${
    file.endsWith('.window.js')
      ? `
  const window = self;
  const postMessage = (data, _, transfer = []) => void structuredClone(data, { transfer });`
      : ''
  }
  self.FileReader ??= FileReader;
  const tell = ({ name, status, message }) => ({ name, status, message });
  const { promise, resolve } = Promise.withResolvers();
  // Assigned, never declared: no module may.
  let structuredCloneBatteryOfTests, testObjMock;
  let ecdsaKeyPairs, noDeriveBitsKeys, noDeriveKeyKeys, privateKeys, publicKey, publicKeys;
  // In a worker the harness would tell its page, or wait for its installation: it is to see
  // none.
  const { ServiceWorkerGlobalScope, WorkerGlobalScope } = self;
  delete self.ServiceWorkerGlobalScope;
  delete self.WorkerGlobalScope;
${scripts[0]}
  if (ServiceWorkerGlobalScope) self.ServiceWorkerGlobalScope = ServiceWorkerGlobalScope;
  if (WorkerGlobalScope) self.WorkerGlobalScope = WorkerGlobalScope;${
    scripts.some((script) => script.includes('function idl_test'))
      ? `
  const expressions = ${expressionsOf(text)};
  // By it idlharness.js knows what is exposed to workers.
  self.DedicatedWorkerGlobalScope ??= class { static [Symbol.hasInstance]() { return true; } };`
      : ''
  }
  self.setup({ explicit_timeout: true });
  self.add_result_callback((test) => subtests.push(tell(test)));
  self.add_completion_callback((_, status) => resolve(status.status === 0));
${scripts.slice(1).join('\n;\n')}
;
${text}
;
  const timer = setTimeout(resolve, ${patienceMs}, false);
  const finished = await promise;
  clearTimeout(timer);
  return finished;
}
`;
  return [
    esModule(main),
    ...resources.map(([, content], index) =>
      esModule(`export default ${JSON.stringify(content)};\n`, `r${index}.js`),
    ),
  ];
}
