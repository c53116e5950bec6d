// `caravel serve`: projects, no control plane.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import {
  caravel,
  caravelBinary,
  Platform,
  temporaryFolder,
} from '../../tools/platform/platform.ts';
import { inTree, root } from '../../tools/test/paths.ts';

const started: ChildProcess[] = [];
const folder = temporaryFolder();
after(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts it on a free port; resolves with its address as it prints it. */
async function serve(
  project: string,
  ...flags: readonly string[]
): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(caravelBinary, ['serve', project, '--port', '0', ...flags], {
    env: { ...process.env, CARAVEL_ROOT: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed += chunk;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    printed += `${line}\n`;
    const url = /http:\/\/[\w.[\]:-]+:\d+/.exec(line)?.[0];
    if (url) return { url, child };
  }
  throw new Error(`caravel serve ended without an address:\n${printed}`);
}

/** Starts it on a free port; `until` resolves with what it printed that matches. */
function follow(...words: readonly string[]) {
  const child = spawn(caravelBinary, ['serve', '--port', '0', ...words], {
    env: { ...process.env, CARAVEL_ROOT: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      printed += chunk;
    });
  const until = async (pattern: RegExp) => {
    for (;;) {
      const found = pattern.exec(printed);
      if (found) return found[0];
      assert.equal(child.exitCode, null, printed);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { until, printed: () => printed };
}

test('serves a project of TypeScript', async () => {
  const { url } = await serve(inTree('examples/hello'));
  assert.equal((await ask(`${url}/?name=serve`)).text, 'Hello serve!\n');
});

test('serves a project of wrangler.toml with modules and vars', async () => {
  const { url } = await serve(inTree('examples/modules'));
  assert.equal((await ask(`${url}/manifest`)).text, '{"ship":"Caravel","masts":3}');
  assert.equal((await ask(`${url}/signal`)).body.length, 7);
  assert.match((await ask(url)).text, /^Welcome aboard/);
});

test('runs the build command of a project, and again when its sources change', async () => {
  const project = path.join(folder, 'built');
  mkdirSync(path.join(project, 'src'), { recursive: true });
  const source = (text: string) => writeFileSync(path.join(project, 'src/text'), text);
  writeFileSync(
    path.join(project, 'index.js'),
    `import text from './made.js'; export default {
    fetch: () => new Response(text) };`,
  );
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'built',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      build: {
        command: `printf 'export default "%s"' "$(cat src/text)" > made.js && test -s src/text`,
      },
    }),
  );
  source('first');
  const { until, printed } = follow(project);
  const address = await until(/http:\/\/[\w.[\]:-]+:\d+/);
  assert.equal((await ask(address)).text, 'first');
  source('second');
  while ((await ask(address)).text !== 'second') assert.doesNotMatch(printed(), /exit code/);
  const made = path.join(project, 'made.js');
  const { mtimeMs } = statSync(made);
  source('');
  await until(/build\.command: ".*": exit code 1/);
  assert.equal((await ask(address)).text, 'second', 'what was built before goes on');
  const failures = () => printed().match(/exit code 1/g)?.length;
  source('third');
  while ((await ask(address)).text !== 'third') assert.equal(failures(), 1);
  assert.ok(statSync(made).mtimeMs > mtimeMs);
  // What the build writes is watched too, and tells nothing new.
  await until(/(answers as edited[\s\S]*){2}/);
  source('fourth');
  await until(/(answers as edited[\s\S]*){3}/);
  assert.equal(printed().match(/answers as edited/g)?.length, 3, printed());
});

test('serves assets beside code, built by the project and bound to it', async () => {
  const { url } = await serve(inTree('examples/handbook'));
  assert.match((await ask(`${url}/page/1999`)).text, /<h1>Page 1999<\/h1>/);
  assert.match((await ask(`${url}/random`)).text, /<h1>Page \d+<\/h1>/);
  assert.equal((await ask(`${url}/page/2000`)).text, 'no such page\n');
});

test('serves a project with KV, which is empty at first and stays while it is edited', async () => {
  const project = path.join(folder, 'kv');
  mkdirSync(project);
  const write = (name: string) =>
    writeFileSync(
      path.join(project, 'index.js'),
      `export default { async fetch(request, env) {
        const { pathname } = new URL(request.url);
        if (request.method === 'PUT') await env.ONE.put(pathname, request.body);
        const has = [await env.ONE.get(pathname), await env.OTHER.get(pathname)];
        return new Response('${name} ' + has.map((value) => value && value.length));
      } };`,
    );
  write('first');
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'kv',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      kv_namespaces: [{ binding: 'ONE' }, { binding: 'OTHER', id: 'a'.repeat(32) }],
    }),
  );
  const { url } = await serve(project);
  assert.equal((await ask(`${url}/a`)).text, 'first ,');
  assert.equal((await ask(`${url}/a`, { method: 'PUT', body: 'text' })).text, 'first 4,');
  // A large value lies in a file of its own.
  const large = await ask(`${url}/b`, { method: 'PUT', body: 'x'.repeat(100_000) });
  assert.equal(large.text, 'first 100000,');
  write('second');
  let answer = '';
  while (!answer.startsWith('second')) answer = (await ask(`${url}/a`)).text;
  assert.equal(answer, 'second 4,');
});

