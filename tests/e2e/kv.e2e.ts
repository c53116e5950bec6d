// Workers KV: bound by wrangler, used by a Worker, and by wrangler beside it.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
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

// Runs what the body of a request says, as a function of env, and answers what it gives.
const source = `
const run = {
  async get({ KV }, key, options) { return await KV.get(key, options); },
  async bytes({ KV }, key) { return [...new Uint8Array(await KV.get(key, 'arrayBuffer'))]; },
  async stream({ KV }, key) {
    const stream = await KV.get(key, { type: 'stream' });
    return stream === null ? null : await new Response(stream).text();
  },
  async many({ KV }, keys, options) {
    const found = await KV.get(keys, options);
    return [found instanceof Map, [...found]];
  },
  async manyWithMetadata({ KV }, keys) { return [...(await KV.getWithMetadata(keys))]; },
  async getWithMetadata({ KV }, key, options) { return await KV.getWithMetadata(key, options); },
  async put({ KV }, key, value, options) { return String(await KV.put(key, value, options)); },
  async putBytes({ KV }, key, bytes) {
    const view = new Uint8Array([0, ...bytes, 0]).subarray(1, -1);
    const put = KV.put(key, view);
    view.fill(9);
    await put;
  },
  async putStream({ KV }, key, pieces) {
    const stream = new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    });
    await KV.put(key, stream);
  },
  async putLarge({ KV }, key, letter, length) { await KV.put(key, letter.repeat(length)); },
  async length({ KV }, key) { return (await KV.get(key))?.length ?? null; },
  async remove({ KV }, key) { return String(await KV.delete(key)); },
  async list({ KV }, options) { return await KV.list(options); },
  async change({ KV }, key, count) {
    for (let i = 0; i < count; i++) {
      await KV.put(key, String(i));
      const seen = await KV.get(key);
      if (seen !== String(i)) return 'put ' + i + ' and got ' + seen;
    }
    return 'the same';
  },
  async kind({ KV, ...others }) {
    return [String(KV), Object.keys(others), typeof KvNamespace];
  },
};
export default {
  async fetch(request, env) {
    const [name, ...args] = await request.json();
    try {
      return Response.json((await run[name](env, ...args)) ?? null);
    } catch (error) {
      return new Response(error.name + ': ' + error.message, { status: 500 });
    }
  },
};`;

function write(name: string, text: string, more: object = {}) {
  const project = path.join(projects, name);
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(project, 'index.js'), text);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name,
      main: 'index.js',
      compatibility_date: '2026-01-01',
      limits: { cpu_ms: 5000 },
      ...more,
    }),
  );
}

async function wrangler(name: string, args: readonly string[]) {
  const ended = await platform.wrangler(path.join(projects, name), args);
  assert.equal(ended.code, 0, ended.output);
  return ended.output;
}

async function ask(worker: string, ...call: unknown[]): Promise<unknown> {
  const { status, text } = await platform.get(worker, '/', {
    method: 'POST',
    body: JSON.stringify(call),
  });
  if (status !== 200) throw new Error(text);
  return JSON.parse(text);
}

const run = (...call: unknown[]) => ask('shop', ...call);
const fails = async (call: unknown[], message: string) => assert.rejects(run(...call), { message });

let id = '';
const key = (verb: string, ...args: string[]) =>
  wrangler('shop', ['kv', 'key', verb, ...args, '--namespace-id', id, '--remote']);

