import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const ship = (name: string) =>
  `<article class="ship" style="top:1px;"><h2>${name}</h2><!--[--><p>N &amp; E</p><!--]--></article>`;

const body = (...names: string[]) =>
  `<main><!--[-->${names.map(ship).join('')}<!--]--><input value="${names.length}" disabled>` +
  '<!--teleport start--><!--teleport end--></main>';

export default async (worker: Worker) => {
  const { html, teleports } = await worker.json('/?ship=nau&ship=%3Cbote%3E');
  assert.equal(html, body('NAU', '&lt;BOTE&gt;'));
  assert.match(teleports['#modal'], /<b>dialog<\/b>/);
  assert.equal(await worker.text('/stream?ship=nau'), body('NAU'));
  assert.equal((await worker.json('/')).html, body());
};
