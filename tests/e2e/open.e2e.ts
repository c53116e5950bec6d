// `caravel open`: the URL of a Worker, and the program that opens it.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  caravelBinary,
  esModule,
  Platform,
  temporaryFolder,
} from '../../tools/platform/platform.ts';
import { run } from '../../tools/test/process.ts';

let platform: Platform;
const folder = temporaryFolder();
const opened = path.join(folder, 'opened');
const browser = path.join(folder, 'browser');

before(async () => {
  platform = await Platform.start();
  writeFileSync(browser, `#!/bin/sh\nprintf '%s' "$1" > '${opened}'\n`);
  chmodSync(browser, 0o755);
  await platform.deploy('shown', [esModule('export default { fetch: () => new Response() }')]);
});
after(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

const open = (args: readonly string[], program: string) =>
  run(caravelBinary, ['open', '--data', platform.data, ...args], { env: { BROWSER: program } });

test('opens the URL that answers', async () => {
  const ended = await open(['shown'], browser);
  assert.equal(ended.code, 0, ended.output);
  assert.match(ended.output, /^http:\/\/shown\.localhost:\d+\n$/);
  assert.equal(readFileSync(opened, 'utf8'), ended.output.trim());
});

test('prints it alone with --json', async () => {
  rmSync(opened, { force: true });
  const ended = await open(['shown', '--json'], browser);
  assert.equal(ended.code, 0, ended.output);
  assert.match(JSON.parse(ended.output).url, /^http:\/\/shown\.localhost:\d+$/);
  assert.ok(!existsSync(opened));
});

test('says what went wrong', async () => {
  const nobody = await open(['nobody'], browser);
  assert.notEqual(nobody.code, 0);
  assert.match(nobody.output, /Worker "nobody" is not deployed/);
  const failing = await open(['shown'], '/bin/false');
  assert.notEqual(failing.code, 0);
  assert.match(failing.output, /exit code 1/);
});
