// Projects of examples/ that are about what a platform gives Workers: KV, secrets, cron
// triggers, environments. Deployed by the unmodified wrangler, as their owner would.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { deployExample, wranglerIn } from '../../tools/platform/example.ts';
import type { Ask } from '../../tools/platform/http.ts';
import { Platform } from '../../tools/platform/platform.ts';

let platform: Platform;

before(async () => {
  platform = await Platform.start(['--allow-egress', '127.0.0.0/8']);
});
after(() => platform.stop());

const json = (body: unknown): Ask => ({ method: 'POST', body: JSON.stringify(body) });

describe('shortener', () => {
  const shorten = async (wish: unknown) => {
    const answer = await platform.get('shortener', '/links', json(wish));
    return { status: answer.status, ...JSON.parse(answer.text) };
  };
  before(() => deployExample(platform, 'shortener'));

  test('a short link leads where it was made for', async () => {
    const made = await shorten({ url: 'https://example.com/a/long?way=round' });
    assert.equal(made.status, 201);
    assert.match(made.short, /^http:\/\/shortener\.localhost.*\/[a-z0-9]{7}$/);
    const followed = await platform.get('shortener', `/${made.slug}`);
    assert.equal(followed.status, 302);
    assert.equal(followed.headers.location, 'https://example.com/a/long?way=round');
  });

  test('a slug is taken once, and free when it is removed', async () => {
    assert.equal((await shorten({ url: 'https://one.example/', slug: 'mine' })).status, 201);
    const taken = await shorten({ url: 'https://two.example/', slug: 'mine' });
    assert.deepEqual(taken, { status: 409, error: 'slug: mine is taken' });
    const removed = await platform.get('shortener', '/links/mine', { method: 'DELETE' });
    assert.equal(removed.status, 204);
    assert.equal((await platform.get('shortener', '/mine')).status, 404);
    assert.equal((await shorten({ url: 'https://two.example/', slug: 'mine' })).status, 201);
  });

  test('what is no address of the web is refused', async () => {
    for (const url of ['javascript:alert(1)', 'nowhere', 7])
      assert.equal((await shorten({ url })).status, 400);
  });

  test('links are listed with what was noted of them', async () => {
    const { links, cursor } = JSON.parse((await platform.get('shortener', '/links')).text);
    assert.equal(cursor, null);
    const mine = links.find(({ slug }: { slug: string }) => slug === 'mine');
    assert.ok(!Number.isNaN(Date.parse(mine.made)), JSON.stringify(links));
  });
});

