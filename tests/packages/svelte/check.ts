import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

/** Without the comments by which a browser finds its way, and the hashes of styles. */
const plain = (html: string) =>
  html
    .replaceAll(/<!--.*?-->/g, '')
    .replaceAll(/ class="svelte-\w+"/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

export default async (worker: Worker) => {
  const ask = async (props: unknown) => JSON.parse((await worker.post('/', props)).text);
  const ships = [
    { name: 'nau', crew: 60 },
    { name: '<bote>', crew: 2 },
  ];
  const full = await ask({ ships, raw: '<hr>' });
  assert.equal(plain(full.head), '<title>2 ships</title>');
  assert.match(full.body, /<li data-fleet="India" class="svelte-\w+">/);
  assert.equal(
    plain(full.body),
    '<ul><li data-fleet="India">NAU, 60 men</li><li data-fleet="India">&lt;BOTE>, few</li></ul> <hr> <button>2</button>',
  );
  const empty = await ask({ ships: [], raw: '' });
  assert.match(plain(empty.body), /^<ul class="empty"> ?<li>none<\/li> ?<\/ul>/);
};
