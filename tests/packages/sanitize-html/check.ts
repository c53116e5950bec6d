import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const html = `<p style="color: #f00; position: fixed" onclick="x()">a<script>alert(1)</script></p>
<a href="javascript:alert(1)">b</a><a href="https://example.com/?a&b">c</a><img src="data:x" onerror=1><blink>d</blink>
<b>e`;

export default async (worker: Worker) => {
  const answer = await worker.get('/', { method: 'POST', body: html });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(
    answer.text,
    '<p style="color:#f00">a</p>\n<a rel="nofollow">b</a>' +
      '<a href="https://example.com/?a&amp;b" rel="nofollow">c</a><img />d\n<b>e</b>',
  );
};
