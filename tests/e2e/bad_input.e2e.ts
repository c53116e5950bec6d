// Wrong input gets an error that a person can act on: it names the thing, the
// reason and, where there is one, the remedy.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { caravel, esModule, Platform, temporaryFolder } from '../../tools/platform/platform.ts';

describe('an upload', () => {
  let platform: Platform;
  before(async () => {
    platform = await Platform.start();
  });
  after(() => platform.stop());

  const good = esModule("export default { fetch() { return new Response('hi') } }");

  async function refusal(...upload: Parameters<Platform['upload']>): Promise<string> {
    const answer = await platform.upload(...upload);
    assert.equal(answer.success, false);
    assert.ok(answer.status >= 400 && answer.status < 500, `status ${answer.status}`);
    return answer.errors.map(({ message }) => message).join('\n');
  }

  test('with a syntax error tells file and line', async () => {
    const source = 'export default {\n  fetch() { return new Response( }\n};';
    assert.match(await refusal('broken', [esModule(source)]), /SyntaxError.*[\s\S]*index\.js:2/);
  });

  test('that throws while it starts tells what and where', async () => {
    const source = "\nthrow new Error('no moorings');\nexport default {};";
    assert.match(await refusal('thrower', [esModule(source)]), /no moorings[\s\S]*index\.js:2/);
  });

  test('without a default export is told so', async () => {
    assert.match(await refusal('empty', [esModule('export const a = 1;')]), /default export|fetch/);
  });

  test('that imports what is not there is told which', async () => {
    const source = "import './missing.js'; export default {};";
    assert.match(await refusal('lost', [esModule(source)]), /missing\.js/);
  });

  test('that imports a module of Node without the flag is told which', async () => {
    const source = "import 'node:tls'; export default {};";
    assert.match(await refusal('tls', [esModule(source)]), /node:tls/);
  });

  test('whose bundle has imports of the Node polyfills is told the flag', async () => {
    const source = "import 'node:_stream_wrap'; export default {};";
    const metadata = {
      compatibility_date: '2026-01-15',
      compatibility_flags: ['nodejs_compat'],
    };
    assert.match(
      await refusal('polyfilled', [esModule(source)], metadata),
      /"node:_stream_wrap"[\s\S]*Remove nodejs_compat from compatibility_flags/,
    );
  });

  test('that never ends its start is told the limit', async () => {
    assert.match(await refusal('slow', [esModule('for (;;) {}')]), /start-?up/i);
  });

  test('with an unknown kind of binding is told the kind', async () => {
    const bindings = [{ name: 'CACHE', type: 'kv_namspace', namespace_id: 'x' }];
    assert.match(await refusal('bound', [good], { bindings }), /CACHE.*kv_namspace/);
  });

  test('with a binding that Caravel has not yet is told its name and kind', async () => {
    const bindings = [{ name: 'JOBS', type: 'queue', queue_name: 'jobs' }];
    assert.match(await refusal('bound', [good], { bindings }), /JOBS.*queue/);
  });

  test('under a name too long is told the limit', async () => {
    assert.match(await refusal('a'.repeat(64), [good]), /63/);
  });

  test('with a compatibility date of the future is told the date', async () => {
    assert.match(
      await refusal('early', [good], { compatibility_date: '2999-01-01' }),
      /2999-01-01/,
    );
  });

  test('with an unknown compatibility flag is told the flag', async () => {
    const metadata = { compatibility_flags: ['nodejs_compt'] };
    assert.match(await refusal('flagged', [good], metadata), /nodejs_compt/);
  });

  test('with a bad token is refused', async () => {
    const { status, success, errors } = await platform.ask(
      'GET',
      '/user',
      undefined,
      'not-a-token',
    );
    assert.equal(success, false);
    assert.ok(status === 401 || status === 403, `status ${status}`);
    assert.match(errors.map(({ message }) => message).join(), /[Aa]uthenticat|token/);
  });

  test('none of them stands afterwards', async () => {
    const answer = await platform.get('broken');
    assert.equal(answer.status, 404);
  });
});

describe('`caravel up`', () => {
  const data = temporaryFolder();
  after(() => rmSync(data, { recursive: true, force: true }));

  async function refusal(...args: string[]): Promise<string> {
    const ended = await caravel(['up', '--detach', ...args]);
    assert.notEqual(ended.code, 0, ended.output);
    return ended.output;
  }

  for (const option of ['--port', '--api-port']) {
    test(`on a ${option} in use names the port and who has it`, async () => {
      const holder = createServer();
      await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
      try {
        const { port } = holder.address() as AddressInfo;
        const other = option === '--port' ? '--api-port' : '--port';
        const output = await refusal('--data', data, option, `${port}`, other, '0');
        assert.match(output, new RegExp(`port ${port}: in use by process ${process.pid} `));
        assert.match(output, new RegExp(`choose another port \\(${option} N; 0 takes a free`));
      } finally {
        holder.close();
      }
    });
  }

  test('on a port in use leaves no new data folder', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = holder.address() as AddressInfo;
      const fresh = path.join(data, 'fresh');
      await refusal('--data', fresh, '--port', `${port}`, '--api-port', '0');
      assert.ok(!existsSync(fresh));
      mkdirSync(fresh);
      await refusal('--data', fresh, '--port', `${port}`, '--api-port', '0');
      assert.ok(existsSync(fresh), 'one that was there stays');
    } finally {
      holder.close();
    }
  });

  test('on a data folder that is a file says what to do', async () => {
    const file = path.join(data, 'file');
    writeFileSync(file, '');
    const output = await refusal('--data', file, '--port', '0', '--api-port', '0');
    assert.ok(output.includes(`folder ${file}: a file of that name exists`), output);
    assert.match(output, /move it away, or choose another folder/);
  });

  test('on a corrupt database without a snapshot says what to do', async () => {
    const folder = path.join(data, 'corrupt');
    mkdirSync(folder);
    const platform = await Platform.start([], { data: folder });
    await platform.run('down');
    const database = path.join(folder, 'database.sqlite');
    writeFileSync(database, 'not a database '.repeat(999));
    for (const name of ['published.0', 'published.1']) {
      rmSync(path.join(folder, name), { force: true });
    }
    const output = await refusal('--data', folder, '--port', '0', '--api-port', '0');
    assert.ok(output.includes(`${database} is corrupt`), output);
    assert.match(output, /restore the file from a backup/);
  });

  test('with an unknown key in its TOML file names the nearest one', async () => {
    const config = path.join(data, 'caravel.toml');
    writeFileSync(config, 'api_prot = 0\n');
    const output = await refusal('--data', data, '--config', config, '--port', '0');
    assert.ok(output.includes(`${config}: there is no key "api_prot"`), output);
    assert.match(output, /did you mean "api_port"\?/);
  });

  test('with a TOML file that is not there names it, and says what to do', async () => {
    const config = path.join(data, 'absent.toml');
    const output = await refusal('--data', data, '--config', config);
    assert.ok(output.includes(`--config: open ${config}: No such file`), output);
    assert.match(output, /name a TOML file of settings/);
  });
});

test('an unknown command is answered with the nearest one', async () => {
  const ended = await caravel(['deplyo']);
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /deplyo[\s\S]*deploy/);
});
