// Builds compile several sources of a room as one (CMakePresets.json), but for those of
// fuzzers and of `tidy`, and which ones changes with each new source: what a source has
// for itself must not bear the name of what another one of the room has. Tests are beside
// tests alone.
import { readFileSync } from 'node:fs';
import { inTree, projectFiles } from '../paths.ts';

const anonymous = /^namespace \{\n([\s\S]*?)^\} {2}\/\/ namespace\n/gm;

/** A constant or a class, and a function with all that tells it from others. */
const declared = [
  /^(?:constexpr|const)\b[^\n;{(=]*?\b(\w+)(?:\[\])?\s*(?:=|\{|$)/gm,
  /^(?:struct|class|enum class) (\w+)[^;\n]*\{/gm,
  /^\w[\w:<>,&* ]*?\b(\w+\((?:[^()]|\([^()]*\))*\)) \{(?:$| .*\}$)/gm,
];

/** May be declared twice, as long as it is the same. */
const alias = /^using (\w+) = ([^;]*);/gm;

// Parameters by their types alone: their names tell no function from another.
const plain = (name: string): string =>
  name.replace(/\s+/g, ' ').replace(/ (\w+)(?= = [^,)]*[,)]|[,)])/g, '');

export function namesOf(text: string): string[] {
  const names = new Set<string>();
  for (const [, inside = ''] of text.matchAll(anonymous))
    for (const pattern of declared)
      for (const [, name = ''] of inside.matchAll(pattern)) names.add(plain(name));
  return [...names];
}

function aliasesOf(text: string): [name: string, of: string][] {
  return [...text.matchAll(anonymous)].flatMap(([, inside = '']) =>
    [...inside.matchAll(alias)].map(([, name = '', of = '']): [string, string] => [name, of]),
  );
}

/** `files`: their texts by path. */
export function unityFaults(files: ReadonlyMap<string, string>): string[] {
  const owners = new Map<string, string>();
  const aliases = new Map<string, string>();
  const faults: string[] = [];
  for (const [file, text] of files) {
    const room = `${file.split('/')[1]}${/_test\.cc$/.test(file) ? ' test' : ''}`;
    for (const name of namesOf(text)) {
      const key = `${room} ${name}`;
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, file);
      else faults.push(`${file}: ${name} is a name of ${owner} too, of the same room`);
    }
    for (const [name, of] of aliasesOf(text)) {
      const key = `${room} ${name}`;
      const other = aliases.get(key) ?? of;
      aliases.set(key, other);
      if (other !== of) faults.push(`${file}: ${name} is not ${other} as elsewhere in the room`);
    }
  }
  return faults;
}

export function unityFaultsOfTree(): string[] {
  const files = projectFiles('src/*.cc').filter(
    (file) => !file.includes('/testing/') && file.split('/').length > 2,
  );
  return unityFaults(new Map(files.map((file) => [file, readFileSync(inTree(file), 'utf8')])));
}