test('a namespace is bound by wrangler and used by a Worker', async (t) => {
  write('shop', source);
  const made = await wrangler('shop', ['kv', 'namespace', 'create', 'cache']);
  id = /"id": "([0-9a-f]{32})"/.exec(made)?.[1] ?? '';
  assert.notEqual(id, '', made);
  write('shop', source, { kv_namespaces: [{ binding: 'KV', id }] });
  await wrangler('shop', ['deploy']);

  await t.test('values are got as they are asked for', async () => {
    assert.equal(await run('get', 'absent'), null);
    assert.equal(await run('put', 'k', '{"a":[1,"\u00e9"]}'), 'undefined');
    assert.equal(await run('get', 'k'), '{"a":[1,"\u00e9"]}');
    assert.deepEqual(await run('get', 'k', 'json'), { a: [1, '\u00e9'] });
    assert.deepEqual(await run('get', 'k', { type: 'json', cacheTtl: 60 }), { a: [1, '\u00e9'] });
    assert.equal(await run('stream', 'k'), '{"a":[1,"\u00e9"]}');
    assert.equal(await run('stream', 'absent'), null);
    await run('putBytes', 'b', [0, 255, 128]);
    assert.deepEqual(await run('bytes', 'b'), [0, 255, 128]);
    await run('putStream', 's', ['one ', 'two ', 'three']);
    assert.equal(await run('get', 's'), 'one two three');
    await run('put', 'empty', '');
    assert.equal(await run('get', 'empty'), '');
    await fails(
      ['get', 's', 'json'],
      'SyntaxError: Unexpected token \'o\', "one two three" is not valid JSON',
    );
  });

  await t.test('metadata and expiration stay with a value', async () => {
    const end = Math.floor(Date.now() / 1000) + 3600;
    await run('put', 'm', 'v', { metadata: { x: [1] }, expiration: end });
    assert.deepEqual(await run('getWithMetadata', 'm'), {
      value: 'v',
      metadata: { x: [1] },
      cacheStatus: null,
    });
    assert.deepEqual(await run('getWithMetadata', 'absent'), {
      value: null,
      metadata: null,
      cacheStatus: null,
    });
    assert.deepEqual(await run('list', { prefix: 'm' }), {
      keys: [{ name: 'm', expiration: end, metadata: { x: [1] } }],
      list_complete: true,
      cacheStatus: null,
    });
    await run('put', 'm', 'v');
    assert.equal(((await run('getWithMetadata', 'm')) as { metadata: unknown }).metadata, null);
  });

  await t.test('many are got at a time', async () => {
    await run('put', 'j', '[1]', { metadata: 'meta' });
    assert.deepEqual(await run('many', ['j', 'absent', 's']), [
      true,
      [
        ['j', '[1]'],
        ['absent', null],
        ['s', 'one two three'],
      ],
    ]);
    assert.deepEqual(await run('many', ['j'], 'json'), [true, [['j', [1]]]]);
    assert.deepEqual(await run('manyWithMetadata', ['j', 'absent']), [
      ['j', { value: '[1]', metadata: 'meta' }],
      ['absent', null],
    ]);
  });

  await t.test('keys are listed behind a cursor', async () => {
    for (const name of ['p/1', 'p/2', 'p/3']) await run('put', name, 'v');
    const first = (await run('list', { prefix: 'p/', limit: 2 })) as { cursor: string };
    assert.deepEqual(
      { ...first, cursor: '' },
      {
        keys: [{ name: 'p/1' }, { name: 'p/2' }],
        list_complete: false,
        cursor: '',
        cacheStatus: null,
      },
    );
    assert.deepEqual(await run('list', { prefix: 'p/', limit: 2, cursor: first.cursor }), {
      keys: [{ name: 'p/3' }],
      list_complete: true,
      cacheStatus: null,
    });
    assert.equal(await run('remove', 'p/1'), 'undefined');
    assert.equal(await run('remove', 'p/1'), 'undefined');
    assert.equal(await run('get', 'p/1'), null);
  });

  await t.test('what is beyond the limits is refused as Workers refuse it', async () => {
    await fails(['get', ''], 'TypeError: Key name cannot be empty.');
    await fails(['put', '..', 'v'], 'TypeError: ".." is not allowed as a key name.');
    await fails(
      ['get', 'k'.repeat(513)],
      'Error: KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.',
    );
    await fails(
      ['put', 'k', 'v', { expirationTtl: 59 }],
      'Error: KV PUT failed: 400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60.',
    );
    await fails(
      ['put', 'k', 'v', { metadata: 'm'.repeat(1023) }],
      'Error: KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.',
    );
    await fails(
      ['put', 'k', {}],
      'TypeError: KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.',
    );
    await fails(
      ['get', 'k', { cacheTtl: 29 }],
      'Error: KV GET failed: 400 Invalid cache_ttl of 29. Cache TTL must be at least 30.',
    );
    await fails(
      ['get', 'k', 'xml'],
      'TypeError: Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
    );
    await fails(
      ['list', { limit: 1001 }],
      'Error: KV GET failed: 400 Invalid key_count_limit of 1001. Please specify an integer less than 1000.',
    );
    await fails(
      ['many', Array.from({ length: 101 }, (_, i) => `${i}`)],
      'Error: KV GET_BULK failed: 400 You can request a maximum of 100 keys',
    );
    await fails(
      ['putLarge', 'k', 'v', 25 * 2 ** 20 + 1],
      'Error: KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400.',
    );
  });

  await t.test('a value of 25 MiB goes in and out', async () => {
    await run('putLarge', 'large', 'x', 25 * 2 ** 20);
    assert.equal(await run('length', 'large'), 25 * 2 ** 20);
    await run('put', 'large', 'small');
    assert.equal(await run('get', 'large'), 'small');
  });

  await t.test('what is put is got from then on', async () => {
    assert.deepEqual(
      await Promise.all(['c1', 'c2', 'c3', 'c4'].map((name) => run('change', name, 50))),
      ['the same', 'the same', 'the same', 'the same'],
    );
  });

  await t.test('what wrangler writes is seen by the Worker that has read it before', async () => {
    assert.equal(await run('get', 'w'), null);
    await key('put', 'w', 'by wrangler');
    assert.equal(await run('get', 'w'), 'by wrangler');
    await key('delete', 'w');
    assert.equal(await run('get', 'w'), null);
    await run('put', 'by worker', 'v');
    assert.match(await key('get', 'by worker'), /^v$/m);
  });

  await t.test('env has it as a KvNamespace', async () => {
    assert.deepEqual(await run('kind'), ['[object KvNamespace]', [], 'undefined']);
  });
});

