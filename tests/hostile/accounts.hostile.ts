// Who holds a weak token, was a member, or has an account of their own, and tries to be
// more: to give themselves what they lack, to reach another account, to pass for somebody
// else in the audit log or to wash out what stands there, to act on the operator's terminal.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { esModule, Platform } from '../../tools/platform/platform.ts';

let platform: Platform;

before(async () => {
  platform = await Platform.start(['--shards', '1']);
  await platform.deploy('victim', [esModule('export default { fetch: () => new Response() }')]);
});
after(() => platform.stop());

interface Made {
  readonly id: string;
  readonly value: string;
}
interface Entry {
  readonly action: { readonly description: string; readonly refused: boolean };
  readonly actor: {
    readonly email?: string;
    readonly ip_address: string;
    readonly token_id: string;
    readonly token_name: string;
  };
  readonly raw: { readonly uri: string; readonly user_agent: string };
}

const own = (below: string) => `/accounts/${platform.account}${below}`;

/** Asks as the operator, who is not refused. */
async function done<T>(method: string, where: string, body?: unknown): Promise<T> {
  const answer = await platform.ask<T>(method, where, body);
  assert.equal(answer.status, 200, `${method} ${where}: ${JSON.stringify(answer)}`);
  return answer.result;
}

const makeToken = (name: string, scopes: readonly string[], more = {}, account?: string) =>
  done<Made>('POST', `/accounts/${account ?? platform.account}/tokens`, { name, scopes, ...more });

const auditOf = (query: string) => done<readonly Entry[]>('GET', own(`/logs/audit?${query}`));

/** A control character, or one that turns what stands around it. */
const unseen = /[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f]/u;

test('a token that may make tokens makes none that may more', async () => {
  const weak = await makeToken('weak', ['tokens:write']);
  const strong = await makeToken('strong', ['workers:write']);
  const groups = await done<readonly { id: string; scope: string }[]>(
    'GET',
    own('/tokens/permission_groups'),
  );
  const policyOf = (id: string) => ({
    effect: 'allow',
    resources: { 'com.cloudflare.api.account.*': '*' },
    permission_groups: [{ id }],
  });
  const inputs: Record<string, unknown>[] = [{ scopes: ['*'] }];
  for (const { id, scope } of groups) {
    if (scope.startsWith('tokens:')) continue;
    inputs.push({ scopes: [scope] }, { policies: [policyOf(id)] });
    inputs.push({ scopes: ['tokens:read'], policies: [policyOf(id)] });
  }
  assert.ok(inputs.length > 40, `${inputs.length}`);
  for (const input of inputs) {
    const body = { name: 'more', ...input };
    for (const [method, where] of [
      ['POST', '/tokens'],
      ['PUT', `/tokens/${weak.id}`],
      ['PUT', `/tokens/${strong.id}`],
    ] as const) {
      const answer = await platform.ask(method, own(where), body, weak.value);
      assert.equal(answer.status, 403, `${method} ${where} ${JSON.stringify(body)}`);
    }
  }
  const rolled = await platform.ask('PUT', own(`/tokens/${strong.id}/value`), {}, weak.value);
  assert.equal(rolled.status, 403);
  const put = await platform.ask('DELETE', own('/workers/scripts/victim'), undefined, weak.value);
  assert.equal(put.status, 403);
});

test('a token that ends makes none that goes on, and so does what it made', async () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const brief = await makeToken('brief', ['tokens:write', 'zone:read'], { expires_on: soon });
  const made = await platform.ask<Made>(
    'POST',
    own('/tokens'),
    { name: 'child', scopes: ['tokens:write'], expires_on: soon },
    brief.value,
  );
  assert.equal(made.status, 200, JSON.stringify(made));
  for (const value of [brief.value, made.result.value]) {
    for (const expires of [undefined, null, '2199-01-01T00:00:00Z']) {
      const answer = await platform.ask(
        'POST',
        own('/tokens'),
        { name: 'for ever', scopes: ['tokens:read'], expires_on: expires },
        value,
      );
      assert.equal(answer.status, 403);
      assert.match(answer.errors[0]?.message ?? '', /makes none that is valid longer/);
    }
  }
});

test('nothing of another account is found, whatever its id', async () => {
  const other = await done<{ id: string }>('POST', '/accounts', { name: 'Tenant' });
  const tenant = await makeToken('tenant', ['*'], {}, other.id);
  const token = await makeToken('found', ['zone:read']);
  const member = await done<{ id: string }>('POST', own('/members'), {
    email: 'found@example.com',
    role: 'reader',
  });
  const below = [
    ['GET', `/tokens/${token.id}`],
    ['PUT', `/tokens/${token.id}`, { name: 'x', scopes: ['zone:read'] }],
    ['PUT', `/tokens/${token.id}/value`, {}],
    ['DELETE', `/tokens/${token.id}`],
    ['GET', `/members/${member.id}`],
    ['PUT', `/members/${member.id}`, { role: 'administrator' }],
    ['DELETE', `/members/${member.id}`],
  ] as const;
  for (const [method, path, body] of below) {
    for (const account of [platform.account, other.id, `${other.id}%2f..%2f${platform.account}`]) {
      const where = `/accounts/${account}${path}`;
      const answer = await platform.ask(method, where, body, tenant.value);
      assert.equal(answer.status, 404, `${method} ${where}: ${JSON.stringify(answer)}`);
    }
  }
  const invited = await platform.ask(
    'POST',
    `/accounts/${other.id}/members`,
    { email: 'found@example.com', role: 'administrator' },
    tenant.value,
  );
  assert.equal(invited.status, 200);
  const seen = await makeToken('of-found', ['*'], { member: 'found@example.com' });
  const accounts = await platform.ask<{ id: string }[]>('GET', '/accounts', undefined, seen.value);
  assert.deepEqual(
    accounts.result.map(({ id }) => id),
    [platform.account],
  );
});

