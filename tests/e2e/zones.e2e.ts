// A domain with its origin: what routes take, and what goes on to the origin.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Ask, ask } from '../../tools/platform/http.ts';
import { esModule, Platform, temporaryFolder } from '../../tools/platform/platform.ts';
import { Origins } from '../websocket/origins.ts';

/** Says what it was asked, in JSON; /slow/ sends half of an answer and waits for `release`. */
class Origin {
  readonly server: Server = createServer(
    (request, response) => void this.#answer(request, response),
  );
  #released = Promise.withResolvers<void>();

  async #answer(request: IncomingMessage, response: import('node:http').ServerResponse) {
    if (request.url === '/slow') {
      response.write('first;');
      await this.#released.promise;
      return response.end('last');
    }
    let body = '';
    for await (const chunk of request) body += String(chunk);
    response.setHeader('x-origin', 'yes');
    response.end(
      JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }),
    );
  }

  release() {
    this.#released.resolve();
  }
  get url() {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
}

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const worker = esModule(`export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith('/worker/own')) return new Response('of the Worker');
  const answer = await fetch(request);
  return new Response(answer.body, { status: answer.status, headers: { 'x-through': 'the Worker',
    'x-origin': answer.headers.get('x-origin') } });
} };`);

let platform: Platform;
const origin = new Origin();

const at = (host: string, where = '/', options: Ask = {}) =>
  ask(`http://127.0.0.1:${new URL(platform.http).port}${where}`, { host, ...options });
const asked = (text: string) => JSON.parse(text) as Asked;

async function addZone(name: string, url = origin.url) {
  const { success, errors, result } = await platform.ask<{ id: string }>('POST', '/zones', {
    name,
    origin: url,
  });
  assert.ok(success, JSON.stringify(errors));
  return result.id;
}

async function setRoutes(name: string, patterns: readonly string[]) {
  const where = `/accounts/${platform.account}/workers/scripts/${name}/routes`;
  const set = await platform.ask(
    'PUT',
    where,
    patterns.map((pattern) => ({ pattern })),
  );
  assert.ok(set.success, JSON.stringify(set.errors));
}

before(async () => {
  origin.server.listen(0, '127.0.0.1');
  await once(origin.server, 'listening');
  platform = await Platform.start();
  await addZone('shop.test');
  await platform.deploy('front', [worker]);
  await setRoutes('front', ['shop.test/worker/*']);
});
after(async () => {
  await platform?.stop();
  origin.server.closeAllConnections();
  origin.server.close();
});

