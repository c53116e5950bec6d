// The script ./caravel, in a tree of its own with a stand-in for the setup and for
// the command that it runs.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inTree } from './test/paths.ts';

let tree: string;
const inside = (...parts: string[]) => path.join(tree, ...parts);

function script(file: string, text: string) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/usr/bin/env bash\n${text}\n`);
  chmodSync(file, 0o755);
}

const command = 'echo "ran $* in $PWD, root $CARAVEL_ROOT"; exit 7';

/** Sets a file's date, in seconds from now. */
function date(file: string, seconds: number) {
  const when = Date.now() / 1000 + seconds;
  utimesSync(file, when, when);
}

beforeEach(() => {
  tree = mkdtempSync(path.join(tmpdir(), 'caravel-launcher-'));
  copyFileSync(inTree('caravel'), inside('caravel'));
  mkdirSync(inside('tools'));
  for (const file of ['help.sh', 'help.txt']) {
    copyFileSync(inTree('tools', file), inside('tools', file));
  }
  for (const file of ['CMakeLists.txt', 'CMakePresets.json', 'packages.txt', 'package-lock.json']) {
    writeFileSync(inside(file), '');
  }
  writeFileSync(inside('CMakeLists.txt'), 'project(caravel VERSION 1.2.3 LANGUAGES C)\n');
  for (const folder of ['src/net', 'cmake', 'templates'])
    mkdirSync(inside(folder), { recursive: true });
  writeFileSync(inside('src/net/loop.cc'), '');
  writeFileSync(inside('templates/page.html'), '');
  script(inside('tools/setup.sh'), 'echo "setup $*"; touch "$CARAVEL_ROOT/build/dev/.ready"');
  script(inside('build/dev/src/cli/caravel'), command);
  writeFileSync(inside('build/dev/.ready'), '');
  date(inside('build/dev/.ready'), 60);
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

function launch(start: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(start, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  return { status, stdout, stderr };
}

test('a fresh build runs at once, with its arguments, folder and exit code', () => {
  const { status, stdout, stderr } = launch('./caravel', ['up', '--port', '0'], tree);
  expect(stdout).toBe(`ran up --port 0 in ${tree}, root ${tree}\n`);
  expect(stderr).toBe('');
  expect(status).toBe(7);
});

test.each(['src/net/loop.cc', 'templates/page.html'])(
  '%s that is newer than the build is built first; that is said on stderr',
  (source) => {
    date(inside(source), 120);
    const { stdout, stderr } = launch('./caravel', ['status'], tree);
    expect(stderr).toBe('setup build\n');
    expect(stdout).toMatch(/^ran status/);
  },
);

for (const words of [['status'], ['wrangler', '--help']]) {
  test(`so is a tree that was never built, for "${words.join(' ')}"`, () => {
    rmSync(inside('build/dev/.ready'));
    expect(launch('./caravel', words, tree).stderr).toBe('setup build\n');
  });
}

test('a tree that was never built says at once what needs no build', () => {
  rmSync(inside('build/dev/.ready'));
  const said = (...args: string[]) => {
    const { status, stdout, stderr } = launch('./caravel', args, tree);
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  };
  for (const words of [[], ['help'], ['--help'], ['-h']]) {
    expect(said(...words)).toMatch(
      /^Caravel runs Workers.*\n[\s\S]*\n {2}up +start the platform\n/,
    );
  }
  for (const words of [
    ['help', 'down'],
    ['down', '--help'],
    ['down', '--data', 'x', '-h'],
  ]) {
    expect(said(...words)).toMatch(/^stop the platform\n\n\.\/caravel down .*/);
  }
  expect(said('build', '--help')).toMatch(/^build Caravel/);
  expect(said('help', '--help')).toMatch(/\n\.\/caravel help /);
  expect(said('--version')).toBe('caravel 1.2.3\n');
  expect(said('version')).toBe('caravel 1.2.3\n');
});

test('a word that is no command is refused before anything is built', () => {
  rmSync(inside('build/dev/.ready'));
  for (const words of [['frob'], ['help', 'frob']]) {
    const { status, stderr } = launch('./caravel', words, tree);
    expect(status).toBe(2);
    expect(stderr).toBe('caravel: there is no command "frob"\n  see ./caravel help\n');
  }
});

test('it works through a link and from elsewhere', () => {
  mkdirSync(inside('elsewhere'));
  symlinkSync(inside('caravel'), inside('elsewhere/link'));
  const { stdout } = launch('./link', ['status'], inside('elsewhere'));
  expect(stdout).toBe(`ran status in ${inside('elsewhere')}, root ${tree}\n`);
});
