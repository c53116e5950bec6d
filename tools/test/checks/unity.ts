// The first build on a bare machine compiles several sources of a room as one
// (CMakePresets.json, "release"), which no other build does: what a source has for itself
// must not bear the name of what another one of the room has.
import { readFileSync } from 'node:fs';
import { inTree, projectFiles } from '../paths.ts';

const anonymous = /^namespace \{\n([\s\S]*?)^\} {2}\/\/ namespace\n/gm;

/** A constant or a class, and a function with all that tells it from others. */
const declared = [
  /^(?:constexpr|const)\b[^\n;{(=]*?\b(\w+)(?:\[\])?\s*(?:=|\{|$)/gm,
  /^(?:struct|class|enum class) (\w+)[^;\n]*\{/gm,
  /^\w[\w:<>,&* ]*?\b(\w+\((?:[^()]|\([^()]*\))*\)) \{$/gm,
];

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

/** `files`: their texts by path. */
export function unityFaults(files: ReadonlyMap<string, string>): string[] {
  const owners = new Map<string, string>();
  const faults: string[] = [];
  for (const [file, text] of files) {
    const room = file.split('/')[1];
    for (const name of namesOf(text)) {
      const key = `${room} ${name}`;
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, file);
      else faults.push(`${file}: ${name} is a name of ${owner} too, of the same room`);
    }
  }
  return faults;
}

export function unityFaultsOfTree(): string[] {
  const files = projectFiles('src/*.cc').filter(
    (file) => !/_test\.cc$|\/testing\//.test(file) && file.split('/').length > 2,
  );
  return unityFaults(new Map(files.map((file) => [file, readFileSync(inTree(file), 'utf8')])));
}
