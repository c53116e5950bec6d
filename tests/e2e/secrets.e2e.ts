// Where secrets and tokens are not to be found: in no answer of the API, no log, and no
// file of the data folder but the one that is there for it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { esModule, Platform, temporaryFolder } from '../../tools/platform/platform.ts';

let platform: Platform;
const projects = temporaryFolder();
const folder = path.join(projects, 'keeper');

/** Every value that must not be found, by how it came here. */
const hidden = new Map<string, string>();
function secret(how: string): string {
  const value = `hidden${randomBytes(20).toString('hex')}`;
  hidden.set(how, value);
  return value;
}

/** The ways in which bytes of a text may stand somewhere. */
function formsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  // Within base64 a text looks in three ways, by where it begins; its ends depend on what
  // stands beside it.
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [text, bytes.toString('hex'), ...base64]
    .map((form) => Buffer.from(form))
    .concat(Buffer.from(text, 'utf16le'));
}

function assertHidden(where: string, content: Buffer | string, allowed: readonly string[] = []) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (const [how, value] of hidden) {
    if (allowed.includes(how)) continue;
    for (const form of formsOf(value)) {
      assert.equal(bytes.indexOf(form), -1, `${how} is found in ${where}`);
    }
  }
}

async function wrangler(args: readonly string[], input?: string) {
  const ended = await platform.wrangler(folder, args, {}, input);
  assert.equal(ended.code, 0, ended.output);
}

before(async () => {
  platform = await Platform.start();
  hidden.set('the first token', platform.token);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'wrangler.json'),
    JSON.stringify({
      name: 'keeper',
      main: 'index.js',
      compatibility_date: '2026-01-01',
    }),
  );
  // Says what it was given without saying it.
  writeFileSync(
    path.join(folder, 'index.js'),
    `export default { async fetch(request, env) {
      const seen = {};
      for (const [name, value] of Object.entries(env)) seen[name] = value.length;
      return Response.json(seen);
    } };`,
  );
});
after(async () => {
  await platform.stop();
  rmSync(projects, { recursive: true, force: true });
});

test('secrets come here in every way that wrangler has', async () => {
  writeFileSync(path.join(folder, '.dev.vars'), `LOCAL=${secret('.dev.vars')}\n`);
  const ofDeploy = path.join(projects, 'deploy.env');
  writeFileSync(ofDeploy, `OF_DEPLOY=${secret('deploy --secrets-file')}\n`);
  await wrangler(['deploy', '--secrets-file', ofDeploy]);
  await wrangler(['secret', 'put', 'PUT'], secret('secret put'));
  const bulk = path.join(projects, 'bulk.json');
  writeFileSync(bulk, JSON.stringify({ BULK: secret('secret bulk') }));
  await wrangler(['secret', 'bulk', bulk]);
  await wrangler(['versions', 'secret', 'put', 'LATER'], secret('versions secret put'));
  await platform.deploy(
    'uploaded',
    [esModule('export default { fetch: (r, env) => new Response(String(env.TEXT.length)) };')],
    { bindings: [{ type: 'secret_text', name: 'TEXT', text: secret('the binding of an upload') }] },
  );
  // They have arrived, and what is local has not.
  const seen = JSON.parse((await platform.get('keeper')).text);
  assert.deepEqual(seen, { OF_DEPLOY: 46, PUT: 46, BULK: 46 });
  assert.equal((await platform.get('uploaded')).text, '46');
});

test('tokens come and go', async () => {
  const where = `/accounts/${platform.account}/tokens`;
  const make = async (name: string) => {
    const made = await platform.ask<{ id: string; value: string }>('POST', where, {
      name,
      scopes: ['workers:read', 'account:read'],
    });
    assert.ok(made.success, JSON.stringify(made.errors));
    hidden.set(`token ${name}`, made.result.value);
    return made.result;
  };
  const kept = await make('kept');
  const rolled = await make('rolled');
  const removed = await make('removed');
  const { result } = await platform.ask<string>('PUT', `${where}/${rolled.id}/value`, {});
  hidden.set('the new value of a token', result);
  await platform.ask('DELETE', `${where}/${removed.id}`);
  for (const token of [kept.value, removed.value, secret('a token that is none')]) {
    const answer = await platform.ask(
      'DELETE',
      `/accounts/${platform.account}/workers/scripts/x`,
      {},
      token,
    );
    assert.equal(answer.success, false);
    assertHidden('the answer to a token', JSON.stringify(answer));
  }
});