test('serves a project that calls itself by a service binding', async () => {
  const project = path.join(folder, 'self');
  mkdirSync(project);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'self',
      main: 'index.js',
      compatibility_date: '2026-07-01',
      services: [{ binding: 'OWN', service: 'self', entrypoint: 'Own', props: { n: 2 } }],
    }),
  );
  writeFileSync(
    path.join(project, 'index.js'),
    `import { WorkerEntrypoint } from 'cloudflare:workers';
     export class Own extends WorkerEntrypoint {
       times(x) { return x * this.ctx.props.n; }
     }
     export default { fetch: async (request, env) => new Response(await env.OWN.times(21)) };`,
  );
  const { url } = await serve(project);
  assert.equal((await ask(url)).text, '42');
});

test('serves a project that imports and requires modules of Node', async () => {
  const project = path.join(folder, 'node');
  mkdirSync(project);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({ name: 'node', main: 'index.js', compatibility_date: '2026-08-04' }),
  );
  writeFileSync(
    path.join(project, 'old.cjs'),
    "const { join } = require('path'); module.exports = () => join('/a', '../b');",
  );
  writeFileSync(
    path.join(project, 'index.js'),
    `import { EventEmitter } from 'events';
    import where from './old.cjs';
    export default {
      fetch() {
        const told = [];
        new EventEmitter().on('x', (v) => told.push(v)).emit('x', where());
        return new Response(Buffer.from(told.join()).toString('hex'));
      },
    };`,
  );
  assert.equal((await ask((await serve(project)).url)).text, '2f62');
});

test('takes an environment of the configuration, and secrets of .dev.vars', async () => {
  const project = path.join(folder, 'staged');
  mkdirSync(project);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'staged',
      main: 'index.js',
      vars: { WHERE: 'top', KEY: 'none' },
      env: { staging: { vars: { WHERE: 'staging' } } },
    }),
  );
  writeFileSync(
    path.join(project, 'index.js'),
    "export default { fetch: (_, { WHERE, KEY }) => new Response([WHERE, KEY].join(' ')) };",
  );
  writeFileSync(path.join(project, '.dev.vars'), 'KEY="common key"\n');
  assert.equal((await ask((await serve(project)).url)).text, 'top common key');
  writeFileSync(path.join(project, '.dev.vars.staging'), 'KEY=staging key\n');
  const { url } = await serve(project, '--env', 'staging');
  assert.equal((await ask(url)).text, 'staging staging key');
});

test('an edit answers, and no request is lost over it', async () => {
  const project = path.join(folder, 'edited');
  mkdirSync(project);
  const write = (part: string, main = "import part from './part.js';") => {
    writeFileSync(path.join(project, 'part.js'), `export default '${part}';`);
    const code = 'export default { fetch: () => new Response(part) };';
    writeFileSync(path.join(project, 'index.js'), `${main} ${code}`);
  };
  write('first');
  const { url } = await serve(path.join(project));
  const answers: string[] = [];
  const until = async (wanted: string) => {
    while (answers.at(-1) !== wanted) answers.push((await ask(url)).text);
  };
  await until('first');
  writeFileSync(path.join(project, 'part.js'), "export default 'second';");
  await until('second');
  write('third');
  await until('third');
  assert.deepEqual([...new Set(answers)], ['first', 'second', 'third']);
});

