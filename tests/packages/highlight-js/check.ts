import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const ask = async (code: string, where = '/') =>
    JSON.parse((await worker.get(where, { method: 'POST', body: code })).text);

  const js = await ask('const a = `<${1 + 1}>`; // sum', '/?language=javascript');
  assert.equal(
    js.value,
    '<span class="hljs-keyword">const</span> a = ' +
      '<span class="hljs-string">`&lt;<span class="hljs-subst">${<span class="hljs-number">1</span> + ' +
      '<span class="hljs-number">1</span>}</span>&gt;`</span>; ' +
      '<span class="hljs-comment">// sum</span>',
  );
  const guessed = await ask('def sail(self):\n    yield from self.winds\n    return None\n');
  assert.equal(guessed.language, 'python');
  assert.ok(guessed.relevance > 3);
  const cpp = await ask('#include <vector>\nint main() { return 0; }', '/?language=cpp');
  assert.match(cpp.value, /<span class="hljs-string">&lt;vector&gt;<\/span>/);
};
