import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const body =
    '<!doctype html><html><head></head><body><ul></ul><p class="old a">x</p><button>b</button></body></html>';
  const answer = await worker.get('/', { method: 'POST', body });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(
    answer.text.replaceAll('\n', ''),
    '<!DOCTYPE html><html><head></head><body><ul><li data-length="3">Goa</li><li data-length="3">Diu</li></ul>' +
      '<button>b</button><wind-rose from="NW">blows NW</wind-rose></body></html>',
  );
  assert.equal(answer.headers['x-clicks'], '1');
};
