// `caravel init`: each template is made, deployed by the command that init prints, and
// answers; `serve` runs those whose bindings it has.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { caravelBinary, Platform, temporaryFolder } from '../../tools/platform/platform.ts';
import { npmProgram, root } from '../../tools/test/paths.ts';
import { type Ended, run } from '../../tools/test/process.ts';

/** What `caravel init --json` prints. */
interface Made {
  readonly name: string;
  readonly folder: string;
  readonly template: string;
  readonly files: readonly string[];
  readonly deploy: string;
  readonly serve?: string;
}

let platform: Platform;
const folder = temporaryFolder();
const started: ChildProcess[] = [];

before(async () => {
  platform = await Platform.start();
});
after(async () => {
  for (const child of started) child.kill('SIGKILL');
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Commands are printed as they were called: here, by the real command's path. */
const environment = () => ({
  CARAVEL_ROOT: root,
  CARAVEL_DATA: platform.data,
  CARAVEL_CALLED_AS: caravelBinary,
  CI: 'true',
  WRANGLER_SEND_METRICS: 'false',
});

const init = (...words: readonly string[]): Promise<Ended> =>
  run(caravelBinary, ['init', ...words], { cwd: folder, env: environment() });

async function make(name: string, template: string): Promise<Made> {
  const ended = await init(name, '--template', template, '--json');
  assert.equal(ended.code, 0, ended.output);
  return JSON.parse(ended.output);
}

/** Runs a command that init has printed, where it was called. */
async function follow(command: string) {
  const ended = await run('bash', ['-euo', 'pipefail', '-c', command], {
    cwd: folder,
    env: environment(),
    limitMs: 120_000,
  });
  assert.equal(ended.code, 0, ended.output);
  return ended.output;
}

/** Starts the printed `serve`; resolves with its address. */
async function serve(command: string): Promise<string> {
  const child = spawn('bash', ['-c', `exec ${command} --port 0`], {
    cwd: folder,
    env: { ...process.env, ...environment() },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/[\w.[\]:-]+:\d+/.exec(line)?.[0];
    if (url) return url;
  }
  throw new Error(`${command} ended without an address`);
}

/** The strict types of each tsconfig.json of the project, with no package installed. */
async function checkTypes(made: Made) {
  const [node, tsc] = npmProgram('typescript/bin/tsc') as [string, string];
  for (const file of made.files.filter((name) => path.basename(name) === 'tsconfig.json')) {
    const ended = await run(node, [tsc, '-p', path.join(made.folder, file)], { cwd: root });
    assert.equal(ended.code, 0, ended.output);
  }
}

test('hello: a Worker with one route', async () => {
  const made = await make('My App', 'hello');
  assert.equal(made.name, 'my-app');
  assert.equal(made.folder, path.join(folder, 'My App'));
  await checkTypes(made);
  assert.match(await follow(made.deploy), /my-app answers at http:/);
  assert.equal((await platform.get('my-app')).text, 'Hello, world!\n');
  assert.equal((await platform.get('my-app', '/?name=Ana')).text, 'Hello, Ana!\n');
  assert.equal((await platform.get('my-app', '/elsewhere')).status, 404);
  const url = await serve(made.serve ?? '');
  assert.equal((await ask(url)).text, 'Hello, world!\n');
});

test('api: keeps notes, and tells errors as JSON', async () => {
  const made = await make('keeper', 'api');
  await checkTypes(made);
  await follow(made.deploy);
  const send = async (method: string, where: string, body?: string) => {
    const answer = await platform.get('keeper', where, { method, ...(body ? { body } : {}) });
    return { status: answer.status, headers: answer.headers, json: JSON.parse(answer.text || '0') };
  };
  const added = await send('POST', '/notes', '{"text": "Buy rope"}');
  assert.equal(added.status, 201);
  const where = new URL(`${added.headers.location}`).pathname;
  assert.deepEqual((await send('GET', where)).json, added.json);
  assert.deepEqual((await send('GET', '/notes')).json, { notes: [added.json], cursor: null });
  const title = async (...call: [string, string, string?]) => {
    const { status, json } = await send(...call);
    return `${status} ${json.title}`;
  };
  assert.equal(await title('POST', '/notes', 'no JSON'), '400 the body is not JSON');
  assert.equal(await title('POST', '/notes', '{}'), '422 text: give 1 to 500 characters');
  assert.equal(await title('PUT', '/notes'), '405 this resource takes GET, POST');
  assert.equal(await title('GET', '/else'), '404 there is no such resource');
  assert.equal((await send('DELETE', where)).status, 204);
  assert.match(await title('GET', where), /^404 there is no note /);
  const url = await serve(made.serve ?? '');
  const served = await ask(`${url}/notes`, { method: 'POST', body: '{"text": "here"}' });
  assert.equal(served.status, 201);
});

test('spa: a page, built without any package, and its API', async () => {
  const made = await make('tasks', 'spa');
  await checkTypes(made);
  await follow(made.deploy);
  const home = await platform.get('tasks');
  assert.match(home.text, /<title>tasks<\/title>/);
  assert.equal((await platform.get('tasks', '/about')).text, home.text);
  const script = await platform.get('tasks', '/build/main.js');
  assert.match(`${script.headers['content-type']}`, /javascript/);
  assert.match(script.text, /What is to do\?/);
  const send = (method: string, where: string, body: unknown) =>
    platform.get('tasks', `/api/tasks${where}`, { method, body: JSON.stringify(body) });
  const task = JSON.parse((await send('POST', '', { text: 'Buy rope' })).text);
  await send('PATCH', `/${task.id}`, { done: true });
  const listed = JSON.parse((await platform.get('tasks', '/api/tasks')).text);
  assert.deepEqual(listed, [{ ...task, done: true }]);
  assert.equal((await send('POST', '', { text: ' ' })).status, 422);
  const url = await serve(made.serve ?? '');
  assert.equal((await ask(`${url}/about`)).text, home.text);
  assert.match((await ask(`${url}/build/main.js`)).text, /What is to do\?/);
  assert.equal((await ask(`${url}/api/tasks`)).text, '[]');
});

test('static: files, with headers, redirects and a page for what is not there', async () => {
  const made = await make('pages', 'static');
  await follow(made.deploy);
  const home = await platform.get('pages');
  assert.match(home.text, /<title>pages<\/title>/);
  assert.equal(home.headers['x-content-type-options'], 'nosniff');
  const moved = await platform.get('pages', '/posts/first');
  assert.equal(`${moved.status} ${moved.headers.location}`, '301 /blog/first');
  assert.match((await platform.get('pages', '/blog/first')).text, /The first post/);
  const missing = await platform.get('pages', '/nowhere');
  assert.equal(missing.status, 404);
  assert.match(missing.text, /<h1>Not here<\/h1>/);
  const served = await ask(`${await serve(made.serve ?? '')}/blog/first`);
  assert.match(served.text, /The first post/);
});

test('rpc: two Workers, deployed in the order that init says', async () => {
  const made = await make('sayings', 'rpc');
  await checkTypes(made);
  await follow(made.deploy);
  assert.match((await platform.get('sayings')).text, /\S\n {2}\S/);
  const found = await platform.get('sayings', '/find?q=sea');
  assert.deepEqual(JSON.parse(found.text), [
    { text: 'The sea is everything.', by: 'Jules Verne, Twenty Thousand Leagues' },
  ]);
  assert.equal((await platform.get('sayings-quotes')).status, 404);
  assert.match(made.serve ?? '', /serve \S*sayings\/web \S*sayings\/quotes$/);
  const url = await serve(made.serve ?? '');
  const served = await ask(`${url}/find?q=sea`);
  assert.deepEqual(JSON.parse(served.text), JSON.parse(found.text));
});

test('today is the date of compatibility', async () => {
  const before = new Date().toISOString().slice(0, 10);
  const made = await make('dated', 'hello');
  const after = new Date().toISOString().slice(0, 10);
  const config = readFileSync(path.join(made.folder, 'wrangler.jsonc'), 'utf8');
  const [, date = ''] = /"compatibility_date": "(.*)"/.exec(config) ?? [];
  assert.ok([before, after].includes(date), config);
  assert.match(config, /"name": "dated"/);
});

test('three lines say what comes next', async () => {
  const { code, output } = await init('told');
  assert.equal(code, 0, output);
  const lines = output.trim().split('\n');
  assert.equal(lines[0], 'told is made, from the template hello. Next:');
  assert.equal(lines.length, 4);
  assert.match(lines[1] ?? '', /^ {2}told\/src\/index\.ts /);
  assert.match(lines[2] ?? '', /caravel serve told /);
  assert.match(lines[3] ?? '', /caravel deploy told /);
});

test('an empty folder is taken, as the one it is called in, and one that git has made', async () => {
  const here = path.join(folder, 'here');
  mkdirSync(path.join(here, '.git'), { recursive: true });
  const ended = await run(caravelBinary, ['init', '.', '--json'], {
    cwd: here,
    env: environment(),
  });
  assert.equal(ended.code, 0, ended.output);
  assert.equal(JSON.parse(ended.output).name, 'here');
  assert.ok(readdirSync(here).includes('wrangler.jsonc'));
});

test('a folder that is not empty is left as it is', async () => {
  const taken = path.join(folder, 'taken');
  mkdirSync(taken);
  writeFileSync(path.join(taken, 'mine.txt'), 'mine');
  const ended = await init('taken');
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /taken: the folder is not empty\n\s*name another one/);
  assert.deepEqual(readdirSync(taken), ['mine.txt']);
});

test('a file in the place of the folder is told', async () => {
  writeFileSync(path.join(folder, 'file'), '');
  const ended = await init('file');
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /file: is there and no folder/);
});

test('an unknown template is refused with the nearest name', async () => {
  const ended = await init('wrong', '--template', 'helo');
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /template "helo": there is none \(did you mean "hello"\?\)/);
  assert.ok(!readdirSync(folder).includes('wrong'));
});

test('a terminal is asked for the template, unless one is named', async () => {
  const onTerminal = (command: string, input: string) =>
    run('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd: folder,
      env: environment(),
      input,
    });
  const asked = await onTerminal(`${caravelBinary} init chosen`, '4\n');
  assert.equal(asked.code, 0, asked.output);
  assert.match(asked.output, /Number or name/);
  assert.match(asked.output, /chosen.* is made, from the template static/);
  const named = await onTerminal(`${caravelBinary} init named --template hello`, '');
  assert.equal(named.code, 0, named.output);
  assert.doesNotMatch(named.output, /Number or name/);
});
