// Makes a Worker of one of Node's own tests. A test is a CommonJS script that
// passes when it has run to its end, its callbacks were called as often as it
// said, and nothing was thrown that no code caught.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { esModule, type Module } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';
import { isModule, scriptOf } from './script.ts';

/** What the Worker answers: nothing when the test has passed. */
export interface Outcome {
  readonly failure?: string;
  /** Nothing came of it: the Worker could not be deployed, or gave no answer. */
  readonly broken?: string;
  /** Why the test itself said that it does not apply here. */
  readonly skipped?: string;
}

const harness = readFileSync(inTree('tests/node/harness.js'), 'utf8');

/** Scripts that the text requires by their whole path: fixtures, and what tests of crypto share. */
function fixturesOf(folder: string, text: string): string[] {
  const named = text.matchAll(/require\(['"]\.\.\/(fixtures\/[\w/.-]+|common\/crypto)['"]\)/g);
  const found = text.matchAll(/require\(fixtures\.path\(['"]([\w/.-]+)['"]\)\)/g);
  return [
    ...[...named].map(([, name = '']) => name),
    ...[...found].map(([, name = '']) => path.join('fixtures', name)),
  ].flatMap((name) => {
    const file = path.join(folder, /\.\w+$/.test(name) ? name : `${name}.js`);
    try {
      const content = readFileSync(file, 'utf8');
      const key = JSON.stringify(`../${name}`);
      return [
        `${key}: (exports, require, module) => {${file.endsWith('.json') ? `module.exports = ${content}` : content}\n}`,
      ];
    } catch {
      return [];
    }
  });
}

/** A file that the Worker finds under /bundle. */
const data = (name: string, content: Uint8Array<ArrayBuffer>): Module => ({
  name,
  type: 'application/octet-stream',
  content,
});

/** Fixtures that the text asks common/fixtures for, and the test's own text. */
function filesOf(folder: string, file: string, text: string): Module[] {
  // Those that stand in a text of their own, too: a test may have them in a list.
  const asked = [
    ...[...text.matchAll(/fixtures\.(?:fileURL|path|readSync)\(\[?(['"][^)\]]*['"])/g)].map(
      ([, args = '']) => path.join(...args.split(',').map((arg) => arg.trim().slice(1, -1))),
    ),
    ...(text.includes('common/fixtures') ? text.matchAll(/['"]([\w-]+\.\w+)['"]/g) : []).map(
      ([, name = '']) => name,
    ),
  ].filter((name) => existsSync(path.join(folder, 'fixtures', name)));
  if (text.includes('common/fixtures')) asked.push('x.txt');
  if (text.includes('readKey(')) asked.push('keys');
  const names = asked.flatMap((name) => {
    const at = path.join(folder, 'fixtures', name);
    if (!statSync(at).isDirectory()) return [name];
    return readdirSync(at, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) =>
        path.relative(path.join(folder, 'fixtures'), path.join(each.parentPath, each.name)),
      );
  });
  return [
    data(`test/parallel/${file}`, readFileSync(path.join(folder, 'parallel', file))),
    ...[...new Set(names)].map((name) =>
      data(`test/fixtures/${name}`, readFileSync(path.join(folder, 'fixtures', name))),
    ),
  ];
}

/** `file` is the name of a test in `folder`/parallel. */
export function workerOf(folder: string, file: string): Module[] {
  const text = scriptOf(folder, file);
  const main = `import { run } from './harness.js';
const fixtures = {${fixturesOf(folder, text).join(',\n')}};
const test = ${isModule(file) ? 'async ' : ''}function (exports, require, module, __filename, __dirname) {${text}
};
export default {
  fetch() {
    return run(test, fixtures, ${JSON.stringify(file)}).then((outcome) => Response.json(outcome));
  },
};
`;
  return [esModule(main), esModule(harness, 'harness.js'), ...filesOf(folder, file, text)];
}