describe('what no route takes', () => {
  test('goes to the origin as it came, and tells it of the client', async () => {
    const answer = await at('shop.test:8080', '/some/path?q=1', {
      method: 'POST',
      body: 'a body',
      headers: { 'x-own': 'kept', 'cf-connecting-ip': '1.2.3.4', 'x-forwarded-for': '5.6.7.8' },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['x-origin'], 'yes');
    const { method, url, headers, body } = asked(answer.text);
    assert.deepEqual([method, url, body], ['POST', '/some/path?q=1', 'a body']);
    assert.equal(headers.host, 'shop.test:8080');
    assert.equal(headers['x-own'], 'kept');
    assert.equal(headers['cf-connecting-ip'], '127.0.0.1');
    assert.equal(headers['x-real-ip'], '127.0.0.1');
    assert.equal(headers['x-forwarded-for'], '5.6.7.8, 127.0.0.1');
    assert.equal(headers['x-forwarded-proto'], 'http');
  });

  test('of a name below the zone too', async () => {
    assert.equal(asked((await at('deep.in.shop.test')).text).headers.host, 'deep.in.shop.test');
  });

  test('is streamed: what has come is there before the rest', async () => {
    const first = Promise.withResolvers<string>();
    const whole = at('shop.test', '/slow', { onChunk: (chunk) => first.resolve(String(chunk)) });
    assert.equal(await first.promise, 'first;');
    origin.release();
    assert.equal((await whole).text, 'first;last');
  });

  test('a large body goes both ways', async () => {
    const body = 'x'.repeat(3 << 20);
    const answer = await at('shop.test', '/', { method: 'PUT', body });
    assert.equal(asked(answer.text).body.length, body.length);
  });
});

test('an upgrade goes to the origin', async () => {
  const origins = new Origins();
  const echo = await origins.echo(false);
  await addZone('socket.test', `http://127.0.0.1:${echo.port}`);
  const socket = connect(Number(new URL(platform.http).port), '127.0.0.1');
  socket.write(
    'GET / HTTP/1.1\r\nHost: socket.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  let got = Buffer.alloc(0);
  const until = async (enough: () => boolean) => {
    while (!enough()) got = Buffer.concat([got, (await once(socket, 'data'))[0] as Buffer]);
  };
  await until(() => got.includes('\r\n\r\n'));
  assert.match(got.toString('latin1'), /^HTTP\/1\.1 101 /);
  // "hi" in a masked text frame, the mask all zeros.
  socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
  await until(() => got.subarray(-4).equals(Buffer.from([0x81, 2, 0x68, 0x69])));
  socket.destroy();
  await origins.close();
});

describe('a Worker on a route', () => {
  test('answers what the route takes, and by any way of writing it', async () => {
    for (const where of ['/worker/own', '/x/../worker/own', '/x/%2e%2e/worker/own'])
      assert.equal((await at('shop.test', where)).text, 'of the Worker', where);
    assert.equal((await at('www.shop.test', '/worker/own')).headers['x-origin'], 'yes');
  });

  test('reaches the origin by fetch(request), not itself', async () => {
    const answer = await at('shop.test', '/worker/on?q', { method: 'POST', body: 'passed on' });
    assert.equal(answer.headers['x-through'], 'the Worker');
    assert.equal(answer.headers['x-origin'], 'yes');
    const { url, headers, body } = asked(answer.text);
    assert.deepEqual([url, body], ['/worker/on?q', 'passed on']);
    assert.equal(headers.host, 'shop.test');
    assert.equal(headers['cf-worker'], 'shop.test');
    assert.equal(headers['cf-connecting-ip'], '127.0.0.1');
  });

  test('stays under its own name', async () => {
    const answer = await platform.get('front', '/worker/own');
    assert.equal(answer.text, 'of the Worker');
  });
});

test('the most specific route wins, and one without a Worker keeps Workers away', async () => {
  const zone = await addZone('many.test');
  await platform.deploy('wide', [esModule(`export default { fetch: () => new Response('wide') }`)]);
  await platform.deploy('narrow', [
    esModule(`export default { fetch: () => new Response('narrow') }`),
  ]);
  await setRoutes('wide', ['*many.test/*']);
  await setRoutes('narrow', ['many.test/n*']);
  const off = await platform.ask('POST', `/zones/${zone}/workers/routes`, {
    pattern: 'many.test/n/off',
  });
  assert.ok(off.success, JSON.stringify(off.errors));
  assert.equal((await at('many.test', '/')).text, 'wide');
  assert.equal((await at('www.many.test', '/n')).text, 'wide');
  assert.equal((await at('many.test', '/n')).text, 'narrow');
  assert.equal((await at('many.test', '/n/off')).headers['x-origin'], 'yes');
  assert.equal((await at('many.test', '/n/off?q')).text, 'narrow');
});

test('wrangler deploys a project with routes', async () => {
  await addZone('project.test');
  const project = path.join(temporaryFolder(), 'project');
  mkdirSync(project);
  writeFileSync(path.join(project, 'index.js'), worker.content);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'project',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      routes: ['project.test/worker/*', { pattern: 'my.project.test', custom_domain: true }],
    }),
  );
  const deployed = await platform.wrangler(project, ['deploy']);
  assert.equal(deployed.code, 0, deployed.output);
  assert.match(deployed.output, /project\.test\/worker\/\*/);
  assert.equal((await at('project.test', '/worker/own')).text, 'of the Worker');
  assert.equal((await at('project.test', '/')).headers['x-origin'], 'yes');
  assert.equal((await at('my.project.test', '/worker/own')).text, 'of the Worker');
  // Routes alone switch its own name off.
  assert.equal((await platform.get('project', '/worker/own')).status, 404);
});

