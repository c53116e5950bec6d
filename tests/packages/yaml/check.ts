import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const post = async (body: string, where = '/') =>
    (await worker.get(where, { method: 'POST', body })).text;
  const text = `base: &b {crew: 60, on: yes}
ship:
  <<: *b
  log: |
    fair
    wind
  hex: 0x1f
---
- 2001-12-14
- !!set {a, b}
- 'it''s'
`;
  const { values, errors, text: made } = JSON.parse(await post(text));
  assert.deepEqual(errors, []);
  assert.deepEqual(values[0], {
    base: { crew: 60, on: 'yes' },
    ship: { '<<': { crew: 60, on: 'yes' }, log: 'fair\nwind\n', hex: 31 },
  });
  assert.equal(values[1][2], "it's");
  assert.equal(made, 'a:\n  - 1\n  - b: "x: y"\nc: |\n  two\n  lines\nd: null\n');
  const wrong = JSON.parse(await post('a: 1\nb: [1, 2\nc: 3\n'));
  assert.ok(wrong.errors.length > 0);
  assert.equal(
    await post('# ports\nports:\n  - name: Goa # far\n  - name: Diu\n    days: 3\n', '/edit'),
    '# ports\nports:\n  - name: Goa # far\n  - name: Diu\n    days: 9\n',
  );
};
