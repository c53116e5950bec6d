// Versions under host names of their own, deployed or not.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { Platform, temporaryFolder } from '../../tools/platform/platform.ts';

let platform: Platform;
const project = path.join(temporaryFolder(), 'preview');

function write(says: string) {
  writeFileSync(
    path.join(project, 'index.js'),
    `export default { fetch: () => new Response('${says}') }`,
  );
}

const at = (host: string) => ask(`http://127.0.0.1:${new URL(platform.http).port}/`, { host });

before(async () => {
  platform = await Platform.start();
  mkdirSync(project);
  writeFileSync(
    path.join(project, 'wrangler.json'),
    JSON.stringify({
      name: 'preview',
      main: 'index.js',
      compatibility_date: '2026-01-01',
      preview_urls: true,
    }),
  );
  write('deployed');
  const deployed = await platform.wrangler(project, ['deploy']);
  assert.equal(deployed.code, 0, deployed.output);
});
after(() => platform?.stop());

test('a version that is not deployed answers under its id and its alias alone', async () => {
  write('uploaded');
  const uploaded = await platform.wrangler(project, [
    'versions',
    'upload',
    '--preview-alias',
    'staging',
  ]);
  assert.equal(uploaded.code, 0, uploaded.output);
  const [, id] = /Worker Version ID: ([0-9a-f]{8})/.exec(uploaded.output) ?? [];
  assert.ok(id, uploaded.output);
  const { port } = new URL(platform.http);
  assert.ok(uploaded.output.includes(`https://${id}-preview.localhost:${port}`), uploaded.output);
  assert.ok(uploaded.output.includes(`https://staging-preview.localhost:${port}`));
  assert.equal((await at(`${id}-preview.localhost:${port}`)).text, 'uploaded');
  assert.equal((await at('staging-preview.localhost')).text, 'uploaded');
  assert.equal((await platform.get('preview')).text, 'deployed');

  write('newer');
  const newer = await platform.wrangler(project, [
    'versions',
    'upload',
    '--preview-alias',
    'staging',
  ]);
  assert.equal(newer.code, 0, newer.output);
  assert.equal((await at('staging-preview.localhost')).text, 'newer');
  assert.equal((await at(`${id}-preview.localhost`)).text, 'uploaded');
});

test('previews are gone once they are switched off', async () => {
  const where = `/accounts/${platform.account}/workers/scripts/preview/subdomain`;
  await platform.ask('POST', where, { enabled: true, previews_enabled: false });
  assert.equal((await at('staging-preview.localhost')).status, 404);
  assert.equal((await platform.get('preview')).text, 'deployed');
  await platform.ask('POST', where, { enabled: false, previews_enabled: true });
  assert.equal((await at('staging-preview.localhost')).text, 'newer');
  assert.equal((await platform.get('preview')).status, 404);
});
