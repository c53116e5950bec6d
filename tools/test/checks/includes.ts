// Which way includes and imports may point. A room may include itself and the rooms below
// it; everything that knows V8 stands apart from everything that does not.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inTree, projectFiles } from '../paths.ts';

const below: Readonly<Record<string, readonly string[]>> = {
  base: [],
  net: ['base'],
  storage: ['base', 'net'],
  registry: ['base', 'net', 'storage'],
  control: ['base', 'net', 'storage', 'registry'],
  // What the command shares with caraveld: processes, and files that tell of one.
  'daemon/client': ['base', 'net', 'registry'],
  daemon: ['base', 'net', 'storage', 'registry', 'control', 'daemon/client'],
  cli: ['base', 'net', 'registry', 'daemon/client'],
  runtime: ['base', 'net', 'registry'],
  host: ['base', 'net', 'registry', 'runtime'],
};

/** The room that a path under src/ belongs to. */
const roomOf = (file: string) =>
  file.startsWith('daemon/client/') ? 'daemon/client' : (file.split('/')[0] ?? '');

/** Headers that only rooms with V8 may see. */
const v8Header = /^(v8[-.\w]*\.h|node(_api)?\.h|libplatform\/|cppgc\/|uv\.h)/;
const v8Rooms = ['runtime', 'host'];

/** What is wrong with one file's includes; `file` is its path in the tree. */
export function includeFaults(file: string, text: string): string[] {
  const room = roomOf(file.replace(/^src\//, ''));
  const allowed = below[room];
  if (!allowed) return [`${file}: src/${room} is no room that tools/test/checks/includes.ts knows`];
  const faults: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const include = /^\s*#\s*include\s*["<]([^">]+)[">]/.exec(line)?.[1];
    if (include === undefined) continue;
    const where = `${file}:${index + 1}`;
    if (file.endsWith('_test.cc') && include.includes('/testing/')) continue; // help for tests
    const target = roomOf(include);
    if (include.startsWith('.')) {
      faults.push(`${where}: "${include}" is relative; name it from src/`);
    } else if (
      include.includes('/') &&
      target in below &&
      target !== room &&
      !allowed.includes(target)
    ) {
      faults.push(`${where}: ${room} may not include ${target} ("${include}")`);
    } else if (v8Header.test(include) && !v8Rooms.includes(room)) {
      faults.push(`${where}: ${room} may not know V8 (<${include}>)`);
    }
  }
  return faults;
}

/** Who may not import from a folder outside of src/: benchmarks lean on tools, nothing on them. */
const closed: readonly { readonly folder: string; readonly to: RegExp }[] = [
  { folder: 'bench', to: /^(?!bench\/)/ },
  { folder: 'tests', to: /^(bench|tools\/platform)\// },
];

/** What is wrong with the relative imports of one file of TypeScript. */
export function importFaults(file: string, text: string): string[] {
  const faults: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const name = /\b(?:from|import)\b ?\(?'(\.[^']*)'/.exec(line)?.[1];
    if (name === undefined) continue;
    const target = path.posix.join(path.posix.dirname(file), name);
    for (const { folder, to } of closed)
      if (target.startsWith(`${folder}/`) && to.test(file))
        faults.push(`${file}:${index + 1}: may not import from ${folder} ("${name}")`);
  }
  return faults;
}

export function includeFaultsOfTree(): string[] {
  const faultsOf = (find: typeof includeFaults) => (file: string) =>
    find(file, readFileSync(inTree(file), 'utf8'));
  return [
    ...projectFiles('src/*.h', 'src/*.cc').flatMap(faultsOf(includeFaults)),
    ...projectFiles('bench/*.ts', 'tests/*.ts', 'tools/*.ts').flatMap(faultsOf(importFaults)),
  ];
}
