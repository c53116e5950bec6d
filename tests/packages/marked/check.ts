import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const text = `# The Sea Route

A *long* way[^x], with \`code\` & ~~errors~~.

| port | day |
|------|----:|
| Goa  |   9 |

- [x] sails
- [ ] wind

<https://example.com/?a=1&b=2>
`;

export default async (worker: Worker) => {
  const answer = await worker.get('/', { method: 'POST', body: text });
  assert.equal(answer.status, 200);
  const html = answer.text;
  assert.match(html, /^<h1 id="the-sea-route">The Sea Route<\/h1>\n/);
  assert.match(html, /<em>long<\/em> way\[\^x\], with <code>code<\/code> &amp; <del>errors<\/del>/);
  assert.match(html, /<td align="right">9<\/td>/);
  assert.match(html, /<input checked="" disabled="" type="checkbox"> sails/);
  assert.match(html, /<a href="https:\/\/example.com\/\?a=1&amp;b=2">/);
};
