// Accounts, their members and tokens, by the command line and the unmodified wrangler.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { Platform, temporaryFolder } from '../../tools/platform/platform.ts';

let platform: Platform;
const projects = temporaryFolder();

before(async () => {
  platform = await Platform.start();
});
after(async () => {
  await platform.stop();
  rmSync(projects, { recursive: true, force: true });
});

interface Token {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly value: string;
  readonly scopes: readonly string[];
}

function project(name: string): string {
  const folder = path.join(projects, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'index.js'),
    `export default { fetch: () => new Response('${name}') };`,
  );
  writeFileSync(
    path.join(folder, 'wrangler.json'),
    JSON.stringify({ name, main: 'index.js', compatibility_date: '2026-01-01' }),
  );
  return folder;
}

/** What a command prints with --json. */
async function said<T>(command: string, ...args: readonly string[]): Promise<T> {
  const { code, output } = await platform.run(command, [...args, '--json']);
  assert.equal(code, 0, output);
  return JSON.parse(output) as T;
}

const wranglerWith = (value: string, folder: string, ...args: readonly string[]) =>
  platform.wrangler(folder, args, { CLOUDFLARE_API_TOKEN: value });

test('a token is made, deploys with wrangler, gets another value, and ends', async () => {
  const folder = project('of-a-token');
  const token = await said<Token>('token', 'create', 'ci', '--expires', '30d');
  const deployed = await wranglerWith(token.value, folder, 'deploy');
  assert.equal(deployed.code, 0, deployed.output);
  assert.equal((await platform.get('of-a-token')).text, 'of-a-token');

  const listed = await platform.run('token', ['list']);
  assert.match(listed.output, /^ci +active +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d +account:read/m);
  assert.doesNotMatch(listed.output, new RegExp(token.value));

  const rolled = await said<Token>('token', 'roll', 'ci');
  assert.notEqual((await wranglerWith(token.value, folder, 'deploy')).code, 0);
  assert.equal((await wranglerWith(rolled.value, folder, 'deploy')).code, 0);

  assert.equal((await platform.run('token', ['remove', 'ci'])).code, 0);
  const refused = await wranglerWith(rolled.value, folder, 'deploy');
  assert.notEqual(refused.code, 0);
  assert.match(refused.output, /Authentication error: no such API token/);
});

test('a token that only reads lists and does not deploy', async () => {
  const folder = project('read-only');
  const { value } = await said<Token>('token', 'create', 'reader', '--preset', 'read');
  const who = await wranglerWith(value, folder, 'whoami');
  assert.equal(who.code, 0, who.output);
  assert.match(who.output, new RegExp(platform.account));
  const refused = await wranglerWith(value, folder, 'deploy');
  assert.notEqual(refused.code, 0);
  assert.match(refused.output, /token "reader" lacks the scope "workers:write"/);
});