describe('an origin that fails', () => {
  test('is told as 502, without its address', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    await addZone('down.test', `http://127.0.0.1:${port}`);
    const answer = await at('down.test');
    assert.equal(answer.status, 502);
    assert.match(answer.text, /the zone "down\.test" does not answer/);
    assert.doesNotMatch(answer.text, /127\.0\.0\.1/);
  });

  test('a zone without one says so', async () => {
    await addZone('bare.test', '');
    const answer = await at('bare.test');
    assert.equal(answer.status, 404);
    assert.match(answer.text, /the zone has no origin/);
  });
});

test('a client that goes away ends what it asked of the origin', async () => {
  const hung = createServer();
  hung.listen(0, '127.0.0.1');
  await once(hung, 'listening');
  await addZone('hung.test', `http://127.0.0.1:${(hung.address() as AddressInfo).port}`);
  const asking = send({
    port: new URL(platform.http).port,
    host: '127.0.0.1',
    headers: { host: 'hung.test' },
  });
  asking.on('error', () => {});
  asking.end();
  const [request] = (await once(hung, 'request')) as [IncomingMessage];
  const gone = Promise.withResolvers<void>();
  request.on('error', () => {});
  request.once('close', () => gone.resolve());
  asking.destroy();
  await gone.promise;
  hung.closeAllConnections();
  hung.close();
});

test('a zone that is removed is gone at once', async () => {
  const zone = await addZone('gone.test');
  assert.equal((await at('gone.test')).status, 200);
  await platform.ask('DELETE', `/zones/${zone}`);
  // Who asks from loopback may be a proxy with anybody behind it: no Worker is named.
  assert.equal(
    (await at('gone.test')).text,
    'No Worker answers for "gone.test".\n\n' +
      '`./caravel status` says where each Worker answers.\n',
  );
});

test('the command adds, shows, changes and removes zones', async () => {
  const zone = async (...args: string[]) => {
    const ended = await platform.run('zone', args);
    assert.equal(ended.code, 0, ended.output);
    return ended.output;
  };
  assert.match(await zone('add', 'command.test', '--origin', origin.url), /command\.test {2}http/);
  assert.equal((await at('command.test')).headers['x-origin'], 'yes');
  const listed = JSON.parse(await zone('list', '--json')) as {
    zones: { name: string; origin: string; trusted_origin: boolean }[];
  };
  const seen = listed.zones.find(({ name }) => name === 'command.test');
  assert.deepEqual([seen?.origin, seen?.trusted_origin], [origin.url, true]);
  await zone('set', 'Command.Test', '--origin', '');
  assert.equal((await at('command.test')).status, 404);
  await zone('remove', 'command.test');
  const again = await platform.run('zone', ['remove', 'command.test']);
  assert.notEqual(again.code, 0);
  assert.match(again.output, /zone "command\.test" does not exist/);
  const twice = await platform.run('zone', ['add', 'shop.test']);
  assert.match(twice.output, /zone "shop\.test" is there already\n.*zone set shop\.test --origin/);
  const blank = await platform.run('zone', ['add', 'exa mple']);
  assert.match(blank.output, /"exa mple" is no label: it may have letters/);
});

describe('ctx.passThroughOnException()', () => {
  const failing = esModule(`export default { async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname !== '/fail/closed') ctx.passThroughOnException();
    if (pathname === '/fail/read') await request.text();
    if (pathname === '/fail/later') await scheduler.wait(1);
    throw new Error('on purpose');
  } };`);

  before(async () => {
    await addZone('open.test');
    await platform.deploy('failing', [failing]);
    await setRoutes('failing', ['open.test/fail/*']);
  });

  for (const where of ['/fail/now', '/fail/later'])
    test(`sends a request on to the origin, with its body: ${where}`, async () => {
      const body = 'x'.repeat(1 << 20);
      const answer = await at('open.test', where, { method: 'POST', body });
      assert.equal(answer.status, 200);
      const seen = asked(answer.text);
      assert.deepEqual([seen.method, seen.url, seen.body.length], ['POST', where, body.length]);
      assert.equal(seen.headers['cf-connecting-ip'], '127.0.0.1');
      assert.equal(asked((await at('open.test', where)).text).method, 'GET');
    });

  test('does not once the body was read', async () => {
    const answer = await at('open.test', '/fail/read', { method: 'POST', body: 'read' });
    assert.match(answer.text, /^error code: 1101/);
  });

  test('has to be called', async () => {
    assert.match((await at('open.test', '/fail/closed')).text, /^error code: 1101/);
  });

  test('changes nothing where no origin is behind the Worker', async () => {
    assert.match((await platform.get('failing', '/fail/now')).text, /^error code: 1101/);
  });
});

