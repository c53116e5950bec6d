// What RPC does, case by case: the answer is a JSON object of texts. The caller and the
// callee are entrypoints of one Worker, so that workerd answers the same module.
import * as workers from 'cloudflare:workers';

const { RpcStub, RpcTarget, WorkerEntrypoint } = workers;

class OwnError extends Error {
  constructor(message) {
    super(message);
    this.name = 'OwnError';
    this.extra = 5;
  }
}
class Plain {
  x = 1;
}
class Counter extends RpcTarget {
  own = 5;
  #n = 0;
  inc(by = 1) {
    this.#n += by;
    return this.#n;
  }
  get value() {
    return this.#n;
  }
  get self() {
    return this;
  }
  echo(value) {
    return value;
  }
  reset() {
    this.#n = 0;
    return 'reset';
  }
  fetch(request) {
    return `fetched ${typeof request}`;
  }
  connect(to) {
    return `connected ${to}`;
  }
  nested() {
    return { counter: new Counter(), list: [new Counter()] };
  }
}

export class Named extends WorkerEntrypoint {
  props() {
    return this.ctx.props;
  }
  fetch(request) {
    return new Response(`named ${request.url}`);
  }
}

export class Callee extends WorkerEntrypoint {
  own = 1;
  get prop() {
    return 42;
  }
  fetch(request) {
    if (new URL(request.url).pathname === '/throw') throw new RangeError('boom');
    return new Response(`callee ${request.url}`);
  }
  add(a, b) {
    return a + b;
  }
  throws(kind) {
    switch (kind) {
      case 'type':
        throw new TypeError('a type');
      case 'own':
        throw new OwnError('of a class');
      case 'text':
        throw 'a text';
      case 'exception':
        throw new DOMException('an exception', 'AbortError');
      case 'object':
        throw { a: 1 };
      case 'cause':
        throw new Error('outer', { cause: new TypeError('inner') });
      case 'later':
        return Promise.reject(new SyntaxError('later'));
      case 'instance':
        throw new Plain();
      case 'null':
        throw null;
      case 'undefined':
        throw undefined;
      case 'number':
        throw 5;
      case 'symbol':
        throw Symbol('thrown');
      case 'list':
        throw [1, new TypeError('in a list')];
      case 'function':
        throw () => 1;
      case 'target':
        throw new Counter();
      case 'map':
        throw new Map([[1, 2]]);
      case 'response':
        throw new Response('no');
      case 'aggregate':
        throw new AggregateError([new TypeError('first'), 2], 'several');
      case 'suppressed':
        throw new SuppressedError(new TypeError('new'), new RangeError('old'), 'both');
      case 'causes':
        throw new Error('outer', { cause: { at: new Error('inner', { cause: 1 }) } });
      case 'members':
        throw Object.assign(new Error('with'), { f: () => 1, o: { a: [1] }, n: null });
      case 'unclonable member':
        throw Object.assign(new Error('with'), { plain: new Plain() });
      case 'getter':
        return {
          get x() {
            throw new Plain();
          },
        };
      case 'getter of an error':
        return {
          get x() {
            throw new RangeError('of a getter');
          },
        };
      case 'trap':
        throw new Proxy(
          {},
          {
            getPrototypeOf() {
              throw new Error('of a trap');
            },
          },
        );
    }
  }
  plain() {
    return new Plain();
  }
  ring() {
    const ring = {};
    ring.ring = ring;
    return ring;
  }
  counter() {
    return new Counter();
  }
  object() {
    return { counter: new Counter(), f: (x) => x * 2, v: 1, nested: { g: () => 'g' } };
  }
  list() {
    return [(x) => x + 1, 2];
  }
  map() {
    return new Map([['f', (x) => x + 1]]);
  }
  fn() {
    return (x) => x + 1;
  }
  async call(f, ...args) {
    return await f(...args);
  }
  async inc(counter) {
    return await counter.inc(10);
  }
  of(value) {
    return `${Object.prototype.toString.call(value)} ${typeof value}`;
  }
  name(value) {
    return value.constructor.name;
  }
  echo(value) {
    return value;
  }
  symbol() {
    return Symbol('x');
  }
  error() {
    return new RangeError('as a value');
  }
  keep(f) {
    Callee.kept = f;
    return 'kept';
  }
  async callKept() {
    return await Callee.kept(1);
  }
  keepDup(f) {
    Callee.kept = f.dup();
  }
  count() {
    return arguments.length;
  }
  stream() {
    return new ReadableStream({
      type: 'bytes',
      start(controller) {
        controller.enqueue(new TextEncoder().encode('hello '));
        controller.enqueue(new TextEncoder().encode('stream'));
        controller.close();
      },
    });
  }
  texts() {
    return new ReadableStream({
      start(controller) {
        controller.enqueue('text');
        controller.close();
      },
    });
  }
  broken() {
    return new ReadableStream({
      type: 'bytes',
      pull() {
        throw new TypeError('no more');
      },
    });
  }
  async read(stream) {
    return await new Response(stream).text();
  }
  async write(stream) {
    const writer = stream.getWriter();
    await writer.write(new TextEncoder().encode('written'));
    await writer.close();
  }
  response() {
    return new Response('body', { status: 201, headers: { a: 'b' } });
  }
  empty() {
    return new Response(null, { status: 204 });
  }
  async request(request) {
    return `${request.method} ${request.url} ${request.headers.get('x')} ${await request.text()}`;
  }
  headers(headers) {
    return [...headers];
  }
  async ofRequest(request) {
    const aborted = request.signal?.aborted;
    return [request.cf ?? null, aborted, request.redirect, await request.text()];
  }
  set() {
    return new Set([(x) => x + 1, 2, new Counter()]);
  }
  async callSet(set) {
    return await [...set][0](1);
  }
  fnWith() {
    return Object.assign((x) => x + 1, {
      own: 5,
      nested: { deep: (x) => x * 2 },
      call2: () => 'c',
    });
  }
  async fetched() {
    return await this.ctx.exports.Named.fetch('http://x/fetched');
  }
  streamed() {
    return new Response(this.stream());
  }
  inner() {
    return { counter: new Counter() };
  }
  async forward(f) {
    return f;
  }
}

