// Workers that call Workers: service bindings and RPC, deployed by wrangler.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { esModule, Platform, temporaryFolder } from '../../tools/platform/platform.ts';

let platform: Platform;
const projects = temporaryFolder();

before(async () => {
  platform = await Platform.start(['--shards', '2']);
});
after(async () => {
  await platform.stop();
  rmSync(projects, { recursive: true, force: true });
});

function write(name: string, source: string, more: object = {}) {
  const project = path.join(projects, name);
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, 'index.js'), source);
  const limits = { cpu_ms: 5_000 }; // the machine may be busy with other things
  const settings = { name, main: 'index.js', compatibility_date: '2026-07-01', limits };
  writeFileSync(path.join(project, 'wrangler.json'), JSON.stringify({ ...settings, ...more }));
}

const run = (name: string, args: readonly string[]) =>
  platform.wrangler(path.join(projects, name), args, {});

async function deploy(name: string, source: string, more: object = {}) {
  write(name, source, more);
  const ended = await run(name, ['deploy']);
  assert.equal(ended.code, 0, ended.output);
}

const bound = (services: object[]) => ({ services });

test('a binding to a Worker that is not there is refused at deploy, with the number of Workers', async () => {
  write('lost', 'export default { fetch() {} }', bound([{ binding: 'B', service: 'nowhere' }]));
  const ended = await run('lost', ['deploy']);
  assert.notEqual(ended.code, 0);
  assert.match(ended.output, /Could not resolve service binding 'B'\. Target script 'nowhere' not/);
  assert.match(ended.output, /10143/);
});

const callee = `
import { WorkerEntrypoint } from 'cloudflare:workers';
export class Named extends WorkerEntrypoint {
  fetch(request) { return Response.json([request.url, this.ctx.props]); }
  props() { return this.ctx.props; }
}
export default class extends WorkerEntrypoint {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === '/throw') throw new RangeError('no such thing');
    if (url.pathname === '/echo') return new Response(request.body, { headers: request.headers });
    if (url.pathname === '/spin') for (;;);
    if (url.pathname === '/client') return new Response(request.headers.get('cf-connecting-ip'));
    return new Response(request.method + ' ' + request.url + ' ' + JSON.stringify(request.cf));
  }
  add(a, b) { return a + b; }
  fail() { throw new TypeError('refused'); }
}`;
const caller = `
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    try {
      switch (url.pathname) {
        case '/plain': return await env.B.fetch('http://inside/a?b=c', { cf: { x: 1 } });
        case '/throw': return await env.B.fetch('http://inside/throw');
        case '/spin': return await env.B.fetch('http://inside/spin');
        case '/echo': return await env.B.fetch(new Request('http://inside/echo', request));
        case '/pass': return await env.B.fetch(request);
        case '/client': return await env.B.fetch(new Request('http://inside/client', request));
        case '/named': return await env.NAMED.fetch('http://inside/');
        case '/absent': return await env.ABSENT.fetch('http://inside/');
        case '/add': return Response.json(await env.B.add(1, 2));
        case '/props': return Response.json(await env.NAMED.props());
        case '/fail': return Response.json(await env.B.fail());
      }
    } catch (error) {
      return new Response(error.constructor.name + ': ' + error.message, { status: 500 });
    }
  },
};`;

