import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const text =
  '# Ports\n\n* [ ] Goa[^1]\n* www.example.com\n\n## Next\n\n<b>raw</b> ~~x~~\n\n[^1]: far\n';

export default async (worker: Worker) => {
  const answer = await worker.get('/', { method: 'POST', body: text });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['x-headings'], '2');
  assert.match(answer.text, /^<h2>Ports<\/h2>\n<ul class="contains-task-list">/);
  assert.match(answer.text, /<a href="http:\/\/www.example.com">www.example.com<\/a>/);
  assert.match(answer.text, /<h3>Next<\/h3>\n<p>raw <del>x<\/del><\/p>/);
  assert.match(answer.text, /<section data-footnotes class="footnotes">/);
};
