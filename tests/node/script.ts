// Node's tests as scripts of a function: those that are ES modules get their modules
// by `require` too, as what runs a test gives them.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const imports =
  /^import\s+(?:(\w+)\s*,?\s*)?(?:\*\s+as\s+(\w+)\s*|\{([^}]*)\}\s*)?(?:from\s*)?(['"][^'"]+['"]);?/gm;

function asRequire(
  _text: string,
  whole: string | undefined,
  namespace: string | undefined,
  names: string | undefined,
  module: string,
): string {
  const given = `require(${module})`;
  const lines = [whole, namespace]
    .filter((name) => name !== undefined)
    .map((name) => `const ${name} = ${given};`);
  if (names !== undefined)
    lines.push(
      `const {${names.replaceAll(/\bdefault\s+as\b/g, 'default:').replaceAll(/\s+as\s+/g, ': ')}} = ${given};`,
    );
  return lines.length === 0 ? `${given};` : lines.join(' ');
}

export const isModule = (file: string) => file.endsWith('.mjs');

/** The text of `folder`/parallel/`file`. */
export function scriptOf(folder: string, file: string): string {
  const text = readFileSync(path.join(folder, 'parallel', file), 'utf8');
  if (!isModule(file)) return text;
  return text
    .replaceAll(imports, asRequire)
    .replaceAll('import.meta.url', "require('url').pathToFileURL(__filename).href");
}