test('a Worker has what another one of its namespace writes', async () => {
  write('other', source, { kv_namespaces: [{ binding: 'KV', id }] });
  await wrangler('other', ['deploy']);
  assert.equal(await ask('other', 'get', 'shared'), null);
  await run('put', 'shared', 'by shop');
  assert.equal(await ask('other', 'get', 'shared'), 'by shop');
});

test('a namespace without an id is made by the deployment', async () => {
  write('made', source, { kv_namespaces: [{ binding: 'KV' }] });
  await wrangler('made', ['deploy']);
  await ask('made', 'put', 'k', 'v');
  await wrangler('made', ['deploy']);
  assert.equal(await ask('made', 'get', 'k'), 'v');
  assert.equal(await run('get', 'k'), '{"a":[1,"\u00e9"]}', 'it is one of its own');
});

test('a namespace that is deleted is empty for a preview, and no version is deployed on it', async () => {
  write('old', source);
  await wrangler('old', ['deploy']);
  const made = await wrangler('old', ['kv', 'namespace', 'create', 'gone']);
  const gone = /"id": "([0-9a-f]{32})"/.exec(made)?.[1] ?? '';
  write('old', source, { kv_namespaces: [{ binding: 'KV', id: gone }], preview_urls: true });
  const uploaded = await wrangler('old', ['versions', 'upload']);
  const version = /Worker Version ID: ([0-9a-f-]{36})/.exec(uploaded)?.[1] ?? '';
  const preview = `${version.slice(0, 8)}-old`;
  await ask(preview, 'put', 'k', 'v');
  assert.equal(await ask(preview, 'get', 'k'), 'v');
  await wrangler('old', ['kv', 'namespace', 'delete', '--namespace-id', gone]);
  assert.equal(await ask(preview, 'get', 'k'), null);
  const refused = await platform.wrangler(path.join(projects, 'old'), [
    'versions',
    'deploy',
    `${version}@100%`,
    '--yes',
  ]);
  assert.notEqual(refused.code, 0, refused.output);
  assert.ok(refused.output.includes(`KV namespace '${gone}' not found`), refused.output);
});

test('entries are there after a restart', async () => {
  await run('put', 'stays', 'here');
  assert.equal((await platform.run('down')).code, 0);
  platform = await Platform.start([], { data: platform.data });
  assert.equal(await run('get', 'stays'), 'here');
  await run('put', 'stays', 'changed');
  assert.equal(await run('get', 'stays'), 'changed');
});
