// Projects of examples/ that use packages from npm, installed by one lockfile and deployed
// by the unmodified wrangler; and of a template what needs these packages to be seen.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { deployExample } from '../../tools/platform/example.ts';
import type { Ask } from '../../tools/platform/http.ts';
import { installPackages } from '../../tools/platform/packages.ts';
import { caravel, Platform, temporaryFolder } from '../../tools/platform/platform.ts';
import { checkTypesOf } from '../../tools/test/checks/text.ts';
import { inTree } from '../../tools/test/paths.ts';

let platform: Platform;

before(async () => {
  assert.equal(await installPackages(inTree('examples')), undefined);
  platform = await Platform.start();
});
after(() => platform?.stop());

/** A package of the examples, which are not among our own. */
const load = (name: string) =>
  import(pathToFileURL(createRequire(inTree('examples/mcp/package.json')).resolve(name)).href);

/** The page of a Worker in the DOM of a browser, with its code run. */
class Page {
  // biome-ignore lint/suspicious/noExplicitAny: happy-dom is not among our own packages
  readonly window: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  private constructor(window: any) {
    this.window = window;
  }

  static async open(worker: string): Promise<Page> {
    const { Window } = await load('happy-dom');
    const window = new Window({
      url: `http://${worker}.localhost/`,
      settings: {
        enableJavaScriptEvaluation: true,
        suppressInsecureJavaScriptEnvironmentWarning: true,
      },
    });
    window.fetch = async (where: string, init: Ask = {}) => {
      const { status, text } = await platform.get(worker, where, init);
      return new Response(text || null, { status });
    };
    const { text } = await platform.get(worker);
    const [, body = ''] = /<body>([\s\S]*)<script/.exec(text) ?? [];
    window.document.body.innerHTML = body;
    window.eval((await platform.get(worker, '/build/main.js')).text);
    return new Page(window);
  }

  find(selector: string) {
    return this.window.document.querySelector(selector);
  }
  press(selector: string) {
    this.find(selector).click();
  }
  /** As a person does: React does not see what script assigns. */
  type(selector: string, text: string) {
    const { prototype } = this.window.HTMLInputElement;
    Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(this.find(selector), text);
    this.find(selector).dispatchEvent(new this.window.Event('input', { bubbles: true }));
  }
  pause = () => setTimeout(5);
  async until(holds: () => unknown) {
    while (!holds()) await this.pause();
  }
  close = () => this.window.happyDOM.close();
}

for (const example of ['graphql', 'mcp', 'react']) {
  test(`${example}: its types hold`, async () => {
    const { outcome, detail } = await checkTypesOf(`examples/${example}/tsconfig.json`);
    assert.equal(outcome, 'passed', detail ?? '');
  });
}

test('hono: the router finds, and refuses in JSON', async () => {
  await deployExample(platform, 'hono');
  assert.deepEqual(JSON.parse((await platform.get('hono-app', '/books/dune')).text), {
    title: 'Dune',
    year: 1965,
  });
  const missing = await platform.get('hono-app', '/books/emma');
  assert.equal(missing.status, 404);
  assert.deepEqual(JSON.parse(missing.text), { error: 'no such book' });
});

test('hono: a JSON body arrives', async () => {
  const answer = await platform.get('hono-app', '/books', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Os Lusíadas', year: 1572 }),
  });
  assert.equal(answer.status, 201);
  assert.deepEqual(JSON.parse(answer.text), { received: 'Os Lusíadas' });
});

test('hono: basic auth opens for the password in the vars, and for no other', async () => {
  const shelf = (password?: string) =>
    platform.get('hono-app', '/admin/shelf', {
      headers: password ? { authorization: `Basic ${btoa(`admin:${password}`)}` } : {},
    });
  const closed = await shelf();
  assert.equal(closed.status, 401);
  assert.match(`${closed.headers['www-authenticate']}`, /^Basic realm=/);
  assert.equal((await shelf('wrong')).status, 401);
  const open = await shelf('open sesame');
  assert.equal(open.status, 200);
  assert.deepEqual(JSON.parse(open.text), { count: 2 });
});

test('hono: a cookie is set and read back', async () => {
  const first = await platform.get('hono-app', '/visits');
  const cookie = first.headers['set-cookie']?.[0] ?? '';
  assert.equal(cookie, 'visits=1; Path=/; HttpOnly');
  const second = await platform.get('hono-app', '/visits', {
    headers: { cookie: cookie.split(';')[0] ?? '' },
  });
  assert.equal(second.text, 'visit 2\n');
});

test('hono: a streamed answer arrives line by line', async () => {
  const chunks: string[] = [];
  const answer = await platform.get('hono-app', '/countdown', {
    onChunk: (chunk) => chunks.push(chunk.toString()),
  });
  assert.equal(answer.text, '3\n2\n1\nlift-off\n');
  assert.ok(chunks.length > 1, 'the answer came in one piece');
});

