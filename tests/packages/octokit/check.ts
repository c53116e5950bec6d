import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { jsonReply, type Received, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

function answer({ url, headers, body }: Received) {
  if (headers.authorization !== 'token token') return jsonReply({ message: 'who?' }, 401);
  const { pathname, searchParams } = new URL(url, 'http://github');
  if (pathname === '/graphql')
    return jsonReply({ data: { viewer: JSON.parse(`${body}`).variables.n } });
  if (pathname !== '/repos/a/b/issues') return jsonReply({ message: 'Not Found' }, 404);
  const page = Number(searchParams.get('page') ?? 1);
  const reply = jsonReply([{ title: `issue ${page}` }]);
  if (page > 2) return reply;
  const next = `http://${headers.host}/repos/a/b/issues?per_page=2&page=${page + 1}`;
  return { ...reply, headers: { ...reply.headers, link: `<${next}>; rel="next"` } };
}

export const start = () => startOrigin(answer);

export default async (worker: Worker) => {
  assert.deepEqual(await worker.json('/'), {
    issues: ['issue 1', 'issue 2', 'issue 3'],
    refused: [404, 'Not Found'],
    viewer: 3,
  });
  const body = JSON.stringify({ action: 'opened', issue: { title: 'a leak' } });
  const hook = (secret: string) => {
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const headers = {
      'x-github-event': 'issues',
      'x-github-delivery': '1',
      'x-hub-signature-256': `sha256=${signature}`,
    };
    return worker.get('/', { method: 'POST', body, headers });
  };
  assert.deepEqual(JSON.parse((await hook('segredo')).text), { good: true, opened: ['a leak'] });
  assert.equal((await hook('outro')).status, 400);
};
