import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  assert.equal(await worker.text('/'), 'It blows NW');
  const ui = await worker.get('/ui');
  assert.match(`${ui.headers['content-type']}`, /^text\/event-stream/);
  const parts = ui.text
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)));
  const output = parts.find(({ type }) => type === 'tool-output-available');
  assert.deepEqual(output.output, { port: 'Goa', wind: 'NW' });
  const text = parts.filter(({ type }) => type === 'text-delta').map(({ delta }) => delta);
  assert.equal(text.join(''), 'It blows NW');
  assert.equal(parts.filter(({ type }) => type === 'start-step').length, 2);
  assert.match(ui.text, /data: \[DONE\]\n\n$/);
};
