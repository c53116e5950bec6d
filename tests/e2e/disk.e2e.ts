// What becomes of a platform whose disk cannot be written: the error names folder,
// reason and remedy, and nothing that was published is lost.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { uploadAssets } from '../../tools/platform/assets.ts';
import { ask } from '../../tools/platform/http.ts';
import { caravel, esModule, Platform } from '../../tools/platform/platform.ts';
import { SmallDisk, smallDiskRefusal } from '../../tools/platform/small_disk.ts';

const skip = await smallDiskRefusal();

const saying = (text: string) => [
  esModule(`export default { fetch() { return new Response(${JSON.stringify(text)}) } }`),
];

const keeping = `export default { async fetch(request, env) {
  const key = new URL(request.url).pathname.slice(1);
  console.log('asked for ' + key);
  if (key === 'secret') return new Response(env.KEY);
  try {
    if (request.method !== 'PUT') return new Response(await env.KV.get(key) ?? 'nothing');
    await env.KV.put(key, await request.text());
    return new Response('kept');
  } catch (error) {
    return new Response(String(error), { status: 500 });
  }
} };`;

describe('a data folder', { skip }, () => {
  let disk: SmallDisk;
  beforeEach(async () => {
    disk = await SmallDisk.make(16);
  });
  afterEach(() => disk.remove());

  async function refusal(): Promise<string> {
    const ended = await caravel(
      ['up', '--detach', '--data', `${disk.folder}/data`, '--port', '0', '--api-port', '0'],
      { within: disk.within },
    );
    assert.notEqual(ended.code, 0, ended.output);
    return ended.output;
  }

  test('on a read-only disk is refused with what to do', async () => {
    await disk.makeReadOnly();
    const output = await refusal();
    assert.ok(output.includes(`${disk.folder}/data`), output);
    assert.match(output, /[Rr]ead-only/);
    assert.match(output, /choose a folder that this user may write to/);
  });

  test('on a full disk is refused with what to do', async () => {
    disk.fill();
    const output = await refusal();
    assert.ok(output.includes(`${disk.folder}/data`), output);
    assert.match(output, /disk full|No space left/);
    assert.match(output, /free (some )?space/);
  });
});

describe('a disk that fills up', { skip }, () => {
  let disk: SmallDisk;
  let platform: Platform;
  beforeEach(async () => {
    disk = await SmallDisk.make(16);
    platform = await Platform.start([], { data: `${disk.folder}/data`, within: disk.within });
  });
  afterEach(async () => {
    await platform.stop();
    disk.remove();
  });

  test('refuses uploads with what to do, and loses nothing', async () => {
    await platform.deploy('early', saying('published before'));
    disk.fill();

    const refused = await platform.upload('late', saying('too late'));
    assert.equal(refused.success, false);
    assert.equal(refused.status, 507);
    const message = refused.errors.map((error) => error.message).join('\n');
    assert.ok(message.includes(`${disk.folder}/data`), message);
    assert.match(message, /disk full/);
    assert.match(message, /free space/);
    assert.equal((await platform.get('early')).text, 'published before');
    assert.equal((await platform.get('late')).status, 404);

    disk.empty();
    await platform.deploy('late', saying('after all'));
    assert.equal((await platform.get('late')).text, 'after all');
    assert.equal((await platform.get('early')).text, 'published before');
  });

  test('refuses each kind of write with what to do, answers reads, and is well when there is room', async () => {
    const account = `/accounts/${platform.account}`;
    const made = await platform.ask<{ id: string }>('POST', `${account}/storage/kv/namespaces`, {
      title: 'entries',
    });
    assert.ok(made.success, JSON.stringify(made.errors));
    const bindings = [{ name: 'KV', type: 'kv_namespace', namespace_id: made.result.id }];
    await platform.deploy('keeper', [esModule(keeping)], { bindings });
    const put = (key: string, value: string) =>
      platform.get('keeper', `/${key}`, { method: 'PUT', body: value });
    const got = async (key: string) => (await platform.get('keeper', `/${key}`)).text;
    const valueAt = (key: string) =>
      `${platform.api}${account}/storage/kv/namespaces/${made.result.id}/values/${key}`;
    const byApi = (method: string, key: string, body?: string) =>
      ask(valueAt(key), {
        method,
        headers: { authorization: `Bearer ${platform.token}` },
        ...(body === undefined ? {} : { body }),
      });
    const setSecret = (text: string) =>
      platform.ask('PUT', `${account}/workers/scripts/keeper/secrets`, { name: 'KEY', text });
    const big = 'b'.repeat(100_000); // such values are blobs

    assert.equal((await put('small', 'before')).text, 'kept');
    assert.equal((await put('big', big)).text, 'kept');
    assert.ok((await setSecret('before')).success);
    disk.fill();

    const isFull = (what: string, status: number, text: string, expected = 507) => {
      assert.equal(status, expected, `${what}: ${text}`);
      assert.match(text, /disk (is )?full|No space left/, what);
    };
    // Room that a file had already may take some small writes; what is large it cannot.
    const late = await put('late', 'x'.repeat(30_000));
    isFull('put by a Worker', late.status, late.text, 500);
    const lateBig = await put('late-big', big);
    isFull('large put by a Worker', lateBig.status, lateBig.text, 500);
    const api = await byApi('PUT', 'late-api', 'x'.repeat(30_000));
    isFull('put by the API', api.status, api.text);
    const deployed = await platform.upload('keeper', saying('y'.repeat(200_000)));
    isFull('deployment', deployed.status, JSON.stringify(deployed.errors));
    await assert.rejects(
      uploadAssets(platform, 'site', { '/large.txt': 'z'.repeat(200_000) }),
      /disk (is )?full|No space left/,
    );
    const secret = await setSecret('s'.repeat(5_000));
    isFull('secret', secret.status, JSON.stringify(secret.errors));

    assert.equal(await got('small'), 'before');
    assert.equal(await got('big'), big);
    assert.equal((await byApi('GET', 'small')).text, 'before');
    assert.equal(await got('late'), 'nothing');
    assert.equal((await byApi('GET', 'late-api')).status, 404);
    assert.equal(await got('secret'), 'before');
    // Each request is in the log, which cannot be written either.
    for (let i = 0; i < 200; i++) assert.equal(await got('small'), 'before');

    disk.empty();
    assert.equal((await put('late', 'after all')).text, 'kept');
    assert.equal(await got('late'), 'after all');
    assert.equal((await put('late-big', big)).text, 'kept');
    assert.equal((await byApi('PUT', 'late-api', 'after all')).status, 200);
    assert.ok((await setSecret('after')).success);
    assert.equal(await got('secret'), 'after');
    const jwt = await uploadAssets(platform, 'site', { '/large.txt': 'z'.repeat(200_000) });
    await platform.deploy('site', saying('code'), { assets: { jwt } });
    assert.equal((await platform.get('site', '/large.txt')).text, 'z'.repeat(200_000));
    // The log has what is said from now on.
    await got('said');
    for (;;) {
      const { output } = await platform.run('logs', ['keeper']);
      if (output.includes('asked for said')) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  test('keeps what was published across a restart', async () => {
    await platform.deploy('early', saying('published before'));
    disk.fill();
    await platform.upload('late', saying('too late'));
    await platform.run('down');
    disk.empty();
    platform = await Platform.start([], { data: platform.data, within: disk.within });
    assert.equal((await platform.get('early')).text, 'published before');
    assert.equal((await platform.get('late')).status, 404);
  });
});
