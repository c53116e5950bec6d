import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const body =
    'name;crew;note\r\n"Nau; grande";60;"a ""quoted"" word"\r\n\r\nBote;2;=1+1\r\nJangada;3\r\n';
  const answer = await worker.get('/', { method: 'POST', body });
  assert.deepEqual(JSON.parse(answer.text), {
    data: [
      { name: 'Nau; grande', crew: 60, note: 'a "quoted" word' },
      { name: 'Bote', crew: 2, note: '=1+1' },
      { name: 'Jangada', crew: 3 },
    ],
    errors: [['TooFewFields', 2]],
    delimiter: ';',
    rows: 2,
    back: 'name,crew,note\nNau; grande,60,"a ""quoted"" word"\nBote,2,"\'=1+1"\nJangada,3,',
  });
};
