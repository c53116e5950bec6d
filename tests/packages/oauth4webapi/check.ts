import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { jsonReply, type Received, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function idToken(iss: string, nonce: string) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss, nonce, aud: 'shop', sub: 'ana', iat: now, exp: now + 60 };
  const text = `${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}

function answer({ url, headers, body }: Received) {
  const issuer = `http://${headers.host}`;
  if (url === '/.well-known/openid-configuration') {
    return jsonReply({
      issuer: `${issuer}`,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
    });
  }
  if (url === '/jwks') {
    return jsonReply({
      keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }],
    });
  }
  const form = new URLSearchParams(`${body}`);
  if (form.get('client_secret') !== 'segredo') return jsonReply({ error: 'invalid_client' }, 401);
  const nonce = form.get('code') === 'replayed' ? 'twice' : 'once';
  return jsonReply({ access_token: 't', token_type: 'bearer', id_token: idToken(issuer, nonce) });
}

export const start = () => startOrigin(answer);

export default async (worker: Worker) => {
  const login = await worker.get('/login?verifier=abc');
  assert.equal(login.status, 302, login.text);
  const go = new URL(`${login.headers.location}`);
  const challenge = createHash('sha256').update('abc').digest('base64url');
  assert.equal(go.searchParams.get('code_challenge'), challenge);
  assert.match(`${go.searchParams.get('state')}`, /^[\w-]{43}$/);

  assert.deepEqual(await worker.json('/callback?code=good&state=the%20state'), {
    sub: 'ana',
    token: 't',
  });
  const refused = async (query: string) => {
    const answer = await worker.get(`/callback?${query}`);
    assert.equal(answer.status, 400, answer.text);
    return JSON.parse(answer.text).code;
  };
  assert.equal(await refused('code=good&state=other'), 'OAUTH_INVALID_RESPONSE');
  assert.equal(
    await refused('code=replayed&state=the%20state'),
    'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  );
};
