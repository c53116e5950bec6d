// `caravel serve` of several projects, which call each other.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { caravel } from '../../tools/platform/platform.ts';
import { configured, Serving, servedUrl } from '../../tools/platform/serving.ts';

const serving = new Serving();
after(() => serving.stop());

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
  const first = serving.write('several/web', {
    'index.js': web,
    'wrangler.json': configured('web', { services, kv_namespaces }),
  });
  const second = serving.write('several/q', {
    'index.js': quotes('one'),
    'wrangler.json': configured('quotes', {
      kv_namespaces,
      assets: { directory: 'public' },
    }),
  });
  serving.write('several/q/public', { 'about.txt': 'about quotes' });
  const { until, printed } = serving.follow(first, second);
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
  serving.write('several/q', { 'index.js': quotes('two') });
  while ((await ask(url)).text !== 'two') assert.match((await ask(url)).text, /one|two/);
  serving.write('several/web', {
    'index.js': web.replace('QUOTES.random()', "'no ' + (await QUOTES.random())"),
  });
  while ((await ask(url)).text !== 'no two');
  await until(/web answers as edited/);
  await until(/quotes answers as edited/);
  assert.doesNotMatch(printed(), /warning|not served/);
});

test('a Worker that is not served is warned of, and calls of it fail', async () => {
  const project = serving.write('lonely', {
    'index.js': web,
    'wrangler.json': configured('lonely', { services }),
  });
  const { until } = serving.follow(project);
  await until(
    /binding "QUOTES" is to the Worker "quotes", which is not served here: calls of it fail/,
  );
  await until(/lonely answers at/);
  const url = await until(servedUrl);
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
  const first = serving.write('halting/web', {
    'index.js': web,
    'wrangler.json': configured('web', { services }),
  });
  const second = serving.write('halting/quotes', {
    'index.js': 'throw new Error("no ink");',
    'wrangler.json': configured('quotes', { kv_namespaces }),
  });
  const { until } = serving.follow(first, second);
  await until(/web answers at/);
  const url = await until(/web answers at http:\/\/[\w.[\]:-]+:\d+(?= )/);
  const at = url.slice(url.indexOf('http'));
  await until(/until then, requests to http:\/\/quotes\.localhost:\d+ end in that error/);
  const { status, text } = await ask(at);
  assert.equal(status, 502);
  assert.match(text, /no ink/);
  const fetched = await ask(`${at}/fetch`);
  assert.equal(fetched.status, 500);
  assert.match(fetched.text, /no ink/);
  serving.write('halting/quotes', { 'index.js': quotes('ink') });
  while ((await ask(at)).text !== 'ink');
  await until(/quotes answers at http:\/\/quotes\.localhost:\d+/);
});

test('two projects of one name are refused with both folders', async () => {
  const files = { 'index.js': web, 'wrangler.json': configured('twin') };
  const { code, output } = await caravel([
    'serve',
    serving.write('twins/a', files),
    serving.write('twins/b', files),
    '--port',
    '0',
  ]);
  assert.notEqual(code, 0);
  assert.match(
    output,
    /twins\/b: the Worker of \S*twins\/a is called "twin" too\n\s+give one of them/,
  );
});
