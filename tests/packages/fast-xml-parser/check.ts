import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const xml =
  '<?xml version="1.0"?><rss version="2"><item id="1"><title>A &amp; B</title><n>7</n></item>' +
  '<text><![CDATA[<b>]]></text></rss>';

export default async (worker: Worker) => {
  const good = await worker.get('/', { method: 'POST', body: xml });
  assert.equal(good.status, 200, good.text);
  const { value, back } = JSON.parse(good.text);
  assert.deepEqual(value, {
    '?xml': { '@version': '1.0' },
    rss: {
      item: [{ title: 'A & B', n: 7, '@id': '1' }],
      text: { '#cdata': '<b>' },
      '@version': '2',
    },
  });
  assert.equal(back, xml);
  const bad = await worker.get('/', { method: 'POST', body: '<a>\n<b></a>' });
  assert.equal(bad.status, 400);
  assert.deepEqual([JSON.parse(bad.text).code, JSON.parse(bad.text).line], ['InvalidTag', 2]);
};
