// What becomes of a platform whose disk cannot be written: the error names folder,
// reason and remedy, and nothing that was published is lost.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { caravel, esModule, Platform } from '../../tools/platform/platform.ts';
import { SmallDisk, smallDiskRefusal } from '../../tools/platform/small_disk.ts';

const skip = await smallDiskRefusal();

const saying = (text: string) => [
  esModule(`export default { fetch() { return new Response(${JSON.stringify(text)}) } }`),
];

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