const values = () => ({
  date: new Date(0),
  map: new Map([[1, 2]]),
  set: new Set([1]),
  expression: /a/g,
  big: 1n,
  bytes: new Uint8Array([1, 2]),
  buffer: new ArrayBuffer(2),
  error: new TypeError('x'),
  null: null,
  undefined: undefined,
  url: new URL('http://a/'),
  blob: new Blob(['a']),
  file: new File(['a'], 'n'),
  headers: new Headers({ a: 'b' }),
  request: new Request('http://x/'),
  response: new Response('x'),
  function: () => 1,
  holes: new Array(3),
  params: new URLSearchParams('a=b'),
  form: new FormData(),
  promise: Promise.resolve(1),
  boxed: new Boolean(true),
  exception: new DOMException('a', 'b'),
  bare: Object.create(null),
  event: new Event('x'),
  weak: new WeakMap(),
  target: new Counter(),
  symbol: Symbol('x'),
  instance: new Plain(),
  array: [new Plain()],
});

const cases = {
  add: ({ b }) => b.add(1, 2),
  types: ({ b }) => [typeof b.add, `${b.add}`, b.add.constructor.name, typeof b.then],
  'a getter': ({ b }) => b.prop,
  'of the instance': ({ b }) => b.own,
  'called of the instance': ({ b }) => b.own(),
  'no such method': ({ b }) => b.absent(),
  'no such property': ({ b }) => b.absent,
  'no function': ({ b }) => b.prop(),
  'an instance of a class': ({ b }) => b.plain(),
  'a ring': async ({ b }) => {
    const ring = await b.ring();
    return ring.ring === ring;
  },
  counter: async ({ b }) => {
    const c = await b.counter();
    return [
      typeof c,
      c.constructor.name,
      await c.inc(),
      await c.inc(2),
      await c.value,
      typeof c.dup,
    ];
  },
  'own of a target': async ({ b }) => (await b.counter()).own,
  'absent of a target': async ({ b }) => (await b.counter()).absent(),
  'a target has no then': async ({ b }) => typeof (await b.counter()).then,
  pipelined: ({ b }) => b.counter().inc(3),
  'pipelined value': ({ b }) => b.counter().value,
  'pipelined twice': ({ b }) => b.counter().nested().counter.inc(4),
  'pipelined in a list': async ({ b }) => b.counter().nested().list[0].inc(5),
  object: async ({ b }) => {
    const o = await b.object();
    const called = [await o.counter.inc(), await o.f(4), await o.nested.g()];
    return [...called, typeof o.f, typeof o[Symbol.dispose], Object.keys(o)];
  },
  'pipelined in an object': async ({ b }) => [
    await b.object().f(8),
    await b.object().v,
    await b.object().nested.g(),
  ],
  'pipelined absent': ({ b }) => b.object().absent,
  'pipelined absent call': ({ b }) => b.object().absent(),
  'pipelined no function': ({ b }) => b.object().v(),
  'pipelined error': ({ b }) => b.throws('type').more(),
  'pipelined response': ({ b }) => b.response().text(),
  list: async ({ b }) => (await b.list())[0](1),
  map: async ({ b }) => (await b.map()).get('f')(1),
  function: async ({ b }) => {
    const f = await b.fn();
    return [typeof f, f.constructor.name, await f(1)];
  },
  callback: ({ b }) => b.call((x) => x * 10, 5),
  'callback throws': ({ b }) =>
    b.call(() => {
      throw new RangeError('of the caller');
    }),
  'callback gives a target': async ({ b }) => (await b.call(() => new Counter())).inc(6),
  'target as an argument': ({ b }) => b.inc(new Counter()),
  'stub as an argument': async ({ b }) => b.inc(await b.counter()),
  'pipelined stub of a stub': async ({ b }) => {
    const c = await b.counter();
    await b.inc(c);
    return await c.value;
  },
  'a function there and back': async ({ b }) => (await b.echo((x) => x + 1))(1),
  'a call on a function there and back': ({ b }) => b.echo((x) => x + 1)(1),
  'a call on a stub there and back': async ({ b }) => b.echo(await b.counter()).inc(3),
  'a call on a function there and back, in a session': async ({ b }) => {
    const c = await b.counter();
    const back = c.echo((x) => x + 1);
    return [await back(1), await back(2), await (await back)(3)];
  },
  'a call on a list of functions there and back': async ({ b }) => {
    const c = await b.counter();
    const back = c.echo({ f: (x) => x + 1 });
    return [await back.f(1), await (await back).f(3)];
  },
  'a function kept': async ({ b }) => {
    await b.keep((x) => x + 100);
    return await b.callKept();
  },
  arguments: ({ b }) => b.count(1, undefined, 3),
  symbol: ({ b }) => b.symbol(),
  'an error as a value': async ({ b }) => {
    const e = await b.error();
    return [e.constructor.name, e.message];
  },
  stream: async ({ b }) => new Response(await b.stream()).text(),
  'stream of texts': async ({ b }) => {
    const { value } = await (await b.texts()).getReader().read();
    return [...value];
  },
  'broken stream': async ({ b }) => new Response(await b.broken()).text(),
  'stream as an argument': ({ b }) => b.read(new Response('of the caller').body),
  'writable as an argument': async ({ b }) => {
    const { readable, writable } = new TransformStream();
    const text = new Response(readable).text();
    await b.write(writable);
    return await text;
  },
  response: async ({ b }) => {
    const r = await b.response();
    return [r.status, r.headers.get('a'), await r.text(), r.constructor.name];
  },
  'empty response': async ({ b }) => {
    const r = await b.empty();
    return [r.status, r.body];
  },
  request: ({ b }) =>
    b.request(new Request('http://x/y', { method: 'POST', body: 'abc', headers: { x: 'z' } })),
  headers: ({ b }) => b.headers(new Headers({ a: 'b' })),
  fetch: async ({ b }) => (await b.fetch('http://x/y')).text(),
  'fetch throws': async ({ b }) => (await b.fetch('http://x/throw')).text(),
  'fetch follows redirects by itself': async ({ b }) =>
    (await b.fetch('http://x/', { redirect: 'manual' })).status,
  props: async ({ exports }) => {
    const named = exports.Named({ props: { user: 1, at: new Date(0) } });
    return [await named.props(), await (await named.fetch('http://q/')).text()];
  },
  'no props': ({ exports }) => exports.Named.props(),
  exports: ({ exports }) => [Object.keys(exports).sort(), exports === workers.exports],
  disposed: async ({ b }) => {
    const c = await b.counter();
    c[Symbol.dispose]();
    return await c.inc();
  },
  'disposed, but not the other': async ({ b }) => {
    const c = await b.counter();
    const d = c.dup();
    c[Symbol.dispose]();
    return await d.inc();
  },
  using: async ({ b }) => {
    let kept;
    {
      using c = await b.counter();
      kept = c;
      await c.inc();
    }
    return await kept.inc();
  },
  'result disposed': async ({ b }) => {
    const o = await b.object();
    o[Symbol.dispose]();
    return await o.f(1);
  },
  'a stub of our own': async () => {
    const stub = new RpcStub(new Counter());
    return [typeof stub, stub.constructor.name, await stub.inc(), `${stub}`];
  },
  'a stub of an object': () => `${new RpcStub({ a: 1 })}`,
  'a stub of a number': () => new RpcStub(1),
  'our stub as an argument': ({ b }) => b.inc(new RpcStub(new Counter())),
  promise: async ({ b }) => {
    const p = b.add(1, 2);
    return [
      p instanceof Promise,
      p instanceof workers.RpcPromise,
      p.constructor.name,
      await p,
      await p,
      await b.add(1, 1).then((x) => x + 1),
      await b.throws('type').catch((e) => e.message),
      await b.add(2, 2).finally(() => 0),
    ];
  },
  'a large value': ({ b }) => b.of('x'.repeat(3_000_000)),
  'refused arguments': async ({ b }) => {
    const p = b.echo(new (class X {})());
    return [p.constructor.name, await p.catch((error) => error.message)];
  },
  'a call of a disposed stub': async ({ b }) => {
    const c = await b.counter();
    c[Symbol.dispose]();
    const p = c.inc();
    return [p.constructor.name, await p.catch((error) => error.message)];
  },
  'a property of a disposed stub': async ({ b }) => {
    const c = await b.counter();
    c[Symbol.dispose]();
    return [await c.value.catch((error) => error.message)];
  },
  'a disposed stub as an argument': async ({ b }) => {
    const c = await b.counter();
    c[Symbol.dispose]();
    return [await b.inc(c).catch((error) => error.message)];
  },
  'a promise as an argument': async ({ b }) => {
    const p = b.inc(b.counter());
    return [p.constructor.name, await p.catch((error) => error.message)];
  },
  'a property as an argument': ({ b }) => b.call(b.counter().inc, 3),
  'order behind a property': async ({ b }) => {
    const c = await b.counter();
    const all = [c.self.inc(1), c.reset(), c.self.self.inc(2)];
    return await Promise.all(all);
  },
  'order of pipelined calls': async ({ b }) => {
    const { counter } = b.inner();
    return await Promise.all([counter.inc(1), counter.reset(), counter.inc(2), counter.value]);
  },
  'functions in a Set': async ({ b }) => {
    const [f, two, counter] = [...(await b.set())];
    return [await f(1), two, await counter.inc()];
  },
  'a Set as an argument': ({ b }) => b.callSet(new Set([(x) => x + 5])),
  'fetch of a target': async ({ b }) => (await b.counter()).fetch('http://x/'),
  'connect of a target': async ({ b }) => (await b.counter()).connect('x:1'),
  'constructor of a target': async () => await new RpcStub(new Counter()).constructor.name,
  'toString of a target': async ({ b }) => (await b.counter()).toString(),
  'members of a function': async ({ b }) => {
    const f = await b.fnWith();
    return [await f(1), await f.own, await f.nested.deep(4), await f.call2()];
  },
  'absent of a function': async ({ b }) => (await b.fnWith()).absent,
  'name of a function': async ({ b }) => (await b.fnWith()).length,
  'assigned to a stub': async ({ b }) => {
    const c = await b.counter();
    c.x = 5;
    return [typeof c.x, Object.keys(c)];
  },
  'assigned to a binding': ({ b }) => {
    b.x = 5;
    return typeof b.x;
  },
  'defined on a stub': async ({ b }) => {
    const c = await b.counter();
    Object.defineProperty(c, 'y', { value: 5, configurable: true });
    return [
      typeof c.y,
      delete c.y,
      'z' in c,
      Object.getOwnPropertyDescriptor(c, 'y') === undefined,
    ];
  },
  'a promise disposed of': async ({ b }) => {
    const p = b.add(1, 2);
    p[Symbol.dispose]();
    return await p;
  },
  'a promise disposed of, and called': async ({ b }) => {
    const p = b.counter();
    p[Symbol.dispose]();
    return await p.inc();
  },
  'cf and signal of a request': ({ b }) =>
    b.ofRequest(
      new Request('http://x/', { method: 'POST', body: 'b', redirect: 'manual', cf: { a: [1] } }),
    ),
  'an aborted request': ({ b }) =>
    b.ofRequest(new Request('http://x/', { signal: AbortSignal.abort() })),
  'a request with a signal': ({ b }) =>
    b.ofRequest(new Request('http://x/', { signal: new AbortController().signal })),
  'a response that was fetched': async ({ b }) => await (await b.fetched()).text(),
  'a response of a stream': async ({ b }) => await (await b.streamed()).text(),
  'a request whose body was fetched': async ({ b }) => {
    const { body } = await b.fetch('http://x/fetched');
    return await b.ofRequest(new Request('http://x/', { method: 'POST', body }));
  },
  'a body that is used': async ({ b }) => {
    const response = await b.fetch('http://x/fetched');
    await response.text();
    return await b.echo(response);
  },
  'a body that is locked': async ({ b }) => {
    const response = await b.fetch('http://x/fetched');
    response.body.getReader();
    return await b.echo(response);
  },
  'other exports for a while': async () =>
    workers.withExports({ Named: 'another' }, () => [
      workers.exports.Named,
      Object.keys(workers.exports),
      workers.exports.Callee === undefined,
    ]),
};
const kinds = ['type', 'own', 'text', 'exception', 'object', 'cause', 'later', 'instance'];
kinds.push('null', 'undefined', 'number', 'symbol', 'list', 'function', 'target', 'map');
kinds.push('response', 'aggregate', 'suppressed', 'causes', 'members', 'unclonable member');
kinds.push('getter', 'getter of an error', 'trap');
for (const kind of kinds) cases[`throws ${kind}`] = ({ b }) => b.throws(kind);