test('an edit through a link, or of what a link leads to, answers too', async () => {
  const shared = path.join(folder, 'shared');
  const project = path.join(folder, 'apps/linked');
  for (const each of [shared, project]) mkdirSync(each, { recursive: true });
  const write = (text: string) =>
    writeFileSync(path.join(shared, 'part.js'), `export default '${text}';`);
  write('first');
  symlinkSync(shared, path.join(project, 'lib'));
  symlinkSync(project, path.join(folder, 'alias'));
  writeFileSync(
    path.join(project, 'index.js'),
    "import part from './lib/part.js'; export default { fetch: () => new Response(part) };",
  );
  const { url } = await serve(`${folder}/apps/../alias/./`);
  assert.equal((await ask(url)).text, 'first');
  write('second');
  while ((await ask(url)).text !== 'second');
});

test('an edit that cannot start is told, and the version before goes on', async () => {
  const project = path.join(folder, 'faulty');
  mkdirSync(project);
  const index = path.join(project, 'index.js');
  const answer = (text: string) => `export default { fetch: () => new Response('${text}') };`;
  writeFileSync(index, answer('good'));
  const { url, child } = await serve(project);
  assert.ok(child.stderr);
  const errors = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  const told = async (pattern: RegExp) => {
    for (;;) {
      const { value, done } = await errors.next();
      assert.ok(!done, `not told: ${pattern}`);
      if (pattern.test(value)) return;
    }
  };
  writeFileSync(index, `\nthrow new Error('no moorings');\n${answer('never')}`);
  await told(/no moorings/);
  await told(/index\.js:2/);
  assert.equal((await ask(url)).text, 'good');
  writeFileSync(index, 'export default {\n  fetch( {}\n};\n');
  await told(/the version before the edit goes on/);
  assert.equal((await ask(url)).text, 'good');
  writeFileSync(index, answer('better'));
  while ((await ask(url)).text !== 'better');
});

for (const [what, faulty, told] of [
  ['a configuration with a syntax error', { 'wrangler.json': '{\n  name\n}' }, /wrangler\.json:2/],
  ['a date of the future', { 'wrangler.json': { compatibility_date: '2999-01-01' } }, /2999-01-01/],
  ['a syntax error', { 'lib/part.ts': '\nexport default (' }, /part\.ts:\d/],
  ['an exception at its start', { 'lib/part.ts': "\nthrow Error('moored');" }, /part\.ts:2/],
] as const) {
  test(`${what} at the start is told, and mended by an edit`, async () => {
    const project = path.join(folder, `first-${what.replaceAll(' ', '-')}`);
    mkdirSync(path.join(project, 'lib'), { recursive: true });
    const good = {
      'wrangler.json': { name: 'first', main: 'index.ts', compatibility_date: '2026-01-01' },
      'index.ts': "import part from './lib/part.ts'; export default { fetch: () => part() };",
      'lib/part.ts': "export default () => new Response('mended');",
    };
    const write = (files: object) => {
      for (const [name, text] of Object.entries(files)) {
        const whole = typeof text === 'string' ? text : { ...good['wrangler.json'], ...text };
        writeFileSync(
          path.join(project, name),
          typeof whole === 'string' ? whole : JSON.stringify(whole),
        );
      }
    };
    write({ ...good, ...faulty });
    const { until, printed } = follow(project);
    await until(told);
    await until(/it answers as soon as an edit mends that/);
    assert.doesNotMatch(printed(), /answers at|is away/);
    write(good);
    await until(/answers at/);
    const url = await until(/http:\/\/[\w.[\]:-]+:\d+/);
    assert.equal((await ask(url)).text, 'mended');
  });
}

const configured = (name: string, more: object = {}) =>
  JSON.stringify({ name, main: 'index.js', compatibility_date: '2026-01-01', ...more });

/** Writes a project below the folder of all; its path. */
function write(name: string, files: Readonly<Record<string, string>>): string {
  const project = path.join(folder, name);
  mkdirSync(project, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(project, file), text);
  return project;
}

