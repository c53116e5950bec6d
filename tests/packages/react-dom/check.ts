import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const chunks: string[] = [];
  const html = await worker.text('/?name=%3CAna%3E', {
    onChunk: (chunk) => chunks.push(chunk.toString()),
  });
  assert.match(html, /^<!DOCTYPE html><html lang="en"><head>/);
  assert.match(html, /<h1 class="big" style="margin-top:4px">Hello <!-- -->&lt;Ana&gt;<\/h1>/);
  assert.match(html, /<script type="module" src="\/app.js" id="_R_" async="">/);
  // The shell comes first, what it waits for after it, with a script that swaps.
  assert.ok(chunks[0]?.includes('asking the sky'), html);
  assert.ok(!chunks[0]?.includes('fair'), html);
  assert.match(html, /<template id="B:0"><\/template><p>asking the sky<\/p>/);
  assert.match(html, /<div hidden id="S:0"><p id="weather">fair &amp; warm<\/p><\/div>.*<script/);

  const whole = await worker.text('/?whole');
  assert.doesNotMatch(whole, /asking the sky/);
  assert.match(whole, /<p id="weather">fair &amp; warm<\/p>/);

  const broken = await worker.get('/broken');
  assert.equal(`${broken.status} ${broken.text}`, '500 shell failed: mast broken');
  assert.equal(
    await worker.text('/static'),
    '<input readOnly="" value="&quot;&lt;quoted&gt;&quot;"/>',
  );
};
