// Resolution of paths. Source: POSIX, "Pathname Resolution".
import { type Entry, Folder, SymbolicLink } from './entries.ts';
import { fail } from './failure.ts';

const kLongestName = 255;
const kMostLinks = 40;

interface Step {
  readonly folder: Folder;
  readonly name: string;
}

// Where a path leads. Without an entry there is none of that name, in a folder that
// there is.
export interface Place {
  readonly folder: Folder;
  readonly name: string;
  readonly entry: Entry | undefined;
  // From the root to `folder`.
  readonly trail: readonly Step[];
  // The path ended with a slash: it means a folder.
  readonly slash: boolean;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

// `path` is absolute. A symbolic link at its end is followed, unless not to.
export function walk(root: Folder, path: string, follow: boolean): Place {
  const slash = /\/\.?$/.test(path);
  const parts = partsOf(path).reverse();
  let trail: Step[] = [{ folder: root, name: '' }];
  let links = 0;
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (part === '..') {
      if (trail.length > 1) trail.pop();
      continue;
    }
    if (part.length > kLongestName) fail('ENAMETOOLONG');
    const { folder } = trail.at(-1) as Step;
    const entry = folder.get(part);
    const last = parts.length === 0;
    if (entry instanceof SymbolicLink && (!last || follow || slash)) {
      links += 1;
      if (links > kMostLinks) fail('ELOOP');
      if (entry.target.startsWith('/')) trail = trail.slice(0, 1);
      parts.push(...partsOf(entry.target).reverse());
      continue;
    }
    if (entry instanceof Folder) {
      trail.push({ folder: entry, name: part });
      continue;
    }
    if (!last) fail(entry === undefined ? 'ENOENT' : 'ENOTDIR');
    if (slash && entry !== undefined) fail('ENOTDIR');
    return { folder, name: part, entry, trail, slash };
  }
  const { folder, name } = trail.at(-1) as Step;
  const above = trail.length > 1 ? trail.slice(0, -1) : trail;
  return { folder: (above.at(-1) as Step).folder, name, entry: folder, trail: above, slash };
}

// The path without links, of what is there.
export function realPathOf({ trail, name }: Place): string {
  const names = trail.slice(1).map((step) => step.name);
  return `/${[...names, name].filter((part) => part !== '').join('/')}`;
}
