// Entries of KV, one and many at a time, seen by a Worker too.
import assert from 'node:assert/strict';
import type { Trial } from '../trial.ts';
import { namespaceIn } from './kv_namespaces.ts';

const reading = `export default { async fetch(request, env) {
  const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
  return new Response(await env.CACHE.get(key) ?? 'nothing');
} };`;

export async function kv(trial: Trial) {
  const project = trial.project('entries', { 'index.js': reading });
  const made = await project.ok(['kv', 'namespace', 'create', `entries ${trial.release.key}`]);
  const id = namespaceIn(made);
  project.configure({ kv_namespaces: [{ binding: 'CACHE', id }] });
  await project.ok(['deploy']);
  const { remote } = trial.release;
  const key = (verb: string, ...args: string[]) => [
    ...['kv', 'key', verb, ...args, '--namespace-id', id, ...remote],
  ];
  const absent = (verb: string, ...args: string[]) => [
    ...['kv', 'key', verb, ...args, '--namespace-id', '0'.repeat(32), ...remote],
  ];
  const bulk = (verb: string, file: string, ...args: string[]) => [
    ...['kv', 'bulk', verb, file, '--namespace-id', id, ...remote, ...args],
  ];

  await trial.does('kv key put', 'a value, with metadata and an end, and of a file', async () => {
    await project.ok(key('put', 'a/b c', 'the value', '--ttl', '3600', '--metadata', '{"m":1}'));
    assert.equal(await project.answer('/a%2Fb%20c'), 'the value');
    project.write({ 'value.bin': new Uint8Array([79, 75]) });
    await project.ok(key('put', 'file', '--path', 'value.bin'));
    assert.equal(await project.answer('/file'), 'OK');
  });

  await trial.refuses(
    'kv key put',
    'an end that is near, a namespace that is not there',
    async () => {
      await project.fails(key('put', 'short', 'x', '--ttl', '5'), /60/);
      await project.fails(absent('put', 'k', 'x'), /not found|10013/i);
      assert.equal(await project.answer('/short'), 'nothing');
    },
  );

  await trial.does('kv key get', 'the bytes that were put', async () => {
    await project.says(key('get', 'a/b c'), /the value/);
    await project.says(key('get', 'file'), /OK/);
  });

  await trial.refuses('kv key get', 'a key that is not there', async () => {
    const { output } = await project.wrangler(key('get', 'absent'));
    assert.match(output, /404|not found/i);
    assert.ok(!output.includes('the value'), output);
  });

  await trial.does('kv key list', 'keys with a prefix, their end and metadata', async () => {
    const output = await project.ok(key('list', '--prefix', 'a/'));
    const [entry, ...others] = JSON.parse(output.slice(output.indexOf('[')));
    assert.deepEqual(others, []);
    assert.equal(entry.name, 'a/b c');
    assert.deepEqual(entry.metadata, { m: 1 });
    assert.equal(typeof entry.expiration, 'number');
  });

  await trial.refuses('kv key list', 'a namespace that is not there', async () => {
    await project.fails(absent('list'), /not found|10013/i);
  });

  await trial.does('kv key delete', 'takes it away', async () => {
    await project.ok(key('delete', 'file'));
    assert.equal(await project.answer('/file'), 'nothing');
  });

  await trial.refuses('kv key delete', 'of a namespace that is not there', async () => {
    await project.fails(absent('delete', 'k'), /not found|10013/i);
  });

  await trial.does('kv bulk put', 'more than one call takes', async () => {
    const pairs = Array.from({ length: 1200 }, (_, i) => ({ key: `key${i}`, value: `value${i}` }));
    pairs.push({
      key: 'bytes',
      value: Buffer.from('of base64').toString('base64'),
      base64: true,
    } as never);
    project.write({ 'pairs.json': JSON.stringify(pairs) });
    await project.ok(bulk('put', 'pairs.json'));
    assert.equal(await project.answer('/key0'), 'value0');
    assert.equal(await project.answer('/key1199'), 'value1199');
    assert.equal(await project.answer('/bytes'), 'of base64');
  });

  await trial.refuses(
    'kv bulk put',
    'what is no list of pairs, and an end that is near',
    async () => {
      project.write({ 'wrong.json': '{"key":"value"}' });
      await project.fails(bulk('put', 'wrong.json'), /array|JSON/i);
      project.write({ 'near.json': '[{"key":"near","value":"x","expiration_ttl":5}]' });
      await project.fails(bulk('put', 'near.json'), /60/);
      assert.equal(await project.answer('/near'), 'nothing');
    },
  );

  await trial.does('kv bulk get', 'many, also what is not there', async () => {
    project.write({ 'keys.json': '["key1","key1199","absent"]' });
    const output = await project.ok(bulk('get', 'keys.json'));
    assert.match(output, /value1199/);
    assert.match(output, /"absent"/);
  });

  await trial.refuses('kv bulk get', 'what is no list of keys', async () => {
    project.write({ 'nokeys.json': '{"a":1}' });
    await project.fails(bulk('get', 'nokeys.json'), /array|JSON/i);
  });

  await trial.does('kv bulk delete', 'many', async () => {
    project.write({ 'gone.json': '["key1","key1199","absent"]' });
    await project.ok(bulk('delete', 'gone.json', '--force'));
    assert.equal(await project.answer('/key1'), 'nothing');
    assert.equal(await project.answer('/key2'), 'value2');
  });

  await trial.refuses('kv bulk delete', 'a file that is not there', async () => {
    await project.fails(bulk('delete', 'absent.json', '--force'), /absent\.json|ENOENT/);
  });
}