test('requests are answered with the error that was told last where no version has started', async () => {
  const throwing = (what: string) => `throw Error('${what}'); export default { fetch() {} };`;
  const config = configured('unstarted');
  const project = write('unstarted', {
    'index.js': throwing('no mast'),
    'wrangler.json': config,
  });
  const { until, printed } = follow(project);
  await until(/until then, requests to http:\/\/\S+ end in that error/);
  const url = await until(/http:\/\/[\w.[\]:-]+:\d+/);
  const isTold = async (what: RegExp) => {
    for (;;) {
      const { status, text, headers } = await ask(url);
      assert.equal(status, 500);
      if (!what.test(text)) continue;
      assert.equal(headers['content-type'], 'text/plain;charset=UTF-8');
      for (const line of text.trim().split('\n')) assert.ok(printed().includes(line), line);
      return;
    }
  };
  await isTold(/no mast[\s\S]*index\.js:1/);
  write('unstarted', { 'index.js': throwing('no sail') });
  await isTold(/no sail/);
  write('unstarted', { 'index.js': 'export default {\n  fetch( {}\n};\n' });
  await isTold(/index\.js:\d[\s\S]*could not be bundled/);
  write('unstarted', {
    'wrangler.json': configured('unstarted', { compatibility_flags: ['x_y'] }),
  });
  await isTold(/wrangler\.json: .*"x_y"/);
  write('unstarted', { 'wrangler.json': '{' });
  await isTold(/wrangler\.json:1/);
  assert.doesNotMatch(printed(), /answers at|\bwent on|goes on/);
  write('unstarted', { 'index.js': 'export default { fetch: () => new Response("up") };' });
  write('unstarted', { 'wrangler.json': config });
  await until(/unstarted answers at/);
  assert.equal((await ask(url)).text, 'up');
});

for (const [what, more, told] of [
  ['an unknown flag', { compatibility_flags: ['no_such'] }, /"no_such"/],
  ['a binding that serve has not', { r2_buckets: [{ binding: 'B' }] }, /r2_buckets: `serve`/],
  ['a cron expression that is none', { triggers: { crons: ['61 * * * *'] } }, /minute "61"/],
  ['assets that are not there', { assets: { directory: 'none' } }, /assets\.directory/],
] as const) {
  test(`${what} at the start is what requests are answered with`, async () => {
    const name = `refused-${what.replaceAll(' ', '-')}`;
    const code = 'export default { fetch: () => new Response("mended") };';
    const project = write(name, { 'index.js': code, 'wrangler.json': configured('r', more) });
    const { until } = follow(project);
    await until(/until then, requests to/);
    const url = await until(/http:\/\/[\w.[\]:-]+:\d+/);
    const { status, text } = await ask(`${url}/any`);
    assert.equal(status, 500);
    assert.match(text, told);
    write(name, { 'wrangler.json': configured('r') });
    while ((await ask(url)).text !== 'mended');
  });
}

test('rules for assets that are wrong at the start are told to requests too', async () => {
  const project = write('ruled-wrong', {
    'index.js': 'export default { fetch: () => new Response("code") };',
    'wrangler.json': configured('ruled-wrong', { assets: { directory: 'public' } }),
  });
  write('ruled-wrong/public', { 'a.txt': 'a', _redirects: '/a\n' });
  const { until } = follow(project);
  await until(/until then, requests to/);
  const url = await until(/http:\/\/[\w.[\]:-]+:\d+/);
  assert.match((await ask(url)).text, /_redirects/);
  write('ruled-wrong/public', { _redirects: '/b /a.txt 301\n' });
  while ((await ask(url)).text !== 'code');
  assert.equal((await ask(`${url}/a.txt`)).text, 'a');
});

const quotes = (text: string) => `
  import { WorkerEntrypoint } from 'cloudflare:workers';
  export class Quotes extends WorkerEntrypoint {
    random() { return '${text}'; }
  }
  export default class extends WorkerEntrypoint {
    async fetch() { return new Response('quotes has ' + (await this.env.KV.get('k'))); }
    async put(value) { await this.env.KV.put('k', value); return value; }
  }`;
const web = `export default { async fetch(request, { QUOTES, STORE, KV }) {
  const { pathname } = new URL(request.url);
  try {
    if (pathname === '/put') return new Response(await STORE.put('kept') + await KV.get('k'));
    if (pathname === '/fetch') return await STORE.fetch('http://quotes/');
    return new Response(await QUOTES.random());
  } catch (error) {
    return new Response(String(error), { status: 502 });
  }
} };`;
const services = [
  { binding: 'QUOTES', service: 'quotes', entrypoint: 'Quotes' },
  { binding: 'STORE', service: 'quotes' },
];
const kv_namespaces = [{ binding: 'KV' }];

