// `caravel serve`: edits of what is served, and what is told of those that are wrong.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { configured, Serving, servedUrl } from '../../tools/platform/serving.ts';

const serving = new Serving();
const { folder } = serving;
after(() => serving.stop());

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
  const { until, printed } = serving.follow(project);
  const address = await until(servedUrl);
  assert.match(printed(), /^built is being built: printf /m);
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

test('an edit answers, and no request is lost over it', async () => {
  const project = path.join(folder, 'edited');
  mkdirSync(project);
  const write = (part: string, main = "import part from './part.js';") => {
    writeFileSync(path.join(project, 'part.js'), `export default '${part}';`);
    const code = 'export default { fetch: () => new Response(part) };';
    writeFileSync(path.join(project, 'index.js'), `${main} ${code}`);
  };
  write('first');
  const { url } = await serving.serve(path.join(project));
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
  const { url } = await serving.serve(`${folder}/apps/../alias/./`);
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
  const { url, child } = await serving.serve(project);
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
    const { until, printed } = serving.follow(project);
    await until(told);
    await until(/it answers as soon as an edit mends that/);
    assert.doesNotMatch(printed(), /answers at|is away/);
    write(good);
    await until(/answers at/);
    const url = await until(servedUrl);
    assert.equal((await ask(url)).text, 'mended');
  });
}

test('requests are answered with the error that was told last where no version has started', async () => {
  const throwing = (what: string) => `throw Error('${what}'); export default { fetch() {} };`;
  const config = configured('unstarted');
  const project = serving.write('unstarted', {
    'index.js': throwing('no mast'),
    'wrangler.json': config,
  });
  const { until, printed } = serving.follow(project);
  await until(/until then, requests to http:\/\/\S+ end in that error/);
  const url = await until(servedUrl);
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
  serving.write('unstarted', { 'index.js': throwing('no sail') });
  await isTold(/no sail/);
  serving.write('unstarted', { 'index.js': 'export default {\n  fetch( {}\n};\n' });
  await isTold(/index\.js:\d[\s\S]*could not be bundled/);
  serving.write('unstarted', {
    'wrangler.json': configured('unstarted', { compatibility_flags: ['x_y'] }),
  });
  await isTold(/wrangler\.json: .*"x_y"/);
  serving.write('unstarted', { 'wrangler.json': '{' });
  await isTold(/wrangler\.json:1/);
  assert.doesNotMatch(printed(), /answers at|\bwent on|goes on/);
  serving.write('unstarted', { 'index.js': 'export default { fetch: () => new Response("up") };' });
  serving.write('unstarted', { 'wrangler.json': config });
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
    const project = serving.write(name, {
      'index.js': code,
      'wrangler.json': configured('r', more),
    });
    const { until } = serving.follow(project);
    await until(/until then, requests to/);
    const url = await until(servedUrl);
    const { status, text } = await ask(`${url}/any`);
    assert.equal(status, 500);
    assert.match(text, told);
    serving.write(name, { 'wrangler.json': configured('r') });
    while ((await ask(url)).text !== 'mended');
  });
}

test('rules for assets that are wrong at the start are told to requests too', async () => {
  const project = serving.write('ruled-wrong', {
    'index.js': 'export default { fetch: () => new Response("code") };',
    'wrangler.json': configured('ruled-wrong', { assets: { directory: 'public' } }),
  });
  serving.write('ruled-wrong/public', { 'a.txt': 'a', _redirects: '/a\n' });
  const { until } = serving.follow(project);
  await until(/until then, requests to/);
  const url = await until(servedUrl);
  assert.match((await ask(url)).text, /_redirects/);
  serving.write('ruled-wrong/public', { _redirects: '/b /a.txt 301\n' });
  while ((await ask(url)).text !== 'code');
  assert.equal((await ask(`${url}/a.txt`)).text, 'a');
});

test('Ctrl-C while a project is bundled is no failure of it', async () => {
  const project = serving.write('interrupted', { 'wrangler.json': configured('interrupted') });
  // esbuild reads it as long as somebody may write.
  const entry = path.join(project, 'index.js');
  execFileSync('mkfifo', [entry]);
  const { printed, interrupt } = serving.followIn(project, '.');
  let writer: number | undefined;
  while (writer === undefined) {
    assert.equal(printed(), '');
    await new Promise((resolve) => setTimeout(resolve, 5));
    try {
      writer = openSync(entry, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENXIO', 'nobody reads it yet');
    }
  }
  assert.equal(await interrupt(), 0);
  closeSync(writer);
  assert.equal(printed(), '');
});

test('Ctrl-C while a project is built is no failure of it', async () => {
  const build = { command: 'echo begun; exec sleep 600' };
  const project = serving.write('stopped', {
    'index.js': 'export default {};',
    'wrangler.json': configured('stopped', { build }),
  });
  const { until, printed, interrupt } = serving.followIn(project, '.');
  await until(/^begun$/m);
  assert.equal(await interrupt(), 0, printed());
  assert.doesNotMatch(printed(), /signal|edit/);
});

test('Ctrl-C while an edit is built begins no further build', async () => {
  const build = { command: 'if [ -e built ]; then echo again; exec sleep 600; fi; touch built' };
  const names = ['first-built', 'second-built'];
  for (const name of names) {
    serving.write(`${name}/src`, { edited: '' });
    serving.write(name, {
      'index.js': 'export default { fetch: () => new Response() };',
      'wrangler.json': configured(name, { build }),
    });
  }
  const { until, printed, interrupt } = serving.followIn(serving.folder, ...names);
  for (const name of names) await until(new RegExp(`${name} answers at`));
  for (const name of names) serving.write(`${name}/src`, { edited: 'anew' });
  await until(/^again$/m);
  assert.equal(await interrupt(), 0, printed());
  assert.equal(printed().match(/^again$/gm)?.length, 1, printed());
});