test('who was a member has nothing left', async () => {
  const member = await done<{ id: string }>('POST', own('/members'), {
    email: 'gone@example.com',
    role: 'developer',
  });
  const { value } = await makeToken('gone', ['*'], { member: 'gone@example.com' });
  const tail = await platform.ask<{ url: string }>(
    'POST',
    own('/workers/scripts/victim/tails'),
    { filters: [] },
    value,
  );
  assert.equal(tail.status, 200);
  const socket = new WebSocket(tail.result.url, 'trace-v1');
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const closed = new Promise((resolve) => {
    socket.onclose = resolve;
  });
  await done('DELETE', own(`/members/${member.id}`));
  await closed;
  for (const [method, where] of [
    ['GET', '/user'],
    ['GET', '/accounts'],
    ['DELETE', own('/workers/scripts/victim')],
  ] as const) {
    assert.equal((await platform.ask(method, where, undefined, value)).status, 401, where);
  }
  // Nor does it come back with the person.
  await done('POST', own('/members'), { email: 'gone@example.com', role: 'reader' });
  assert.equal((await platform.ask('GET', '/user', undefined, value)).status, 401);
});

test('no header and no name makes an entry of the audit log somebody else’s', async () => {
  const forger = await makeToken('forger', ['zone:read', 'tokens:write']);
  const claims = {
    'x-forwarded-for': '198.51.100.9',
    'x-real-ip': '198.51.100.9',
    'cf-connecting-ip': '198.51.100.9',
    'true-client-ip': '198.51.100.9',
    forwarded: 'for=198.51.100.9',
    'x-auth-email': 'root@example.com',
    'cf-ray': '0123456789abcdef',
    'user-agent': 'wrangler/4 \x9b2J',
  };
  const answer = await ask(`${platform.api}${own('/workers/scripts/vic%0a%1b%5b2Jtim')}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${forger.value}`, ...claims },
  });
  assert.equal(answer.status, 403);
  const [entry] = await auditOf(`actor_token_id=${forger.id}`);
  assert.ok(entry);
  assert.equal(entry.actor.ip_address, '127.0.0.1');
  assert.equal(entry.actor.token_name, 'forger');
  assert.equal(entry.actor.email, undefined);
  assert.equal(entry.action.refused, true);
  assert.equal(entry.raw.user_agent, 'wrangler/4 ?2J');
  assert.doesNotMatch(JSON.stringify(await auditOf('')), /198\.51\.100\.9|root@example/);

  await done('POST', own('/members'), { email: 'ada@example.com', role: 'reader' });
  for (const name of ['ada@example.com', 'bootstrap', 'bootstrap ', 'a\u202eb']) {
    const made = await platform.ask(
      'POST',
      own('/tokens'),
      { name, scopes: ['zone:read'] },
      forger.value,
    );
    assert.equal(made.success, false, name);
  }
  const asAda = await platform.ask(
    'POST',
    own('/tokens'),
    { name: 'ada', scopes: ['zone:read'], member: 'ada@example.com' },
    forger.value,
  );
  assert.equal(asAda.status, 403);
  assert.deepEqual(await auditOf('actor_email=ada@example.com'), []);
});

test('what others write does nothing to the terminal of who reads it', async () => {
  const tenant = await done<{ id: string }>('POST', '/accounts', { name: 'Painter' });
  const { value } = await makeToken('painter', ['*'], {}, tenant.id);
  const paints = [
    '\u001b[2J',
    'a\u0000',
    'a\u007f',
    '\u009b2J',
    'a\rb',
    'a\nb',
    '\u202egnp',
    '\u2066x',
  ];
  for (const name of paints) {
    for (const [method, where, body] of [
      ['PUT', `/accounts/${tenant.id}`, { name }],
      ['POST', `/accounts/${tenant.id}/tokens`, { name, scopes: ['zone:read'] }],
      ['POST', `/accounts/${tenant.id}/members`, { email: `${name}@b.test`, role: 'reader' }],
    ] as const) {
      const answer = await platform.ask(method, where, body, value);
      assert.equal(answer.status, 400, `${method} ${where} ${JSON.stringify(name)}`);
    }
    // What has other names yet is shown in errors.
    const space = await platform.ask(
      'POST',
      `/accounts/${tenant.id}/storage/kv/namespaces`,
      { title: name },
      value,
    );
    if (name !== 'a\u0000') assert.equal(space.status, 200, JSON.stringify(space));
  }
  // Spaces do not make columns.
  await makeToken('ci   active   never', ['zone:read'], {}, tenant.id);
  const commands = [
    ['account', ['remove', 'Painter']],
    ['account', ['list']],
    ['token', ['list', '--account', 'Painter']],
    ['audit', ['--account', 'Painter']],
    ['audit', ['--account', 'Painter', '--json']],
    ['member', ['list', '--account', 'Painter']],
    ['zone', ['list', '--account', 'Painter']],
  ] as const;
  for (const [command, args] of commands) {
    const { output } = await platform.run(command, args);
    assert.doesNotMatch(output, unseen, `${command} ${args.join(' ')}`);
  }
  const { output } = await platform.run('token', ['list', '--account', 'Painter']);
  assert.doesNotMatch(output, /^ci {2,}active/m);
});

