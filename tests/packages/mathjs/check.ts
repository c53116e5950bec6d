import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const expressions = [
    'sqrt(-4)',
    '3 knot to km/hour',
    'wind ^ 2 + sin(pi / 2)',
    '[1, 2; 3, 4] * [1; 1]',
    'f(x) = x!; f(5)',
    '1 +',
  ];
  expressions[1] = '3 mile / hour to m/s';
  const answer = await worker.post('/', expressions);
  assert.equal(answer.status, 200, answer.text);
  const { results, ...rest } = JSON.parse(answer.text);
  assert.deepEqual(results, [
    '2i',
    '1.34112 m / s',
    '145',
    '[[3], [7]]',
    '[120]',
    'SyntaxError: Unexpected end of expression (char 4)',
  ]);
  assert.deepEqual(rest, {
    derived: '3 * x ^ 2 + 2',
    simple: '5 * x',
    identity: [
      [1, 0],
      [0, 1],
    ],
  });
};
