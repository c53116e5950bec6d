// Long commands tell how far they are where nobody sees a bar.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inTree } from './test/paths.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'caravel-progress-'));
  mkdirSync(path.join(folder, 'logs'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Runs `call` of progress.sh on a program that stands in for ninja and others: it
 * goes on behind each `wait` when a line that matches the next pattern was printed.
 */
async function progress(call: string, program: string, ...patterns: RegExp[]) {
  const stand = path.join(folder, 'ninja');
  writeFileSync(stand, `#!/usr/bin/env bash\nwait() { read -r -u 3; }\n${program}\n`);
  chmodSync(stand, 0o755);
  const child = spawn(
    'bash',
    ['-euo', 'pipefail', '-c', `logs=logs; source ${inTree('tools/progress.sh')}; ${call}`],
    {
      cwd: folder,
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        // Where nothing is waited for, none is to come, however long it takes.
        CARAVEL_BEAT_SECONDS: patterns.length > 0 ? '1' : '600',
      },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  const lines: string[] = [];
  const go = child.stdio[3] as NodeJS.WritableStream;
  const awaited = [...patterns];
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    lines.push(line);
    if (awaited[0]?.test(line)) {
      awaited.shift();
      go.write('on\n');
    }
  }
  return lines;
}

test('a build tells its percentage, also while its compiler says nothing', {
  timeout: 60_000,
}, async () => {
  const lines = await progress(
    'ninja_build "Build (dev)" out all',
    'echo "ninja: Entering directory"; echo "  5% 1/20 a.cc"; wait; printf " 50%% 10/"; wait; echo "20 b.cc"; echo loud; wait',
    /: 5 % \(1\/20\) after \d+ s/,
    /: 5 % \(1\/20\) after \d+ s/,
    /: 50 % \(10\/20\) after \d+ s/,
  );
  expect(lines[0]).toBe('Build (dev) … (log: logs/build-dev.log)');
  expect(lines).toContain('loud');
  expect(lines.at(-1)).toMatch(/^Build \(dev\): done in \d+ s$/);
  expect(readFileSync(path.join(folder, 'logs/build-dev.log'), 'utf8')).toContain('50% 10/20 b.cc');
});

test('apt-get tells what it has fetched and installed', { timeout: 60_000 }, async () => {
  const lines = await progress(
    'apt_get "Debian packages" ninja',
    'echo "dlstatus:1:40.5:Fetching"; wait; echo "pmstatus:clang:12.0:Unpacking"; wait',
    /: 40 % fetched after/,
    /: 12 % installed after/,
  );
  expect(lines.at(-1)).toMatch(/done in/);
});

test('a command that tells nothing says at least that it runs', { timeout: 60_000 }, async () => {
  const lines = await progress(
    'step "npm packages" ninja',
    'wait',
    /^npm packages: runs after \d+ s$/,
  );
  expect(lines[0]).toBe('npm packages … (log: logs/npm-packages.log)');
  expect(lines.at(-1)).toMatch(/done in/);
});

test('one that ends soon is two lines', async () => {
  expect(await progress('step "npm packages" ninja', 'echo much')).toHaveLength(2);
});

test('one that fails ends with its code', async () => {
  const lines = await progress('step "npm packages" ninja; echo not reached', 'echo why; exit 3');
  expect(lines).toEqual(['npm packages … (log: logs/npm-packages.log)']);
});

test('a build that is interrupted says so in one line', { timeout: 60_000 }, async () => {
  const stand = path.join(folder, 'ninja');
  writeFileSync(
    stand,
    '#!/usr/bin/env bash\ntrap \'printf "%s\\n" FAILED: a.o b.o; exit 2\' INT\necho begun\nread -r -u 3\n',
  );
  chmodSync(stand, 0o755);
  const child = spawn(
    'bash',
    [
      '-euo',
      'pipefail',
      '-c',
      `logs=logs; source ${inTree('tools/progress.sh')}; ninja_build "Build (dev)" out all; echo on`,
    ],
    {
      cwd: folder,
      detached: true, // a group of its own, as a terminal's
      env: { PATH: `${folder}:${process.env.PATH}`, CARAVEL_BEAT_SECONDS: '600' },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      const before = printed.includes('begun');
      printed += chunk;
      if (!before && printed.includes('begun')) process.kill(-(child.pid as number), 'SIGINT');
    });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(printed.split('\n').slice(2)).toEqual([
    'caravel: interrupted; the next start goes on from there',
    '',
  ]);
  expect(code).toBe(130);
});