describe('webhook', () => {
  const secret = 'a secret of both sides';
  const sign = (body: string, key = secret, seconds = Math.floor(Date.now() / 1000)) =>
    `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;
  const send = async (body: string, signature = sign(body)) => {
    const answer = await platform.get('webhook', '/events', {
      method: 'POST',
      headers: { 'webhook-signature': signature },
      body,
    });
    return `${answer.status} ${answer.text.trim()}`;
  };
  const event = (id: string) => JSON.stringify({ id, type: 'invoice.paid' });

  before(async () => {
    await deployExample(platform, 'webhook');
    await wranglerIn(platform, 'webhook', ['secret', 'put', 'WEBHOOK_SECRET'], { input: secret });
  });

  test('what the sender signed is taken, and done behind the answer', async () => {
    assert.equal(await send(event('e1')), '202 taken');
    let done = await platform.get('webhook', '/events/e1');
    while (done.status === 404) done = await platform.get('webhook', '/events/e1');
    assert.equal(JSON.parse(done.text).type, 'invoice.paid');
  });

  test('what was had is not done again', async () => {
    assert.equal(await send(event('e2')), '202 taken');
    assert.equal(await send(event('e2')), '200 had it');
  });

  test('what another signed, changed or kept is refused', async () => {
    const body = event('e3');
    assert.equal(await send(body, sign(body, 'guessed')), '401 the signature is wrong');
    assert.equal(await send(`${body} `, sign(body)), '401 the signature is wrong');
    assert.equal(await send(body, sign(body, secret, 1e9)), '401 the signature is too old');
    assert.equal(await send(body, ''), '401 the signature is missing or malformed');
    assert.equal((await platform.get('webhook', '/events/e3')).status, 404);
  });

  test('what is too large, and what is no event, is refused', async () => {
    assert.equal(await send('x'.repeat(65 * 1024)), '413 too large');
    assert.equal(await send('[]'), '400 an event has id and type');
  });
});

test('cron: looks when it is time, and says what it found', async () => {
  const site = createServer((request, response) => {
    response.statusCode = request.url === '/down' ? 503 : 200;
    response.end();
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    const output = await deployExample(platform, 'cron', '--var', `SITES:${url}/up ${url}/down`);
    assert.match(output, /schedule: \*\/15 \* \* \* \*/);
    assert.equal((await platform.get('cron')).status, 404);
    const ended = await platform.run('cron', ['run', 'cron']);
    assert.equal(ended.code, 0, ended.output);
    const report = JSON.parse((await platform.get('cron')).text);
    assert.deepEqual(report.findings, [
      { site: `${url}/up`, up: true, said: '200' },
      { site: `${url}/down`, up: false, said: '503' },
    ]);
    let logs = '';
    while (!/\/down is down: 503/.test(logs)) logs = (await platform.run('logs', ['cron'])).output;
  } finally {
    site.closeAllConnections();
    site.close();
  }
});

test('service-worker: events, and what is bound is global', async () => {
  await deployExample(platform, 'service-worker');
  const get = (where: string, options: Ask = {}) => platform.get('service-worker', where, options);
  assert.equal((await get('/')).text, 'The old site\n');
  assert.match((await get('/about')).text, /<h1>About<\/h1>/);
  assert.equal((await get('/news')).status, 404);
  assert.equal((await get('/news', { method: 'PUT', body: 'Nothing new' })).status, 201);
  assert.equal((await get('/news')).text, 'Nothing new');
});

test('environments: each is a Worker with what is its own', async () => {
  await deployExample(platform, 'environments');
  await deployExample(platform, 'environments', '--env', 'staging');
  await deployExample(platform, 'environments', '--env', 'production');
  const [development, staging, live] = [
    'environments',
    'environments-staging',
    'environments-live',
  ] as const;
  const text = async (name: string) => (await platform.get(name)).text;
  assert.equal(await text(development), '*** development ***\nHello\n');
  assert.equal(await text(staging), '*** staging ***\nHello\n');
  assert.equal(await text(live), 'Hello\n');

  await wranglerIn(platform, 'environments', ['secret', 'put', 'TOKEN', '--env', 'staging'], {
    input: 'open',
  });
  const put = async (name: string) => {
    const headers = { authorization: 'Bearer open' };
    return (await platform.get(name, '/', { method: 'PUT', headers, body: 'Ahoy' })).status;
  };
  assert.equal(await put(staging), 204);
  assert.equal(await put(live), 403, 'the secret belongs to the staging environment');
  assert.equal(await text(staging), '*** staging ***\nAhoy\n');
  assert.equal(await text(live), 'Hello\n');
});

describe('services', () => {
  const get = (where: string, options: Ask = {}) => platform.get('front', where, options);
  before(async () => {
    await deployExample(platform, 'services/catalogue');
    await deployExample(platform, 'services/front');
  });

  test('a method of another Worker answers, and only to Workers', async () => {
    const { text } = await get('/books?q=m');
    assert.deepEqual(JSON.parse(text), [{ title: 'Emma', cents: 800 }]);
    assert.equal((await platform.get('catalogue')).status, 404);
  });

  test('a stream comes over', async () => {
    const { text } = await get('/books.csv');
    assert.equal(text, 'title,cents\nDune,1250\nEmma,800\nSolaris,1100\n');
  });

  test('a callback is called while the other Worker runs', async () => {
    const chunks: string[] = [];
    const { text } = await get('/order?title=Dune', {
      onChunk: (chunk) => chunks.push(String(chunk)),
    });
    assert.equal(text, 'looking for Dune\npacking\non its way\nthat makes 1250 cents\n');
    assert.ok(chunks.length > 1, 'the answer came in one piece');
  });

  test('an error keeps its name and message', async () => {
    const { text } = await get('/order?title=Ulysses');
    assert.equal(text, 'looking for Ulysses\nRangeError: no such book: Ulysses\n');
  });

  test('an object of the other Worker stays there, and is used by a stub', async () => {
    assert.deepEqual(JSON.parse((await get('/basket?Dune=2&Emma=1')).text), { cents: 3300 });
    assert.deepEqual(JSON.parse((await get('/cheapest')).text), { cents: 800 });
  });
});

describe('rollout', () => {
  const ask = async (where: string, visitor: string, method = 'GET') => {
    const headers = { 'Cloudflare-Workers-Version-Key': visitor };
    return JSON.parse((await platform.get('rollout', where, { method, headers })).text);
  };
  const results = () => ask('/results', 'nobody');
  const idIn = (output: string) => /Version ID: ([0-9a-f-]+)/.exec(output)?.[1] ?? '';

  test('half of the visitors have the other offer, each the same again', async () => {
    const a = idIn(await deployExample(platform, 'rollout', '--tag', 'a'));
    const upload = ['versions', 'upload', '--tag', 'b', '--var', 'OFFER:Free shipping'];
    const b = idIn(await wranglerIn(platform, 'rollout', upload));
    assert.match((await platform.get('rollout')).text, /Cloudflare-Workers-Version-Key/);
    assert.deepEqual(await ask('/offer', 'first'), { offer: '10 % off', tag: 'a' });
    const divide = (...parts: string[]) =>
      wranglerIn(platform, 'rollout', ['versions', 'deploy', ...parts, '--yes']);
    await divide(`${a}@50`, `${b}@50`);
    const bought: Record<string, number> = {};
    for (let visitor = 0; visitor < 40; visitor++) {
      const { tag } = await ask('/offer', `visitor ${visitor}`);
      const sold = await ask('/buy', `visitor ${visitor}`, 'POST');
      assert.equal(sold.tag, tag);
      bought[tag] = (bought[tag] ?? 0) + 1;
    }
    assert.deepEqual(Object.keys(bought).sort(), ['a', 'b']);
    assert.deepEqual(await results(), bought);
    await divide(`${b}@100`);
    assert.deepEqual(await ask('/offer', 'first'), { offer: 'Free shipping', tag: 'b' });
  });
});

describe('in-front', () => {
  const site = createServer((request, response) => {
    const isPage = !request.url?.endsWith('.txt');
    response.setHeader('content-type', isPage ? 'text/html' : 'text/plain');
    response.end(isPage ? `<body><h1>${request.headers.host}${request.url}</h1></body>` : 'text');
  });
  const get = (host: string, where: string) => platform.get('', where, { host });

  before(async () => {
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const { port } = site.address() as AddressInfo;
    const origin = `http://127.0.0.1:${port}`;
    const ended = await platform.run('zone', ['add', 'example.com', '--origin', origin]);
    assert.equal(ended.code, 0, ended.output);
  });
  after(() => {
    site.closeAllConnections();
    site.close();
  });

  test('without the Worker the site answers', async () => {
    const answer = await get('example.com', '/shop');
    assert.equal(answer.text, '<body><h1>example.com/shop</h1></body>');
    assert.equal(answer.headers['referrer-policy'], undefined);
  });

  test('with it, pages have its headers and notes', async () => {
    const output = await deployExample(platform, 'in-front');
    assert.match(output, /example\.com\/\* \(zone name: example\.com\)/);
    const shop = await get('example.com', '/shop');
    const note = '<aside>Closed on Monday</aside>';
    assert.equal(shop.text, `<body>${note}<h1>example.com/shop</h1></body>`);
    assert.equal(shop.headers['referrer-policy'], 'strict-origin-when-cross-origin');
    const plain = await get('example.com', '/notes.txt');
    assert.equal(plain.text, 'text');
    assert.equal(plain.headers['x-content-type-options'], 'nosniff');
    const www = await get('www.example.com', '/shop?a=1');
    assert.equal(`${www.status} ${www.headers.location}`, '301 http://example.com/shop?a=1');
  });

  test('should it fail, the site answers', async () => {
    await deployExample(platform, 'in-front', '--var', 'NOTES:no JSON');
    const answer = await get('example.com', '/shop');
    assert.equal(answer.text, '<body><h1>example.com/shop</h1></body>');
    assert.equal(answer.headers['referrer-policy'], undefined);
  });
});
