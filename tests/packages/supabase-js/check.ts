import assert from 'node:assert/strict';
import { jsonReply, type Received, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'u1', exp: 4e9 })}.AAAA`;

function answer({ method, url, headers, body }: Received) {
  if (headers.apikey !== 'anon-key') return jsonReply({ message: 'no key' }, 401);
  const { pathname, searchParams } = new URL(url, 'http://db');
  if (pathname === '/rest/v1/ships' && method === 'GET') {
    const wanted = [...searchParams].map(([key, value]) => `${key}=${value}`).toSorted();
    const reply = jsonReply([{ name: wanted.join('&'), ports: [] }]);
    return { ...reply, headers: { ...reply.headers, 'content-range': '0-0/17' } };
  }
  if (pathname === '/rest/v1/ships') return jsonReply({ code: '23505', message: 'twice' }, 409);
  if (pathname === '/rest/v1/rpc/sail') return jsonReply(JSON.parse(`${body}`).to);
  if (pathname === '/auth/v1/token') {
    const user = { id: 'u1', email: 'a@b.c' };
    const session = {
      access_token: token,
      refresh_token: 'r',
      expires_in: 3600,
      token_type: 'bearer',
    };
    return jsonReply({ ...session, user });
  }
  if (pathname === '/rest/v1/me') return jsonReply([headers.authorization === `Bearer ${token}`]);
  if (pathname === '/storage/v1/object/charts/a/b.txt') {
    const whole = `${body}`.includes('reef') && headers['x-upsert'] === 'true';
    return jsonReply(whole ? { Id: '1', Key: 'charts/a/b.txt' } : {}, whole ? 200 : 400);
  }
  return jsonReply({ message: `${method} ${url}` }, 404);
}

export const start = () => startOrigin(answer);

export default async (worker: Worker) => {
  const query =
    'limit=2&offset=0&or=(crew.gt.30,name.like.N*)&order=name.desc&select=name,ports(name)';
  assert.deepEqual(await worker.json('/'), {
    found: [[{ name: query, ports: [] }], 17],
    refused: '23505',
    called: 'Goa',
    user: 'a@b.c',
    me: [true],
    stored: 'a/b.txt',
  });
};
