import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { jsonReply, type Received, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

function answer({ url, headers, body }: Received, tries: { count: number }) {
  const [path] = url.split('?');
  if (path === '/echo') {
    const { 'content-type': type, 'x-ship': ship, 'x-seen': seen, authorization } = headers;
    return jsonReply({ url, type, ship, seen, authorization, body: body.toString() });
  }
  if (path === '/moved') return { status: 302, headers: { location: '/here' } };
  if (path === '/here') return { body: 'here' };
  if (path === '/flaky')
    return tries.count++ === 0 ? { status: 503 } : { body: `after ${tries.count}` };
  if (path === '/never') return new Promise<never>(() => {});
  if (path === '/packed')
    return { headers: { 'content-encoding': 'gzip' }, body: gzipSync('a chart '.repeat(10_000)) };
  if (url === '/pages')
    return { ...jsonReply([1, 2]), headers: { link: '</pages?at=2>; rel="next"' } };
  if (path === '/pages') return jsonReply([3]);
  return jsonReply({ why: 'gone' }, 404);
}

export const start = () => {
  const tries = { count: 0 };
  return startOrigin((received) => answer(received, tries));
};

export default async (worker: Worker) => {
  const authorization = `Basic ${btoa('ana:segredo')}`;
  assert.deepEqual(await worker.json('/'), {
    posted: {
      url: '/echo?v=2',
      type: 'application/json',
      ship: 'nau',
      seen: 'yes',
      authorization,
      body: '{"list":[1,2]}',
    },
    form: {
      url: '/echo',
      type: 'application/x-www-form-urlencoded',
      ship: 'nau',
      seen: 'yes',
      authorization,
      body: 'a=1+2',
    },
    moved: '200 here /here',
    again: 'after 2',
    missing: { name: 'HTTPError', code: 'ERR_NON_2XX_3XX_RESPONSE', status: 404 },
    late: 'TimeoutError ETIMEDOUT',
    refused: 'RequestError EACCES',
    packed: 'a chart '.repeat(10_000),
    pages: [1, 2, 3],
  });
};