describe('sessions', () => {
  /** A visitor with a cookie of its own. */
  class Visitor {
    cookie = '';
    async ask(method: string, where: string, body = ''): Promise<string> {
      const answer = await platform.get('sessions', where, {
        method,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(this.cookie ? { cookie: this.cookie } : {}),
        },
        ...(body ? { body } : {}),
      });
      const [set] = answer.headers['set-cookie'] ?? [];
      if (set) this.cookie = set.split(';')[0] ?? '';
      return answer.text;
    }
  }
  before(() => deployExample(platform, 'sessions'));

  test('a session is there again, and another visitor has another', async () => {
    const [ana, rui] = [new Visitor(), new Visitor()];
    assert.equal(await ana.ask('GET', '/'), 'Hello stranger\n');
    assert.equal(ana.cookie, '', 'nothing is kept before there is something to keep');
    assert.equal(await ana.ask('POST', '/cart/rope'), '["rope"]');
    assert.equal(await ana.ask('POST', '/cart/sail'), '["rope","sail"]');
    assert.equal(await rui.ask('GET', '/cart'), '[]');
    assert.equal(await ana.ask('GET', '/cart'), '["rope","sail"]');
  });

  test('who logs in gets a new id, and keeps what is in the cart', async () => {
    const ana = new Visitor();
    await ana.ask('POST', '/cart/rope');
    const planted = ana.cookie;
    assert.equal(await ana.ask('POST', '/login', 'user=Ana'), 'Welcome Ana\n');
    assert.notEqual(ana.cookie, planted);
    assert.equal(await ana.ask('GET', '/'), 'Hello Ana\n');
    assert.equal(await ana.ask('GET', '/cart'), '["rope"]');
    ana.cookie = planted;
    assert.equal(await ana.ask('GET', '/cart'), '[]');
  });

  test('who logs out is a stranger, also with the old cookie', async () => {
    const ana = new Visitor();
    await ana.ask('POST', '/login', 'user=Ana');
    const { cookie } = ana;
    await ana.ask('POST', '/logout');
    ana.cookie = cookie;
    assert.equal(await ana.ask('GET', '/'), 'Hello stranger\n');
  });
});

describe('graphql', () => {
  const query = async (text: string, variables: object = {}) => {
    const answer = await platform.get('graphql-api', '/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, variables }),
    });
    return JSON.parse(answer.text);
  };
  before(() => deployExample(platform, 'graphql'));

  test('gives what is asked for, and nothing else', async () => {
    assert.deepEqual(await query('{ ships(masts: 3) { name } ship(name: "Cog") { masts } }'), {
      data: { ships: [{ name: 'Pinta' }], ship: { masts: 1 } },
    });
  });

  test('what a mutation has made is there for queries', async () => {
    const sail = `mutation ($to: String!) { sail(ship: "Pinta", to: $to) { to ship { masts } } }`;
    assert.deepEqual(await query(sail, { to: 'Madeira' }), {
      data: { sail: { to: 'Madeira', ship: { masts: 3 } } },
    });
    assert.deepEqual(await query('{ ship(name: "Pinta") { voyages { to ship { name } } } }'), {
      data: { ship: { voyages: [{ to: 'Madeira', ship: { name: 'Pinta' } }] } },
    });
  });

  test('errors say what is wrong, and where', async () => {
    const { errors } = await query('{ ships { sails } }');
    assert.match(errors[0].message, /Cannot query field "sails" on type "Ship"/);
    assert.deepEqual(errors[0].locations, [{ line: 1, column: 11 }]);
    const none = await query('mutation { sail(ship: "Ark", to: "Ararat") { id } }');
    assert.equal(none.errors[0].message, 'there is no ship Ark');
  });

  test('a subscription is a stream of events', async () => {
    const where = `/?query=${encodeURIComponent('subscription { countdown(from: 2) }')}`;
    const headers = { accept: 'text/event-stream' };
    const { text } = await platform.get('graphql-api', where, { headers });
    const data = [...text.matchAll(/^data: (.+)$/gm)].map(([, line = '']) => JSON.parse(line));
    assert.deepEqual(
      data.map((event) => event.data.countdown),
      [2, 1, 0],
    );
  });

  test('a browser gets GraphiQL', async () => {
    const headers = { accept: 'text/html' };
    assert.match((await platform.get('graphql-api', '/', { headers })).text, /GraphiQL/);
  });
});