function membersOf(error, depth = 0) {
  const keys = Object.getOwnPropertyNames(error).filter((key) => key !== 'stack');
  const of = (value) =>
    value instanceof Error && depth < 3 ? membersOf(value, depth + 1) : JSON.stringify(value);
  const isListed = (key) => Object.keys(error).includes(key);
  return keys.sort().map((key) => `${isListed(key) ? '' : 'hidden '}${key}=${of(error[key])}`);
}

function told(thrown) {
  if (!(thrown instanceof Error)) return `throws ${JSON.stringify(thrown)}`;
  const { constructor, name, message, remote, cause, extra } = thrown;
  const told = [constructor.name, name, message, remote, cause, extra].join('|');
  return `throws ${told} ${thrown instanceof DOMException ? '' : membersOf(thrown)}`;
}

export default {
  async fetch(_request, _env, ctx) {
    const results = {};
    for (const name of Object.keys(values()))
      cases[`sends ${name}`] = ({ b }) => b.of(values()[name]);
    for (const [name, run] of Object.entries(cases)) {
      try {
        results[name] = JSON.stringify(await run({ b: ctx.exports.Callee, exports: ctx.exports }));
      } catch (error) {
        results[name] = told(error);
      }
      results[name] ??= 'undefined';
    }
    return Response.json(results);
  },
};