test('serves several projects, which call each other, and each edit of them', async () => {
  const first = write('several/web', {
    'index.js': web,
    'wrangler.json': configured('web', { services, kv_namespaces }),
  });
  const second = write('several/q', {
    'index.js': quotes('one'),
    'wrangler.json': configured('quotes', {
      kv_namespaces,
      assets: { directory: 'public' },
    }),
  });
  write('several/q/public', { 'about.txt': 'about quotes' });
  const { until, printed } = follow(first, second);
  const url = await until(/http:\/\/[\w.[\]]+:\d+/);
  const port = Number(/\d+$/.exec(url)?.[0]);
  await until(new RegExp(`quotes answers at http://quotes\\.localhost:${port}`));
  const host = `quotes.localhost:${port}`;
  assert.equal((await ask(url)).text, 'one');
  assert.equal((await ask(url, { host: `web.localhost:${port}` })).text, 'one');
  assert.equal((await ask(`${url}/put`)).text, 'keptnull', 'each has a namespace of its own');
  assert.equal((await ask(`${url}/fetch`)).text, 'quotes has kept');
  assert.equal((await ask(url, { host })).text, 'quotes has kept');
  assert.equal((await ask(`${url}/about.txt`, { host })).text, 'about quotes');
  assert.equal((await ask(`${url}/about.txt`)).text, 'one', 'assets are of one Worker');
  write('several/q', { 'index.js': quotes('two') });
  while ((await ask(url)).text !== 'two') assert.match((await ask(url)).text, /one|two/);
  write('several/web', {
    'index.js': web.replace('QUOTES.random()', "'no ' + (await QUOTES.random())"),
  });
  while ((await ask(url)).text !== 'no two');
  await until(/web answers as edited/);
  await until(/quotes answers as edited/);
  assert.doesNotMatch(printed(), /warning|not served/);
});

test('a Worker that is not served is warned of, and calls of it fail', async () => {
  const project = write('lonely', {
    'index.js': web,
    'wrangler.json': configured('lonely', { services }),
  });
  const { until } = follow(project);
  await until(
    /binding "QUOTES" is to the Worker "quotes", which is not served here: calls of it fail/,
  );
  await until(/lonely answers at/);
  const url = await until(/http:\/\/[\w.[\]:-]+:\d+/);
  for (const where of ['/', '/fetch']) {
    const { status, text } = await ask(`${url}${where}`);
    assert.equal(status, 502);
    assert.match(
      text,
      /Worker "quotes".* is not served here: name its folder to `caravel serve` too/,
    );
  }
});

test('calls of a Worker that cannot start fail with what is wrong, until an edit mends it', async () => {
  const first = write('halting/web', {
    'index.js': web,
    'wrangler.json': configured('web', { services }),
  });
  const second = write('halting/quotes', {
    'index.js': 'throw new Error("no ink");',
    'wrangler.json': configured('quotes', { kv_namespaces }),
  });
  const { until } = follow(first, second);
  await until(/web answers at/);
  const url = await until(/web answers at http:\/\/[\w.[\]:-]+:\d+/);
  const at = url.slice(url.indexOf('http'));
  await until(/until then, requests to http:\/\/quotes\.localhost:\d+ end in that error/);
  const { status, text } = await ask(at);
  assert.equal(status, 502);
  assert.match(text, /no ink/);
  const fetched = await ask(`${at}/fetch`);
  assert.equal(fetched.status, 500);
  assert.match(fetched.text, /no ink/);
  write('halting/quotes', { 'index.js': quotes('ink') });
  while ((await ask(at)).text !== 'ink');
  await until(/quotes answers at http:\/\/quotes\.localhost:\d+/);
});

test('two projects of one name are refused with both folders', async () => {
  const files = { 'index.js': web, 'wrangler.json': configured('twin') };
  const { code, output } = await caravel([
    'serve',
    write('twins/a', files),
    write('twins/b', files),
    '--port',
    '0',
  ]);
  assert.notEqual(code, 0);
  assert.match(
    output,
    /twins\/b: the Worker of \S*twins\/a is called "twin" too\n\s+give one of them/,
  );
});

