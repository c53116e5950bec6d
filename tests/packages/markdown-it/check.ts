import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const ask = async (body: string) =>
    JSON.parse((await worker.get('/', { method: 'POST', body })).text);
  const { html, tokens } = await ask(
    '> "Terra" -- (c) https://example.com\n\n![a](b.png) <script>',
  );
  assert.equal(
    html,
    '<blockquote>\n<p>“Terra” – © <a href="https://example.com">https://example.com</a></p>\n</blockquote>\n' +
      '<p><img src="b.png" alt="a" loading="lazy"> &lt;script&gt;</p>\n',
  );
  assert.deepEqual(tokens.slice(0, 3), ['blockquote_open', 'paragraph_open', 'inline']);
  assert.equal((await ask('[x](javascript:alert(1))')).html, '<p>[x](javascript:alert(1))</p>\n');
};
