import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const html = `<h2>Log <em>of</em> <strong>Gama</strong></h2><p>A <a href="/x" title="t">link</a>,
<del>no</del> 1_a<sup>2</sup></p><ol start="3"><li>three<li>four</ol>
<pre><code class="language-js">let a = 1;</code></pre><blockquote><p>q</p></blockquote><hr>`;

export default async (worker: Worker) => {
  const answer = await worker.get('/', { method: 'POST', body: html });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(
    answer.text,
    '## Log _of_ **Gama**\n\nA [link](/x "t"), ~~no~~ 1\\_a<sup>2</sup>\n\n3.  three\n4.  four\n\n' +
      '```js\nlet a = 1;\n```\n\n> q\n\n* * *',
  );
};
