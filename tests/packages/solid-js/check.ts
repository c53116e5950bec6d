import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

/** Without the marks by which a browser finds its way. */
const plain = (html: string) =>
  html.replaceAll(/<!--.*?-->/g, '').replaceAll(/ data-hk=["']?[\w-]+["']?/g, '');

export default async (worker: Worker) => {
  const html = plain(await worker.text('/?ship=nau&ship=%3Cbote%3E'));
  assert.match(html, /^<main class="fleet " style="top:1px"><b>0:nau<\/b><b>1:&lt;bote><\/b>/);
  assert.match(html, /<u>4<\/u><s>mast broken<\/s><p>asking the sky<\/p><\/main>/);
  assert.match(plain(await worker.text('/')), /<i>none<\/i><u>few<\/u>/);
  const chunks: string[] = [];
  const streamed = await worker.text('/stream?ship=nau', {
    onChunk: (chunk) => chunks.push(chunk.toString()),
  });
  assert.match(`${chunks[0]}`, /asking the sky/);
  assert.doesNotMatch(`${chunks[0]}`, /fair/);
  assert.match(
    plain(streamed),
    /<template id="[\w-]+"><p id="weather">fair &amp; warm<\/p><\/template>/,
  );
};