test('runs a scheduled handler for a request of its path', async () => {
  const project = write('scheduled', {
    'index.js': `let told = 'nothing';
      export default {
        fetch: () => new Response(told),
        scheduled({ cron, scheduledTime }) {
          if (cron === 'fail') throw new RangeError('no wind');
          told = cron + ' ' + scheduledTime;
        },
      };`,
    'wrangler.json': configured('scheduled', { triggers: { crons: ['*/5 * * * *'] } }),
  });
  const { until } = follow(project, '--shards', '1');
  await until(/cron "\*\/5 \* \* \* \*": `serve` goes by no clock/);
  const url = await until(/http:\/\/[\w.[\]:-]+:\d+/);
  const run = (query: string) => ask(`${url}/cdn-cgi/handler/scheduled${query}`);
  const well = await run('?cron=*/5+*+*+*+*&time=1745856238000');
  assert.deepEqual([well.status, well.text], [200, 'ok']);
  assert.equal((await ask(url)).text, '*/5 * * * * 1745856238000');
  assert.equal((await run('')).text, 'ok');
  assert.match((await ask(url)).text, /^\* \* \* \* \* \d{13}$/);
  const failed = await run('?cron=fail');
  assert.equal(failed.status, 500);
  assert.match(failed.text, /RangeError: no wind/);
  const wrong = await run('?time=soon');
  assert.deepEqual([wrong.status, wrong.text.split('\n')[0]], [500, 'time "soon": is no time']);
});

test('a port that is taken has a remedy that serve takes', async () => {
  const project = write('ported', { 'index.js': web });
  const platform = await Platform.start();
  const port = new URL(platform.http).port;
  const { code, output } = await caravel(['serve', project, '--port', port]);
  await platform.stop();
  assert.notEqual(code, 0);
  assert.match(
    output,
    /in use by .*\n\s+choose another port \(--port N; 0 takes a free one\), or stop/,
  );
  assert.doesNotMatch(output, /--api-port/);
});

test('names files from the folder of the project where a request fails', async () => {
  const project = path.join(folder, 'thrower');
  mkdirSync(path.join(project, 'src'), { recursive: true });
  const config = { name: 'thrower', main: 'src/index.ts', compatibility_date: '2026-01-01' };
  writeFileSync(path.join(project, 'wrangler.json'), JSON.stringify(config));
  writeFileSync(
    path.join(project, 'src/index.ts'),
    "export default {\n  fetch(): Response {\n    throw new Error('boom');\n  },\n};\n",
  );
  const { url, child } = await serve(project);
  const { stdout } = child;
  assert.ok(stdout);
  const lines = createInterface({ input: stdout });
  assert.equal((await ask(url)).status, 500);
  for await (const line of lines) {
    if (!/^\s+at /.test(line)) continue;
    assert.match(line, /\(src\/index\.ts:3:11\)$/);
    return;
  }
  assert.fail('serve ended');
});

test('has what was put into KV the last time, and rate limits', async () => {
  const project = path.join(folder, 'state');
  mkdirSync(project, { recursive: true });
  writeFileSync(
    path.join(project, 'index.js'),
    `export default { async fetch(request, { KV, LIMIT }) {
      const url = new URL(request.url);
      if (url.pathname === '/limit') return Response.json(await LIMIT.limit({ key: 'k' }));
      if (url.pathname === '/put') await KV.put('k', url.search);
      return new Response(await KV.get('k'));
    } };`,
  );
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'state',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      kv_namespaces: [{ binding: 'KV', id: 'abc' }],
      ratelimits: [{ name: 'LIMIT', namespace_id: '1', simple: { limit: 1, period: 60 } }],
    }),
  );
  const first = await serve(project, '--shards', '1');
  assert.equal((await ask(`${first.url}/get`)).text, '');
  assert.equal((await ask(`${first.url}/put?v`)).text, '?v');
  assert.deepEqual(
    [(await ask(`${first.url}/limit`)).text, (await ask(`${first.url}/limit`)).text],
    ['{"success":true}', '{"success":false}'],
  );
  const second = await caravel(['serve', project, '--port', '0']);
  assert.notEqual(second.code, 0);
  assert.match(second.output, /another `serve` of this project/);
  const ended = new Promise((resolve) => first.child.once('exit', resolve));
  first.child.kill('SIGTERM');
  await ended;
  const again = await serve(project, '--shards', '1');
  assert.equal((await ask(`${again.url}/get`)).text, '?v');
  assert.equal(readFileSync(path.join(project, '.caravel/.gitignore'), 'utf8'), '*\n');
});