test('what is wrong with a token is said with the nearest name', async () => {
  const scope = await platform.run('token', ['create', 'x', '--scope', 'worker:write']);
  assert.equal(scope.code === 0, false);
  assert.match(scope.output, /did you mean "workers:write"\?/);
  const preset = await platform.run('token', ['create', 'x', '--preset', 'deploys']);
  assert.match(preset.output, /there is no preset "deploys" \(did you mean "deploy"\?\)/);
  const length = await platform.run('token', ['create', 'x', '--expires', '30x']);
  assert.match(length.output, /expires_on: "30x" is no time/);
  const none = await platform.run('token', ['remove', 'nobody']);
  assert.match(none.output, /token "nobody" does not exist/);
  const own = await platform.run('token', ['remove', 'bootstrap']);
  assert.match(own.output, /the platform's own and stays as it is/);
});

interface AuditEntry {
  readonly action: { readonly description: string; readonly result: string; refused: boolean };
  readonly actor: { readonly token_name: string; readonly ip_address: string };
  readonly raw: { readonly method: string; readonly uri: string; readonly user_agent: string };
}

test('a deploy is on record with who and from where, also after a restart', async () => {
  const { value } = await said<Token>('token', 'create', 'audited');
  const deployed = await wranglerWith(value, project('audited'), 'deploy');
  assert.equal(deployed.code, 0, deployed.output);
  const of = async () =>
    (await said<{ entries: AuditEntry[] }>('audit', '--actor', 'audited')).entries;
  const entries = await of();
  const put = entries.find(({ raw }) => raw.method === 'PUT');
  assert.ok(put, JSON.stringify(entries));
  assert.match(put.raw.uri, /\/workers\/scripts\/audited$/);
  assert.match(put.raw.user_agent, /^wrangler\//);
  assert.equal(put.actor.ip_address, '127.0.0.1');
  assert.equal(put.action.result, 'success');

  // What waits to be written is written by a clean stop.
  await platform.ask('DELETE', `/accounts/${platform.account}/workers/scripts/audited`);
  assert.equal((await platform.run('down')).code, 0);
  platform = await Platform.start([], { data: platform.data });
  const all = await platform.run('audit');
  assert.match(all.output, /bootstrap +127\.0\.0\.1 +done +Delete a Worker/);
  await platform
    .ask('DELETE', `/accounts/${platform.account}/workers/scripts/nobody`)
    .catch(() => {});
  const failed = await platform.run('audit', ['--limit', '1']);
  assert.match(failed.output, / failed: 404 not found +Delete a Worker.*\/scripts\/nobody/);
  assert.deepEqual(await of(), entries);
});

test('Workers of one name in two accounts answer under hosts of their own', async () => {
  const folder = project('twin');
  const first = await platform.wrangler(folder, ['deploy']);
  assert.equal(first.code, 0, first.output);
  writeFileSync(
    path.join(folder, 'index.js'),
    `export default { fetch: () => new Response("Acme's twin") };`,
  );
  const account = await said<{ id: string; subdomain: string }>('account', 'create', 'Acme');
  const twice = await platform.run('account', ['create', 'Acme']);
  assert.notEqual(twice.code, 0);
  assert.match(twice.output, new RegExp(`account "Acme": there is one already, ${account.id}`));
  assert.match(twice.output, /--subdomain LABEL/);
  const { value } = await said<Token>('token', 'create', 'deploys', '--account', 'Acme');
  const asAcme = (...args: readonly string[]) =>
    platform.wrangler(folder, args, {
      CLOUDFLARE_API_TOKEN: value,
      CLOUDFLARE_ACCOUNT_ID: account.id,
    });
  const second = await asAcme('deploy');
  assert.equal(second.code, 0, second.output);
  const port = new URL(platform.http).port;
  const of = async (host: string) => (await ask(`http://127.0.0.1:${port}/`, { host })).text;
  assert.equal(await of('twin.localhost'), 'twin');
  assert.equal(await of('twin.acme.localhost'), "Acme's twin");

  // What is the first account's does not exist for the second one.
  const foreign = await platform.wrangler(folder, ['deployments', 'list'], {
    CLOUDFLARE_API_TOKEN: value,
  });
  assert.notEqual(foreign.code, 0);
  assert.match(foreign.output, /does not exist, or is not one of this token's/);

  const kept = await platform.run('account', ['remove', 'Acme']);
  assert.match(kept.output, /account "Acme": still has Worker "twin"/);
  const deleted = await asAcme('delete', '--force');
  assert.equal(deleted.code, 0, deleted.output);
  const removed = await platform.run('account', ['remove', 'Acme']);
  assert.equal(removed.code, 0, removed.output);
  assert.doesNotMatch((await platform.run('account', ['list'])).output, /Acme/);
  assert.equal(await of('twin.localhost'), 'twin');
});

test('commands work in the account that --account names', async () => {
  const folder = project('chosen');
  const own = await platform.run('deploy', [folder]);
  assert.equal(own.code, 0, own.output);
  writeFileSync(
    path.join(folder, 'index.js'),
    `export default { fetch: () => new Response("Zeta's") };`,
  );
  const { id } = await said<{ id: string }>('account', 'create', 'Zeta Ltd');
  const port = new URL(platform.http).port;
  for (const name of ['Zeta Ltd', 'zeta-ltd', id]) {
    const deployed = await platform.run('deploy', ['--account', name, folder]);
    assert.equal(deployed.code, 0, deployed.output);
    assert.match(
      deployed.output,
      new RegExp(`chosen answers at http://chosen\\.zeta-ltd\\.localhost:${port}`),
    );
  }
  const of = async (host: string) => (await ask(`http://127.0.0.1:${port}/`, { host })).text;
  assert.equal(await of('chosen.localhost'), 'chosen');
  assert.equal(await of('chosen.zeta-ltd.localhost'), "Zeta's");

  const listed = await platform.run('wrangler', [
    ...['--account', 'Zeta Ltd', 'deployments', 'list', '--name', 'chosen'],
  ]);
  assert.equal(listed.code, 0, listed.output);
  assert.equal(listed.output.match(/Version\(s\)/g)?.length, 3, listed.output);
  const opened = await said<{ url: string }>('open', 'chosen', '--account', 'Zeta Ltd');
  assert.equal(opened.url, `http://chosen.zeta-ltd.localhost:${port}`);
  const opensOwn = await said<{ url: string }>('open', 'chosen');
  assert.equal(opensOwn.url, `http://chosen.localhost:${port}`);
  const status = await platform.run('status');
  assert.match(
    status.output,
    new RegExp(`^chosen {2}account Zeta Ltd {2}http://chosen\\.zeta-ltd\\.localhost:${port} `, 'm'),
  );
  assert.match(
    status.output,
    new RegExp(`^chosen {2}account \\S.* {2}http://chosen\\.localhost:${port} `, 'm'),
  );
  const env = await platform.run('env', ['--account', 'Zeta Ltd']);
  assert.match(env.output, new RegExp(`CLOUDFLARE_ACCOUNT_ID='?${id}`));

  const zone = await platform.run('zone', ['add', 'zeta.test', '--account', 'Zeta Ltd']);
  assert.equal(zone.code, 0, zone.output);
  assert.doesNotMatch((await platform.run('zone', ['list'])).output, /zeta\.test/);
  const zones = await platform.run('zone', ['list', '--account', 'Zeta Ltd']);
  assert.match(zones.output, /^zeta\.test +no origin$/m);
  const removed = await platform.run('zone', ['remove', 'zeta.test', '--account', 'Zeta Ltd']);
  assert.equal(removed.code, 0, removed.output);

  const commands = [
    ['deploy', folder],
    ['open', 'chosen'],
    ['zone', 'list'],
    ['wrangler', 'whoami'],
    ['env'],
  ] as const;
  for (const [command, ...args] of commands) {
    const nobody = await platform.run(command, ['--account', 'Zeta Lt', ...args]);
    assert.notEqual(nobody.code, 0, command);
    assert.match(nobody.output, /account "Zeta Lt" does not exist \(did you mean "Zeta Ltd"\?\)/);
  }
});

test('a member deploys by a token that ends with the membership', async () => {
  const folder = project('of-a-member');
  const added = await platform.run('member', ['add', 'ada@example.com']);
  assert.match(added.output, /ada@example\.com +developer/);
  const { value } = await said<Token>('token', 'create', 'ada', '--member', 'ada@example.com');
  const who = await wranglerWith(value, folder, 'whoami');
  assert.equal(who.code, 0, who.output);
  assert.match(who.output, /associated with the email ada@example\.com/);
  const deployed = await wranglerWith(value, folder, 'deploy');
  assert.equal(deployed.code, 0, deployed.output);
  const versions = await wranglerWith(value, folder, 'versions', 'list');
  assert.match(versions.output, /ada@example\.com/);
  const audit = await platform.run('audit', ['--actor', 'ada@example.com']);
  assert.match(audit.output, /ada@example\.com +127\.0\.0\.1 +done +Upload a Worker/);

  await platform.run('member', ['set', 'ada@example.com', '--role', 'reader']);
  const refused = await wranglerWith(value, folder, 'deploy');
  assert.notEqual(refused.code, 0);
  assert.match(refused.output, /token "ada" lacks the scope "workers:write"/);
  assert.equal((await platform.run('member', ['remove', 'ada@example.com'])).code, 0);
  assert.match((await wranglerWith(value, folder, 'deploy')).output, /no such API token/);
});
