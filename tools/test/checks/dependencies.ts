// packages.txt installs what cmake/dependencies.cmake finds: each library there
// names its Debian package in a comment on its line, and each library package
// here is found there.
import { readFileSync } from 'node:fs';
import { inTree } from '../paths.ts';

/** Libraries that come with the compiler and are found by it. */
const compilers = /^libclang-rt-\d+-dev$/;

const libraryPackage = /\bz?lib[a-z0-9.+-]+-dev\b/g;

export function dependencyFaults(packages: string, dependencies: string): string[] {
  const listed = packages
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter(Boolean);
  const faults: string[] = [];
  const found = new Set<string>();
  for (const [index, line] of dependencies.split('\n').entries()) {
    const [code = '', comment = ''] = line.split('#', 2);
    const named = comment.match(libraryPackage) ?? [];
    for (const name of named) {
      found.add(name);
      if (!listed.includes(name)) {
        faults.push(`cmake/dependencies.cmake:${index + 1}: ${name} is missing in packages.txt`);
      }
    }
    const asks = /^\s*(find_package|pkg_check_modules)\((\w+)/.exec(code);
    if (asks && named.length === 0 && !['PkgConfig', 'Threads'].includes(asks[2] as string)) {
      faults.push(
        `cmake/dependencies.cmake:${index + 1}: name the Debian package of ${asks[2]} in a comment`,
      );
    }
  }
  for (const name of listed) {
    if (name.match(libraryPackage) && !compilers.test(name) && !found.has(name)) {
      faults.push(`packages.txt: cmake/dependencies.cmake finds nothing of ${name}`);
    }
  }
  const sorted = [...listed].sort();
  if (listed.some((name, index) => name !== sorted[index])) {
    faults.push('packages.txt: names are not in alphabetical order');
  }
  return faults;
}

export function dependencyFaultsOfTree(): string[] {
  return dependencyFaults(
    readFileSync(inTree('packages.txt'), 'utf8'),
    readFileSync(inTree('cmake/dependencies.cmake'), 'utf8'),
  );
}
