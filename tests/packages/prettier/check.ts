import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const post = (where: string, body: string) => worker.get(where, { method: 'POST', body });
  const js = await post(
    '/babel',
    'const a={b:"c",...d},f=async x=>{await x?.y}\nlabel:for(;;)break label',
  );
  assert.equal(
    js.text,
    "const a = { b: 'c', ...d },\n  f = async (x) => {\n    await x?.y;\n  };\nlabel: for (;;) break label;\n",
  );
  assert.equal((await post('/css', 'a{color:RED;b:c}')).text, 'a {\n  color: RED;\n  b: c;\n}\n');
  assert.equal(
    (await post('/markdown', '* a\n* b\n\n```js\nlet  x\n```')).text,
    '- a\n- b\n\n```js\nlet x;\n```\n',
  );
  const wrong = await post('/babel', 'let let');
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /\(1:5\)/);
};
