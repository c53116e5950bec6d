// Makes a Worker of one file of the Web Platform Tests. It runs the harness and
// the file when it is asked, and answers with every subtest's outcome in JSON.
//
// The scripts share one scope, as they would in a page, but it is a function's,
// in a module: strict, without eval, and only entered by a request, since a
// Worker may wait for nothing while it starts.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { esModule, type Module } from '../../tools/platform/platform.ts';

/** What the Worker answers. `status` 0 is a pass (testharness.js, Test.statuses). */
export interface Outcome {
  readonly finished: boolean;
  readonly tests: readonly {
    readonly name: string;
    readonly status: number;
    readonly message: string | null;
  }[];
}

/** Scripts that `// META: script=` names, as paths in the fixtures. */
function scriptsOf(file: string, text: string): string[] {
  return [...text.matchAll(/^\/\/ META: script=(\S+)/gm)].map(([, script = '']) =>
    script.startsWith('/') ? script.slice(1) : path.join(path.dirname(file), script),
  );
}

/** Files that the scripts fetch, by the URL that they use. */
function resourcesOf(fixtures: string, file: string, text: string): Map<string, string> {
  const resources = new Map<string, string>();
  for (const [, url = ''] of text.matchAll(/["'`]([\w/.-]+\.json)["'`]/g)) {
    const where = url.startsWith('/') ? url.slice(1) : path.join(path.dirname(file), url);
    const local = path.join(fixtures, where);
    if (existsSync(local)) resources.set(url, readFileSync(local, 'utf8'));
  }
  return resources;
}

/** After this long the outcome is told without the tests that still wait. */
const patienceMs = 10_000;

/** `file` is a path in `fixtures`: "url/url-constructor.any.js". */
export function workerOf(fixtures: string, file: string): Module[] {
  const read = (name: string) => readFileSync(path.join(fixtures, name), 'utf8');
  const text = read(file);
  const scripts = ['resources/testharness.js', ...scriptsOf(file, text)].map(read);
  const resources = [...resourcesOf(fixtures, file, text)];
  const imports = resources.map((_, index) => `import r${index} from './r${index}.txt';`);
  const table = resources.map(([url], index) => `[${JSON.stringify(url)}, r${index}]`);
  const main = `${imports.join('\n')}
const resources = new Map([${table.join(', ')}]);
export default {
  async fetch() {
    const subtests = [];
    const finished = await run(subtests).catch((error) => {
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
async function run(subtests) {
  const location = { search: '', href: 'http://web-platform.test/', pathname: '/' };
  const GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false };
  self.GLOBAL = GLOBAL;
  const fetch = async (url) => {
    const text = resources.get(String(url));
    if (text === undefined) throw new TypeError(\`the test fetches \${url}, which it was not given\`);
    return { ok: true, text: async () => text, json: async () => JSON.parse(text) };
  };
  self.FileReader ??= FileReader;
  const tell = ({ name, status, message }) => ({ name, status, message });
  const { promise, resolve } = Promise.withResolvers();
  // Assigned, never declared: no module may.
  let structuredCloneBatteryOfTests, testObjMock;
  let ecdsaKeyPairs, noDeriveBitsKeys, noDeriveKeyKeys, privateKeys, publicKey, publicKeys;
${scripts[0]}
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
    ...resources.map(
      ([, content], index): Module => ({ name: `./r${index}.txt`, type: 'text/plain', content }),
    ),
  ];
}
