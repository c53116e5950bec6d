import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const render = async (template: string, view: unknown, partials?: unknown) =>
    (await worker.post('/', { template, view, partials })).text;
  const ships = [{ name: 'A & B', crew: { size: 3 } }, { name: '<C>' }];
  assert.equal(
    await render('{{#ships}}{{name}}/{{{name}}}/{{crew.size}};{{/ships}}', { ships }),
    'A &amp; B/A & B/3;&lt;C&gt;/<C>/;',
  );
  assert.equal(await render('{{^none}}calm{{/none}}{{! silent }}', {}), 'calm');
  assert.equal(await render('{{#loud}}hi {{n}}{{/loud}}', { n: 'ana' }), 'HI ANA');
  assert.equal(await render('{{> port}}!', { p: 'Goa' }, { port: 'to {{p}}' }), 'to Goa!');
  assert.equal(await render('{{=<% %>=}}<% x %>{{x}}', { x: 1 }), '1{{x}}');
  assert.match(await render('{{#a}}', {}), /^Unclosed section "a" at 6/);
};