test('no account takes the place of another by its name', async () => {
  const first = await done<{ id: string }>('POST', '/accounts', { name: 'Decoy' });
  const second = await done<{ id: string }>('POST', '/accounts', { name: 'Shop' });
  const { value } = await makeToken('decoy', ['*'], {}, first.id);
  for (const name of [second.id, 'Shop', 'shop']) {
    const renamed = await platform.ask('PUT', `/accounts/${first.id}`, { name }, value);
    assert.equal(renamed.status, 200);
    const byName = await platform.run('token', ['create', `for-${name}`, '--account', name]);
    if (name === second.id) {
      assert.equal(byName.code, 0, byName.output);
      const there = await done<readonly { name: string }[]>('GET', `/accounts/${second.id}/tokens`);
      assert.deepEqual(
        there.map((token) => token.name),
        [`for-${name}`],
      );
    } else {
      assert.notEqual(byName.code, 0);
      assert.match(byName.output, /account "[Ss]hop": 2 are called so/);
      assert.match(byName.output, new RegExp(second.id));
    }
  }
});

test('a flood of tokens and of refused requests ends at its bounds', async () => {
  const flooder = await makeToken('flooder', ['tokens:write']);
  const statuses = new Map<number, number>();
  const count = (status: number) => statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const kMost = 1000; // tokens of an account
  let next = 0;
  const flood = async () => {
    while (next < kMost + 40) {
      const name = `flood-${next++}`;
      const made = await platform.ask(
        'POST',
        own('/tokens'),
        { name, scopes: ['tokens:read'] },
        flooder.value,
      );
      count(made.status);
      const refused = await platform.ask('DELETE', `/zones/${name}`, undefined, flooder.value);
      count(refused.status);
    }
  };
  await Promise.all(Array.from({ length: 8 }, flood));
  assert.ok((statuses.get(413) ?? 0) > 0, JSON.stringify([...statuses]));
  assert.equal(statuses.get(403), kMost + 40, JSON.stringify([...statuses]));
  assert.deepEqual([...statuses.keys()].sort(), [200, 403, 413]);

  // Others go on, and what was done before stands.
  await platform.deploy('behind', [esModule('export default { fetch: () => new Response() }')]);
  const entries = await auditOf('actor=bootstrap&limit=1000');
  assert.ok(entries.some(({ raw }) => raw.uri.endsWith('/workers/scripts/victim')));
  const { output } = await platform.run('token', ['remove', 'flooder']);
  assert.match(output, /flooder is removed/);
});

test('input that is no text, or without end, is refused as such', async () => {
  const url = `${platform.api}${own('/tokens')}`;
  const send = (body: string | Uint8Array) =>
    ask(url, { method: 'POST', headers: { authorization: `Bearer ${platform.token}` }, body });
  const bodies = [
    Buffer.from('{"name":"\xff","scopes":["zone:read"]}', 'latin1'),
    '{"name":"\\ud800","scopes":["zone:read"]}',
    `{"name":"${'x'.repeat(500_000)}","scopes":["zone:read"]}`,
    `{"name":"x","scopes":[${'"zone:read",'.repeat(20_000)}"zone:read"]}`,
    `{"name":"x","policies":[${'{"effect":"allow"},'.repeat(20_000)}{}]}`,
    `{"name":"x","policies":${'['.repeat(100_000)}`,
    '{"name":"x","scopes":["zone:read"],"expires_on":"9999999-01-01"}',
    '[]',
    '',
  ];
  for (const body of bodies) {
    const answer = await send(body);
    assert.equal(answer.status, 400, `${String(body).slice(0, 80)}: ${answer.text.slice(0, 200)}`);
    assert.ok(answer.body.length < 10_000);
    new TextDecoder('utf-8', { fatal: true }).decode(answer.body);
  }
  const odd = await ask(`${platform.api}/accounts/%ff%00/tokens/%c3`, {
    headers: { authorization: `Bearer ${platform.token}` },
  });
  assert.ok([400, 404].includes(odd.status), odd.text);
  new TextDecoder('utf-8', { fatal: true }).decode(odd.body);
  JSON.parse(odd.text);
});
