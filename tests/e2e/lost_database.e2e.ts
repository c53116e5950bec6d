// Hosts serve from the snapshot of what was published while the database cannot be
// opened; the API says so, and is back once the database is.
import assert from 'node:assert/strict';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../../tools/platform/http.ts';
import { caravel, esModule, Platform, temporaryFolder } from '../../tools/platform/platform.ts';

const data = temporaryFolder();
const database = path.join(data, 'database.sqlite');
const backup = path.join(data, 'backup');
let platform: Platform;

function removeDatabase() {
  for (const suffix of ['', '-wal', '-shm']) rmSync(database + suffix, { force: true });
}

before(async () => {
  platform = await Platform.start([], { data });
  await platform.deploy('shop', [
    esModule("export default { fetch() { return new Response('open') } }"),
  ]);
  await platform.run('down');
  copyFileSync(database, backup);
});
after(() => platform.stop());

for (const [how, damage] of [
  ['corrupt', () => writeFileSync(database, 'not a database '.repeat(999))],
  ['missing', removeDatabase],
] as const) {
  test(`Workers answer while the database is ${how}, and the API says what to do`, async () => {
    removeDatabase();
    damage();
    platform = await Platform.start([], { data });
    assert.equal((await platform.get('shop')).text, 'open');

    const refused = await platform.ask('GET', '/accounts', undefined, 'any token');
    assert.equal(refused.status, 503);
    const message = refused.errors[0]?.message ?? '';
    assert.ok(message.includes(database), message);
    assert.match(message, new RegExp(`${how}[\\s\\S]*from a backup`));

    const page = await ask(platform.api.replace('/client/v4', '/metrics'));
    assert.match(page.text, /^caravel_without_database 1$/m);
    const status = await platform.run('status');
    assert.ok(status.output.includes(message), status.output);
    const up = await caravel(['up', '--data', data]);
    assert.ok(up.output.includes(database), up.output);
    await platform.run('down');
  });
}

test('the API is back once the database is restored', async () => {
  removeDatabase();
  copyFileSync(backup, database);
  platform = await Platform.start([], { data });
  assert.equal((await platform.ask('GET', '/accounts')).status, 200);
  assert.equal((await platform.get('shop')).text, 'open');
  await platform.deploy('shop', [
    esModule("export default { fetch() { return new Response('refilled') } }"),
  ]);
  assert.equal((await platform.get('shop')).text, 'refilled');
});