test('an answer to a body that is wrong does not repeat the secret in it', async () => {
  const script = `/accounts/${platform.account}/workers/scripts/keeper`;
  const text = secret('a body that is refused');
  const asked = (method: string, where: string, type: string, body: string) =>
    ask(platform.api + where, {
      method,
      headers: { authorization: `Bearer ${platform.token}`, 'content-type': type },
      body,
    });
  const json = 'application/json';
  const merge = 'application/merge-patch+json';
  const metadata = (value: string) =>
    `--XX\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n${value}\r\n--XX--\r\n`;
  const multipart = 'multipart/form-data; boundary=XX';
  const binding = (more: string) =>
    `{"main_module":"index.js","bindings":[{"type":"secret_text","name":"A","text":"${text}"${more}}]}`;
  for (const [method, where, type, body] of [
    ['PUT', '/secrets', json, `{"name":"A","text":"${text}"`],
    ['PUT', '/secrets', json, `{"name":"A","text":"${text}",}`],
    ['PUT', '/secrets', json, `{"name":"A","text":"${text}","type":"none"}`],
    ['PUT', '/secrets', json, `{"name":"not a name","text":"${text}","type":"secret_text"}`],
    ['PUT', '/secrets', json, `{"name":"A","text":{"a":"${text}"},"type":"secret_text"}`],
    ['PUT', '/secrets', json, `{"name":"A","text":["${text}"],"type":"secret_text"}`],
    ['PUT', '/secrets', json, `{"name":"A","value":"${text}","type":"secret_text"}`],
    ['PUT', '/secrets', json, `"${text}"`],
    ['PUT', '/secrets', json, text],
    ['PATCH', '/secrets-bulk', merge, `{"secrets":{"A":"${text}"}}`],
    ['PATCH', '/secrets-bulk', merge, `{"secrets":"${text}"}`],
    ['PATCH', '/secrets-bulk', merge, `{"secrets":{"A B":{"name":"A B","text":"${text}"}}}`],
    ['PUT', '', multipart, metadata(`{"main_module":"${'x'.repeat(9)}","bindings":"${text}"}`)],
    ['PUT', '', multipart, metadata(binding(''))],
    ['PUT', '', multipart, metadata(binding(',"json":1'))],
    ['PUT', '', multipart, metadata(`${binding('')}x`)],
    ['PUT', '', multipart, metadata(binding('')).slice(0, -20)],
    ['POST', '/versions', multipart, metadata(binding(',"bad":true'))],
  ] as const) {
    const answer = await asked(method, script + where, type, body);
    const { success } = JSON.parse(answer.text) as { success: boolean };
    assert.equal(success, false, `${method} ${where} ${body}: ${answer.text}`);
    assertHidden(`the answer to ${method} ${where} ${body}`, answer.text);
  }
});

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

test('no answer of the API says a secret', async () => {
  const account = `/accounts/${platform.account}`;
  const first = async (where: string, pick: (result: never) => string) => {
    const { result } = await platform.ask<never>('GET', where);
    return pick(result);
  };
  const script = `${account}/workers/scripts/keeper`;
  await platform.ask('POST', '/zones', { name: 'secrets.test', origin: '' });
  await platform.ask('POST', `${account}/storage/kv/namespaces`, { title: 'secrets' });
  const id = ({ id }: { id: string }) => id;
  const values: Record<string, string> = {
    account_id: platform.account,
    script_name: 'keeper',
    service: 'keeper',
    worker: 'keeper',
    secret_name: 'PUT',
    version_id: await first(`${script}/versions`, ({ items }: { items: { id: string }[] }) =>
      id(items[0] ?? { id: '' }),
    ),
    deployment_id: await first(
      `${script}/deployments`,
      ({ deployments }: { deployments: { id: string }[] }) => id(deployments[0] ?? { id: '' }),
    ),
    zone_id: await first('/zones', ([zone]: { id: string }[]) => id(zone ?? { id: '' })),
    token_id: await first(`${account}/tokens`, ([token]: { id: string }[]) =>
      id(token ?? { id: '' }),
    ),
    namespace_id: await first(`${account}/storage/kv/namespaces`, ([space]: { id: string }[]) =>
      id(space ?? { id: '' }),
    ),
  };
  const document = (await ask(`${platform.api}/openapi.json`)).text;
  let well = 0;
  for (const [where, methods] of Object.entries((JSON.parse(document) as Document).paths)) {
    if (!('get' in methods)) continue;
    const filled = where.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'x');
    const answer = await ask(platform.api + filled, {
      headers: { authorization: `Bearer ${platform.token}` },
    });
    if (answer.status === 200) well += 1;
    assertHidden(`GET ${where}`, answer.text);
    assertHidden(`the head of GET ${where}`, JSON.stringify(answer.headers));
  }
  assert.ok(well > 25, `${well} of the answers were no refusals`);
  const audit = await platform.run('audit', ['--json', '--limit', '1000']);
  assert.match(audit.output, /secrets/);
  assertHidden('the audit log', audit.output);
  assertHidden('the log of the Worker', (await platform.run('logs', ['keeper'])).output);
});

/** What may stand where: the first token, for the commands of who runs the platform. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  token: ['the first token'],
  'run/caraveld.json': ['the first token'],
};

function searchDataFolder() {
  let files = 0;
  for (const entry of readdirSync(platform.data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(platform.data, file);
    assertHidden(name, readFileSync(file), allowed[name]);
    files += 1;
  }
  return files;
}

test('no file of the data folder holds a secret, while it runs and when it has ended', async () => {
  const names = readdirSync(platform.data, { recursive: true }) as string[];
  for (const name of [
    'database.sqlite',
    'database.sqlite-wal',
    'published.0',
    'logs/caraveld.log',
  ]) {
    assert.ok(names.includes(name), `${name} is not there: ${names.join(' ')}`);
  }
  assert.ok(searchDataFolder() > 5);
  // The search finds what is there.
  hidden.set('a name that is no secret', 'OF_DEPLOY');
  assert.throws(searchDataFolder, /a name that is no secret is found in database\.sqlite/);
  hidden.delete('a name that is no secret');
  assert.equal((await platform.run('down')).code, 0);
  assert.ok(searchDataFolder() > 5);
  platform = await Platform.start([], { data: platform.data });
  assert.equal(JSON.parse((await platform.get('keeper')).text).PUT, 46);
  assert.ok(searchDataFolder() > 5);
});