test('mcp: a client of the SDK finds tools, resources and a prompt, and uses them', async () => {
  await deployExample(platform, 'mcp');
  const { Client } = await load('@modelcontextprotocol/sdk/client/index.js');
  const { StreamableHTTPClientTransport } = await load(
    '@modelcontextprotocol/sdk/client/streamableHttp.js',
  );
  // By address: names below localhost do not resolve everywhere, and fetch() sets the host.
  const fetch = async (url: string | URL, init: RequestInit = {}) => {
    const answer = await platform.get('mcp-server', new URL(url).pathname, {
      method: init.method ?? 'GET',
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(init.body ? { body: `${init.body}` } : {}),
    });
    const body = answer.body.length > 0 ? new Uint8Array(answer.body) : null;
    const headers = answer.headers as Record<string, string>;
    return new Response(body, { status: answer.status, headers });
  };
  const client = new Client({ name: 'a test', version: '1' });
  const url = new URL('http://mcp-server.localhost/mcp');
  await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
  try {
    assert.equal(client.getServerVersion().name, 'notes');
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(({ name }: { name: string }) => name).sort(), ['find', 'remember']);
    const call = (name: string, args: object) => client.callTool({ name, arguments: args });
    const kept = await call('remember', { name: 'ports', text: 'Lisbon and Funchal' });
    assert.equal(kept.content[0].text, 'kept as ports');
    const found = await call('find', { beginning: 'po' });
    assert.deepEqual(found.structuredContent, { names: ['ports'] });
    const wrong = await call('remember', { name: '', text: 'x' });
    assert.equal(wrong.isError, true);
    const { contents } = await client.readResource({ uri: 'note://ports' });
    assert.equal(contents[0].text, 'Lisbon and Funchal');
    await assert.rejects(client.readResource({ uri: 'note://none' }), /there is no note none/);
    const { messages } = await client.getPrompt({ name: 'summary', arguments: { name: 'ports' } });
    assert.match(messages[0].content.text, /Sum up .*\nLisbon and Funchal/);
  } finally {
    await client.close();
  }
});

describe('react', () => {
  const get = (where: string, options: Ask = {}) => platform.get('react-app', where, options);
  before(() => deployExample(platform, 'react'));

  test('each address that is no file is the app', async () => {
    const home = await get('/');
    assert.match(home.text, /<div id="root"><\/div>/);
    assert.equal((await get('/about')).text, home.text);
    const script = await get('/build/main.js');
    assert.match(`${script.headers['content-type']}`, /javascript/);
    assert.equal((await get('/api/nothing')).status, 404);
  });

  test('the app shows what the API has, adds to it, and changes pages', async () => {
    const page = await Page.open('react-app');
    try {
      const shown = () => page.find('#root').textContent;
      await page.until(() => shown().includes('Notes') && !shown().includes('Loading'));

      page.press('button[type=submit]');
      await page.until(() => page.find('[role=alert]'));
      assert.match(shown(), /text: give 1 to 200 characters/);

      page.type('input', 'Buy rope');
      page.press('button[type=submit]');
      await page.until(() => page.find('li'));
      assert.match(page.find('li').textContent, /Buy rope/);
      const stored = JSON.parse((await get('/api/notes')).text);
      assert.deepEqual(
        stored.map(({ text }: { text: string }) => text),
        ['Buy rope'],
      );

      page.press('nav a[href="/about"]');
      await page.until(() => shown().includes('A page of the app'));
      assert.equal(page.window.location.pathname, '/about');
      page.press('nav a[href="/"]');
      await page.until(() => page.find('li button'));
      page.press('li button');
      await page.until(() => !page.find('li'));
      assert.deepEqual(JSON.parse((await get('/api/notes')).text), []);
    } finally {
      await page.close();
    }
  });
});

test('the template spa: its page does what it shows', async () => {
  const folder = temporaryFolder();
  try {
    const project = path.join(folder, 'tasks');
    const made = await caravel(['init', project, '--template', 'spa']);
    assert.equal(made.code, 0, made.output);
    const deployed = await platform.run('deploy', [project]);
    assert.equal(deployed.code, 0, deployed.output);
    const stored = async () => JSON.parse((await platform.get('tasks', '/api/tasks')).text);
    const page = await Page.open('tasks');
    try {
      await page.until(() => page.find('form'));
      page.press('form button');
      await page.until(() => page.find('[role=alert]').textContent);
      assert.equal(page.find('[role=alert]').textContent, 'A task has 1 to 200 characters.');

      page.type('form input', 'Buy rope');
      page.press('form button');
      await page.until(() => page.find('li'));
      assert.equal(page.find('li label').textContent, 'Buy rope');
      assert.equal(page.find('form input').value, '');
      page.press('li input');
      while (!(await stored())[0].done) await page.pause();

      page.press('nav a[href="/about"]');
      await page.until(() => page.find('h1').textContent === 'About');
      assert.equal(page.window.location.pathname, '/about');
      page.press('nav a[href="/"]');
      await page.until(() => page.find('li'));
      assert.equal(page.find('li input').checked, true);
      page.press('li button');
      await page.until(() => !page.find('li'));
      assert.deepEqual(await stored(), []);
    } finally {
      await page.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