test('a Worker on a route reaches the Worker of a custom domain behind it', async () => {
  await addZone('chain.test');
  await platform.deploy('behind', [
    esModule(`export default { fetch: (request) => new Response('behind for ' +
      request.headers.get('cf-connecting-ip') + ' at ' + request.url) }`),
  ]);
  const given = await platform.ask('PUT', `/accounts/${platform.account}/workers/domains`, {
    hostname: 'app.chain.test',
    service: 'behind',
  });
  assert.ok(given.success, JSON.stringify(given.errors));
  await platform.deploy('chained', [worker]);
  await setRoutes('chained', ['app.chain.test/worker/*']);
  const answer = await at('app.chain.test', '/worker/x');
  assert.equal(answer.headers['x-through'], 'the Worker');
  assert.equal(answer.text, 'behind for 127.0.0.1 at http://app.chain.test/worker/x');
});

describe('the Worker of a custom domain, which another one asks by fetch()', () => {
  before(async () => {
    await addZone('pair.test');
    await platform.deploy('asked', [
      esModule(`export default { async fetch(request) {
        const { pathname } = new URL(request.url);
        if (pathname === '/throw') throw new RangeError('on purpose');
        if (pathname === '/hang') return new Promise(() => {});
        if (pathname === '/client') return new Response(
          ['cf-connecting-ip', 'x-real-ip'].map((name) => request.headers.get(name)).join());
        return Response.json(request.cf);
      } }`),
    ]);
    const given = await platform.ask('PUT', `/accounts/${platform.account}/workers/domains`, {
      hostname: 'asked.pair.test',
      service: 'asked',
    });
    assert.ok(given.success, JSON.stringify(given.errors));
    await platform.deploy('asking', [
      esModule(`export default { async fetch(request) {
        const { pathname, searchParams } = new URL(request.url);
        const count = Number(searchParams.get('count') ?? 1);
        try {
          const asked = Array.from({ length: count }, () =>
            fetch('http://asked.pair.test' + pathname, {
              headers: { 'cf-connecting-ip': searchParams.get('client') ?? '' },
            }));
          const last = (await Promise.all(asked)).at(-1);
          return new Response(await last.text(), { status: last.status });
        } catch (error) {
          return new Response(error.name + ': ' + error.message, { status: 599 });
        }
      } }`),
    ]);
    await setRoutes('asking', ['pair.test/*']);
  });

  for (const where of ['/throw', '/hang'])
    test(`answers as a client gets it where it fails: ${where}`, async () => {
      const answer = await at('pair.test', where);
      assert.match(answer.text, /^error code: 1101\nreference: [0-9a-f]{16}\n$/);
      assert.equal(answer.status, 500);
    });

  test('has request.cf', async () => {
    const cf = JSON.parse((await at('pair.test', '/cf')).text);
    assert.deepEqual(cf, { httpProtocol: 'HTTP/1.1', tlsVersion: '' });
  });

  test('has the address of the client that it is told of, where that is one', async () => {
    const client = async (told: string) =>
      (await at('pair.test', `/client?client=${encodeURIComponent(told)}`)).text;
    assert.equal(await client('2001:DB8::7'), '2001:db8::7,2001:db8::7');
    assert.equal(await client('no address'), 'no address,');
  });

  test('is one of the invocations that a request has at a time', async () => {
    assert.equal((await at('pair.test', '/cf?count=999')).status, 200);
    const answer = await at('pair.test', '/cf?count=1000');
    assert.equal(
      answer.text,
      'TypeError: Too many Worker invocations: a request has at most 1000 at a time, with all that it calls.',
    );
  });
});