test('has the assets of the project, and anew when they change', async () => {
  const project = path.join(folder, 'site');
  mkdirSync(path.join(project, 'public'), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(path.join(project, name), text);
  write('public/index.html', '<p>one</p>');
  write('public/_headers', '/*\n  X-From: rules\n');
  write('public/_redirects', '/old /new 301\n');
  write(
    'index.js',
    'export default { fetch: (_, env) => env.ASSETS.fetch("http://a/index.html") }',
  );
  const assets = { directory: './public', binding: 'ASSETS', html_handling: 'none' };
  const configuration = { name: 'site', main: 'index.js', compatibility_date: '2026-01-01' };
  write('wrangler.json', JSON.stringify({ ...configuration, assets }));
  const { url } = await serve(project, '--shards', '1');
  const page = await ask(`${url}/index.html`);
  assert.deepEqual([page.status, page.text], [200, '<p>one</p>']);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(page.headers['x-from'], 'rules');
  assert.equal((await ask(`${url}/code`)).text, '<p>one</p>');
  const moved = await ask(`${url}/old`);
  assert.deepEqual([moved.status, moved.headers.location], [301, '/new']);
  mkdirSync(path.join(project, 'public/sub'));
  write('public/sub/a.txt', 'new');
  while ((await ask(`${url}/sub/a.txt`)).text !== 'new');
  write('public/index.html', '<p>two</p>');
  while ((await ask(`${url}/index.html`)).text !== '<p>two</p>');
  rmSync(path.join(project, 'public/sub/a.txt'));
  while ((await ask(`${url}/sub/a.txt`)).text === 'new');
});

test('has files as modules and JSX as the configuration says', async () => {
  const project = path.join(folder, 'ruled');
  mkdirSync(path.join(project, 'public'), { recursive: true });
  writeFileSync(path.join(project, 'page.md'), '# Page');
  writeFileSync(path.join(project, 'public/kept.txt'), 'kept');
  writeFileSync(path.join(project, 'public/draft.txt'), 'draft');
  writeFileSync(path.join(project, 'public/.assetsignore'), 'draft*\n');
  writeFileSync(
    path.join(project, 'index.jsx'),
    `import page from './page.md';
     const h = (name, _, ...children) => name + ':' + children.join();
     export default { fetch: () => new Response(page + <b>bold</b>) };`,
  );
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'ruled',
      main: 'index.jsx',
      compatibility_date: '2026-01-01',
      rules: [{ type: 'Text', globs: ['**/*.md'], fallthrough: true }],
      jsx_factory: 'h',
      assets: { directory: 'public' },
    }),
  );
  const { url } = await serve(project);
  assert.equal((await ask(url)).text, '# Pageb:bold');
  assert.equal((await ask(`${url}/kept.txt`)).text, 'kept');
  assert.equal((await ask(`${url}/draft.txt`)).text, '# Pageb:bold', 'no asset');
});

test('serves a service worker, whose bindings are globals', async () => {
  const project = path.join(folder, 'script');
  mkdirSync(project, { recursive: true });
  writeFileSync(
    path.join(project, 'worker.js'),
    `addEventListener('fetch', (event) => event.respondWith(answer(event.request)));
    const answer = async (request) => new Response(NAME + ' ' + (await KV.get('k')));`,
  );
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'script',
      main: 'worker.js',
      compatibility_date: '2022-03-21',
      vars: { NAME: 'a var' },
      kv_namespaces: [{ binding: 'KV' }],
    }),
  );
  const { url } = await serve(project, '--shards', '1');
  assert.equal((await ask(url)).text, 'a var null');
});

test('serves assets alone', async () => {
  const project = path.join(folder, 'alone');
  mkdirSync(path.join(project, 'dist'), { recursive: true });
  writeFileSync(path.join(project, 'dist/index.html'), 'home');
  const assets = { directory: 'dist', not_found_handling: 'single-page-application' };
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({ name: 'alone', compatibility_date: '2026-01-01', assets }),
  );
  const { url } = await serve(project, '--shards', '1');
  assert.equal((await ask(url)).text, 'home');
  const accept = { headers: { 'sec-fetch-mode': 'navigate' } };
  assert.equal((await ask(`${url}/some/page`, accept)).text, 'home');
});

test('ends on SIGTERM with everything that it started', async () => {
  const { url, child } = await serve(inTree('examples/hello'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  await assert.rejects(ask(url));
});

test('a folder without a project is refused with its name', async () => {
  const empty = write('empty', {});
  const ended = await caravel(['serve', empty, '--port', '0']);
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /wrangler/);
  assert.ok(ended.output.includes(empty), ended.output);
});
