// What script may have changed is not used by the platform's TypeScript: it shares the
// realm with the Worker's code (src/runtime/web/primordials.ts).
import { readFileSync } from 'node:fs';
import { inTree, projectFiles } from '../paths.ts';

/** Where lists hold what script is never to have. */
const guarded = 'src/runtime/web/lazy/service/';

const appended = /(\w+)\[(?:\w+\.)*\1\.length\] = /g;

export function patchableFaults(file: string, text: string): string[] {
  const faults: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.includes('.bind('))
      faults.push(`${file}:${index + 1}: bind() is a method that script can reach; use a closure`);
  }
  if (!file.startsWith(guarded)) return faults;
  for (const [, name] of text.matchAll(appended)) {
    const plain = new RegExp(`\\b${name}(?:: [^=;\\n]*)?(?: =|:) \\[\\]`).exec(text);
    if (plain === null) continue;
    const line = text.slice(0, plain.index).split('\n').length;
    const fault = `${file}:${line}: a setter of script's on Array.prototype would get what is put at the end of ${name}; use bareList()`;
    if (!faults.includes(fault)) faults.push(fault);
  }
  return faults;
}

export function patchableFaultsOfTree(): string[] {
  return projectFiles('src/runtime/web/*.ts')
    .filter((file) => !/\.test\.ts$|\/testing\/|\/primordials\.ts$/.test(file))
    .flatMap((file) => patchableFaults(file, readFileSync(inTree(file), 'utf8')));
}
