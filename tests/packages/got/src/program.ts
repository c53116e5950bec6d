// What the Workers of got and got14 do with their version of it.
import { pipeline } from 'node:stream/promises';
import type { Got, HTTPError } from 'got';

export interface Env {
  ORIGIN: string;
}

export async function answer(got: Got, env: Env): Promise<Response> {
  const api = got.extend({
    prefixUrl: env.ORIGIN,
    headers: { 'x-ship': 'nau' },
    username: 'ana',
    password: 'segredo',
    hooks: {
      beforeRequest: [
        ({ headers }) => {
          headers['x-seen'] = 'yes';
        },
      ],
    },
  });
  const posted = await api.post('echo', { json: { list: [1, 2] }, searchParams: { v: 2 } }).json();
  const form = await api.post('echo', { form: { a: '1 2' } }).json();
  const moved = await api('moved');
  const again = await api('flaky', { retry: { limit: 2, calculateDelay: () => 1 } }).text();
  const missing = await api('missing').catch((error: HTTPError) => ({
    name: error.name,
    code: error.code,
    status: error.response.statusCode,
  }));
  const late = await api('never', { timeout: { request: 50 }, retry: { limit: 0 } }).catch(
    (error) => `${error.name} ${error.code}`,
  );
  const refused = await got('http://192.0.2.1/', { retry: { limit: 0 } }).catch(
    (error) => `${error.name} ${error.code}`,
  );
  const parts: Buffer[] = [];
  await pipeline(api.stream('packed'), async (source) => {
    for await (const part of source) parts.push(part);
  });
  const pages = await api.paginate.all<number>('pages');
  return Response.json({
    posted,
    form,
    moved: `${moved.statusCode} ${moved.body} ${new URL(moved.url).pathname}`,
    again,
    missing,
    late,
    refused,
    packed: Buffer.concat(parts).toString(),
    pages,
  });
}