test('a Worker calls another by a service binding', async (t) => {
  const bindings = bound([
    { binding: 'B', service: 'callee' },
    { binding: 'NAMED', service: 'callee', entrypoint: 'Named', props: { user: 7 } },
    { binding: 'ABSENT', service: 'callee', entrypoint: 'Absent' },
  ]);
  await deploy('callee', `${callee}\nexport class Absent extends WorkerEntrypoint {}`);
  await deploy('caller', caller, bindings);
  await deploy('callee', callee);
  const ask = async (where: string, init: object = {}) =>
    (await platform.get('caller', where, init)).text;

  await t.test('with URL, method and cf as they were given', async () => {
    assert.equal(await ask('/plain'), 'GET http://inside/a?b=c {"x":1}');
  });
  await t.test('with the client’s own request', async () => {
    assert.match(
      await ask('/pass'),
      /^GET http:\/\/caller\.[^ ]*\/pass \{"httpProtocol":"HTTP\/1\.1"/,
    );
  });
  await t.test('with the address of its client', async () => {
    assert.equal(await ask('/client'), '127.0.0.1');
  });
  await t.test('and gets what that throws', async () => {
    assert.equal(await ask('/throw'), 'RangeError: no such thing');
    assert.equal(await ask('/spin'), 'Error: Worker exceeded CPU time limit.');
  });
  await t.test('by an entrypoint with props', async () => {
    assert.equal(await ask('/named'), '["http://inside/",{"user":7}]');
    assert.match(await ask('/absent'), /^TypeError: The Worker has no entrypoint "Absent"/);
  });
  await t.test('and is refused for an entrypoint that is not there any more', async () => {
    write('caller', caller, bindings);
    const ended = await run('caller', ['deploy']);
    assert.notEqual(ended.code, 0);
    assert.match(ended.output, /'callee'\s+does\s+not\s+export\s+the\s+entrypoint\s+'Absent'/);
    assert.match(ended.output, /10144/);
  });
  await t.test('with a body both ways', async () => {
    const body = 'x'.repeat(3_000_000);
    assert.equal((await ask('/echo', { method: 'POST', body })).length, body.length);
  });
  await t.test('by RPC', async () => {
    assert.equal(await ask('/add'), '3');
    assert.equal(await ask('/props'), '{"user":7}');
    assert.equal(await ask('/fail'), 'TypeError: refused');
  });
  await t.test('that is deployed anew', async () => {
    await deploy('callee', callee.replace('a + b', 'a * b'));
    assert.equal(await ask('/add'), '2');
  });
  await t.test('and is told of where the other is to be deleted', async () => {
    const where = `/accounts/${platform.account}/workers/scripts/callee/references`;
    const { result } = await platform.ask<{ services: { incoming: object[] } }>('GET', where);
    assert.deepEqual(result.services.incoming, [{ service: 'caller', environment: 'production' }]);
  });
  await t.test('that is gone', async () => {
    const ended = await run('callee', ['delete', '--force']);
    assert.equal(ended.code, 0, ended.output);
    assert.match(await ask('/add'), /Worker "callee", which a service binding names, is not/);
  });
});

/** Until the log of `name` has what is looked for: events come in batches. */
async function logsThatMatch(name: string, pattern: RegExp): Promise<string> {
  for (;;) {
    const { output } = await platform.run('logs', [name, '-n', '20']);
    if (pattern.test(output)) return output;
  }
}

test('each call is an invocation of the callee, with a log event of its own', async () => {
  await platform.deploy('logged', [
    esModule(`import { WorkerEntrypoint } from 'cloudflare:workers';
      export class Cart extends WorkerEntrypoint {
        add(item) { console.log('added ' + item); }
        fail() { throw new RangeError('no such cart'); }
      }
      export default { fetch() {} };`),
  ]);
  await platform.deploy(
    'logging',
    [
      esModule(`export default { async fetch(request, env) {
        await env.CART.add('biscuit');
        return new Response(await env.CART.fail().catch((e) => e.message));
      } };`),
    ],
    { bindings: [{ name: 'CART', type: 'service', service: 'logged', entrypoint: 'Cart' }] },
  );
  assert.equal((await platform.get('logging')).text, 'no such cart');
  const output = await logsThatMatch('logged', /no such cart/);
  assert.match(output, /RPC Cart\.add ok .*\n\s+added biscuit/);
  assert.match(output, /RPC Cart\.fail exception .*\n\s+RangeError: no such cart/);
});

test('Workers call one another across shards, with stubs, streams and callbacks', async () => {
  const callee = esModule(`import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
    class Counter extends RpcTarget { #n = 0; add(n) { return (this.#n += n); } }
    export default class extends WorkerEntrypoint {
      counter() { return new Counter(); }
      async each(list, f) { let sum = 0; for (const n of list) sum += await f(n); return sum; }
      stream(n) {
        let i = 0;
        return new ReadableStream({ type: 'bytes', pull(c) {
          if (i++ < n) c.enqueue(new Uint8Array(10_000)); else c.close();
        } });
      }
    }`);
  // Homes of Workers go by their ids, so that among so many some are apart.
  const names = Array.from({ length: 6 }, (_, i) => `apart${i}`);
  for (const name of names) await platform.deploy(name, [callee]);
  const bindings = names.map((name) => ({ name, type: 'service', service: name }));
  await platform.deploy(
    'across',
    [
      esModule(`export default { async fetch(request, env) {
        const all = Object.values(env).map(async (service) => {
          const counter = await service.counter();
          await counter.add(1);
          const sum = await service.each([1, 2, 3], (n) => n * 10);
          const bytes = await new Response(await service.stream(30)).arrayBuffer();
          return [await counter.add(2), sum, bytes.byteLength];
        });
        return Response.json(await Promise.all(all));
      } };`),
    ],
    { bindings },
  );
  for (let i = 0; i < 20; i++) {
    const { text } = await platform.get('across');
    assert.deepEqual(
      JSON.parse(text),
      names.map(() => [3, 60, 300_000]),
    );
  }
});

test('a Response that goes by RPC is streamed on to the client', async () => {
  await platform.deploy('pages', [
    esModule(`import { WorkerEntrypoint } from 'cloudflare:workers';
      export default class extends WorkerEntrypoint {
        page(request, pieces) {
          let i = 0;
          const body = new ReadableStream({ type: 'bytes', pull(c) {
            if (i++ < pieces) c.enqueue(new Uint8Array(50_000).fill(120)); else c.close();
          } });
          return new Response(body, { headers: { page: new URL(request.url).pathname } });
        }
      }`),
  ]);
  await platform.deploy(
    'site',
    [esModule('export default { fetch: (request, env) => env.PAGES.page(request, 60) };')],
    { bindings: [{ name: 'PAGES', type: 'service', service: 'pages' }] },
  );
  const answer = await platform.get('site', '/about');
  assert.equal(answer.headers.page, '/about');
  assert.equal(answer.text, 'x'.repeat(3_000_000));
});

test('no call is lost over a deployment of the callee', async () => {
  const version = (n: number) =>
    esModule(`import { WorkerEntrypoint } from 'cloudflare:workers';
      export default class extends WorkerEntrypoint { version() { return ${n}; } }`);
  await platform.deploy('renewed', [version(0)]);
  await platform.deploy(
    'renewing',
    [
      esModule(`export default { async fetch(request, env) {
        return new Response(await env.B.version());
      } };`),
    ],
    { bindings: [{ name: 'B', type: 'service', service: 'renewed' }] },
  );
  let over = false;
  const asked = (async () => {
    const seen: number[] = [];
    while (!over) seen.push(Number((await platform.get('renewing')).text));
    return seen;
  })();
  for (let n = 1; n <= 5; n++) await platform.deploy('renewed', [version(n)]);
  assert.equal((await platform.get('renewing')).text, '5');
  over = true;
  const seen = await asked;
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
});

test('a WebSocket goes through a service binding', async () => {
  await platform.deploy('socket', [
    esModule(`export default { fetch() {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener('message', ({ data }) => server.send('heard ' + data));
      return new Response(null, { status: 101, webSocket: client });
    } };`),
  ]);
  await platform.deploy(
    'speaker',
    [
      esModule(`export default { async fetch(request, env) {
        const { webSocket } = await env.S.fetch('http://s/', { headers: { upgrade: 'websocket' } });
        webSocket.accept();
        const heard = new Promise((resolve) =>
          webSocket.addEventListener('message', ({ data }) => resolve(data)));
        webSocket.send('hello');
        const text = await heard;
        webSocket.close();
        return new Response(text);
      } };`),
    ],
    { bindings: [{ name: 'S', type: 'service', service: 'socket' }] },
  );
  assert.equal((await platform.get('speaker')).text, 'heard hello');
});

test('Workers that call one another in a ring come to an end', async () => {
  await platform.deploy(
    'ring',
    [
      esModule(`export default { async fetch(request, env) {
        const n = Number(new URL(request.url).pathname.slice(1));
        try {
          return await env.RING.fetch('http://ring/' + (n + 1));
        } catch (error) {
          return new Response(n + ' ' + error.message);
        }
      } };`),
    ],
    { bindings: [{ name: 'RING', type: 'service', service: 'ring' }] },
  );
  assert.equal(
    (await platform.get('ring', '/1')).text,
    '32 Subrequest depth limit exceeded: Workers call one another at most 32 deep.',
  );
});

test('a Worker that calls itself and waits for nothing is ended', async () => {
  const source = esModule(`import { WorkerEntrypoint } from 'cloudflare:workers';
    export class Own extends WorkerEntrypoint { never() { return new Promise(() => {}); } }
    export default { async fetch(request, { SELF }, ctx) {
      const { pathname } = new URL(request.url);
      if (pathname === '/never') await new Promise(() => {});
      const own = pathname === '/exports' ? ctx.exports.Own() : SELF;
      return pathname === '/fetch' ? SELF.fetch('http://self/never') : new Response(await own.never());
    } };`);
  const binding = { name: 'SELF', type: 'service', service: 'selfish' };
  await platform.deploy('selfish', [source]);
  await platform.deploy('selfish', [source], { bindings: [{ ...binding, entrypoint: 'Own' }] });
  for (const where of ['/exports', '/named']) {
    const answer = await platform.get('selfish', where);
    assert.equal(answer.status, 500);
    assert.match(answer.text, /^error code: 1101/);
  }
  await platform.deploy('selfish', [source], { bindings: [binding] });
  assert.match((await platform.get('selfish', '/fetch')).text, /^error code: 1101/);
});

test('a request has 1,000 invocations at a time, with all that it calls', async () => {
  const source = `import { WorkerEntrypoint } from 'cloudflare:workers';
     export class Leaf extends WorkerEntrypoint {
       async value() { await scheduler.wait(1); return 1; }
       now() { return 1; }
       // Two at a time below this one.
       async more() {
         const leaf = this.ctx.exports.Leaf;
         return (await Promise.all([leaf.value(), leaf.value()])).length;
       }
       several() { return { value: () => 1 }; }
       goOn(until) { this.ctx.waitUntil(until()); }
     }
     const sum = (list) => list.reduce((all, each) => all + each, 0);
     export default { async fetch(request, env, ctx) {
       const { pathname, searchParams } = new URL(request.url);
       const count = Number(searchParams.get('count'));
       const together = async (call) => sum(await Promise.all(Array.from({ length: count }, call)));
       const leaf = ctx.exports.Leaf;
       try {
         if (pathname === '/calls') return Response.json(await together(() => leaf.value()));
         if (pathname === '/more') return Response.json(await together(() => leaf.more()));
         if (pathname === '/fetches')
           return Response.json(await together(async () => (await env.SELF.fetch('http://a/one')).json()));
         if (pathname === '/behind') {
           const end = Promise.withResolvers();
           try {
             for (let i = 0; i < count; i++) await leaf.goOn(() => end.promise);
             return Response.json(count);
           } finally {
             end.resolve();
           }
         }
         if (pathname === '/sequence') {
           let all = 0;
           for (let i = 0; i < count; i++) all += await leaf.now();
           return Response.json(all);
         }
         if (pathname === '/session') {
           using stub = await leaf.several();
           return Response.json(await together(() => stub.value()));
         }
         return Response.json(1);
       } catch (error) {
         return new Response(error.name + ': ' + error.message, { status: 599 });
       }
     } };`;
  await deploy('fan', source); // which has to be there to be bound
  await deploy('fan', source, bound([{ binding: 'SELF', service: 'fan' }]));
  const tooMany =
    'Error: Too many Worker invocations: a request has at most 1000 at a time, with all that it calls.';
  for (const where of ['/calls', '/fetches']) {
    const fits = await platform.get('fan', `${where}?count=999`);
    assert.equal(fits.text, '999', where);
    assert.equal((await platform.get('fan', `${where}?count=1000`)).text, tooMany, where);
  }
  assert.equal((await platform.get('fan', '/more?count=300')).text, '600');
  assert.equal((await platform.get('fan', '/more?count=400')).text, tooMany);
  assert.equal((await platform.get('fan', '/sequence?count=1000')).text, '1000');
  // What goes on behind its answer counts until it has ended.
  assert.equal((await platform.get('fan', '/behind?count=999')).text, '999');
  assert.equal((await platform.get('fan', '/behind?count=1000')).text, tooMany);
  // Calls of what one call gave are no further invocations.
  assert.equal((await platform.get('fan', '/session?count=2000')).text, '2000');
});

test('a Worker connects to another one, which gets the other end', async (t) => {
  await deploy(
    'listener',
    `import { WorkerEntrypoint } from 'cloudflare:workers';
     export class Told extends WorkerEntrypoint {
       async connect(socket) {
         const { localAddress, remoteAddress } = await socket.opened;
         const writer = socket.writable.getWriter();
         await writer.write(new TextEncoder().encode(
           JSON.stringify([localAddress, String(remoteAddress), this.ctx.props])));
       }
     }
     export class Throws extends WorkerEntrypoint {
       connect() { throw new RangeError('on purpose'); }
     }
     export class Deaf extends WorkerEntrypoint {}
     export default { async connect(socket) {
       await socket.readable.pipeTo(socket.writable);
       console.log('echoed all');
     } };`,
  );
  await deploy(
    'dialer',
    `const text = async (socket) => new Response(socket.readable).text();
     export default { async fetch(request, env) {
       const { pathname } = new URL(request.url);
       try {
         if (pathname === '/told') {
           const socket = env.TOLD.connect('example.com:1234');
           const said = await text(socket);
           await socket.closed;
           return new Response(said + ' ' + (await socket.opened).remoteAddress);
         }
         if (pathname === '/tls') return new Response(env.TOLD.connect('a:1', { secureTransport: 'on' }));
         if (pathname === '/none' || pathname === '/throws') {
           const socket = pathname === '/none' ? env.DEAF.connect('a:1') : env.THROWS.connect('a:1');
           const opened = await socket.opened.then(() => 'opened', (error) => error.message);
           return new Response(opened + '|' + await text(socket).catch((error) => error.message));
         }
         if (pathname === '/closed') {
           const socket = env.ECHO.connect('a:1');
           const writer = socket.writable.getWriter();
           await writer.write(new Uint8Array(10));
           await socket.close();
           await socket.closed;
           return new Response(String((await socket.readable.getReader().read()).done));
         }
         const socket = env.ECHO.connect({ hostname: '::1', port: 7 });
         void request.body.pipeTo(socket.writable);
         return new Response(socket.readable);
       } catch (error) {
         return new Response(error.name + ': ' + error.message, { status: 599 });
       }
     } };`,
    bound([
      { binding: 'ECHO', service: 'listener' },
      { binding: 'TOLD', service: 'listener', entrypoint: 'Told', props: { a: 1 } },
      { binding: 'THROWS', service: 'listener', entrypoint: 'Throws' },
      { binding: 'DEAF', service: 'listener', entrypoint: 'Deaf' },
    ]),
  );
  const ask = async (path: string) => (await platform.get('dialer', path)).text;

  await t.test('with the address that was asked for', async () => {
    assert.equal(await ask('/told'), '["example.com:1234","undefined",{"a":1}] example.com:1234');
  });
  await t.test('and both write as the other takes', async () => {
    const body = Buffer.alloc(3_000_000, 'many bytes, ');
    for (let i = 0; i < 4; i++) {
      const echoed = await platform.get('dialer', '/echo', { method: 'POST', body });
      assert.equal(echoed.status, 200);
      assert.ok(echoed.body.equals(body), `${echoed.body.length} bytes`);
    }
  });
  await t.test('and may close it', async () => {
    assert.equal(await ask('/closed'), 'true');
  });
  await t.test('where it has a handler', async () => {
    assert.equal(
      await ask('/none'),
      'proxy request failed, cannot connect to the specified address: Handler does not export a connect() function.|Network connection lost: Handler does not export a connect() function.',
    );
    assert.match(await ask('/throws'), /^opened\|Network connection lost: /);
    assert.equal(
      await ask('/tls'),
      'TypeError: connect: a connection between Workers carries no TLS; leave secureTransport out',
    );
  });
});
