// Makes a Worker of one of Node's own tests. A test is a CommonJS script that
// passes when it has run to its end, its callbacks were called as often as it
// said, and nothing was thrown that no code caught.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { esModule, type Module } from '../../tools/platform/platform.ts';
import { inTree } from '../../tools/test/paths.ts';

/** What the Worker answers: nothing when the test has passed. */
export interface Outcome {
  readonly failure?: string;
  /** Nothing came of it: the Worker could not be deployed, or gave no answer. */
  readonly broken?: string;
  /** Why the test itself said that it does not apply here. */
  readonly skipped?: string;
}

const harness = readFileSync(inTree('tests/node/harness.js'), 'utf8');

/** Fixtures that the text names by their whole path. */
function fixturesOf(folder: string, text: string): string[] {
  return [...text.matchAll(/require\(['"]\.\.\/fixtures\/([\w/.-]+)['"]\)/g)].flatMap(
    ([, name = '']) => {
      const file = path.join(folder, 'fixtures', /\.\w+$/.test(name) ? name : `${name}.js`);
      try {
        const content = readFileSync(file, 'utf8');
        const key = JSON.stringify(`../fixtures/${name}`);
        return [
          `${key}: (exports, require, module) => {${file.endsWith('.json') ? `module.exports = ${content}` : content}\n}`,
        ];
      } catch {
        return [];
      }
    },
  );
}

/** `file` is the name of a test in `folder`/parallel. */
export function workerOf(folder: string, file: string): Module[] {
  const text = readFileSync(path.join(folder, 'parallel', file), 'utf8');
  const main = `import { run } from './harness.js';
const fixtures = {${fixturesOf(folder, text).join(',\n')}};
const test = function (exports, require, module, __filename, __dirname) {${text}
};
export default {
  async fetch() {
    return Response.json(await run(test, fixtures, ${JSON.stringify(file)}));
  },
};
`;
  return [esModule(main), esModule(harness, 'harness.js')];
}
