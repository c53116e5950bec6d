import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { jsonReply, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as the identity provider makes it. */
function token(claims: Record<string, unknown>, kid = 'first') {
  const text = `${part({ alg: 'ES256', kid })}.${part({ iss: 'https://id.example', ...claims })}`;
  const signature = sign('sha256', Buffer.from(text), {
    key: pair.privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${text}.${signature.toString('base64url')}`;
}

export const start = () =>
  startOrigin(({ url }) => {
    const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'first', use: 'sig' };
    return url === '/.well-known/jwks.json' ? jsonReply({ keys: [jwk] }) : { status: 404 };
  });

export default async (worker: Worker) => {
  assert.deepEqual(await worker.json('/round'), {
    ES256: 'sail',
    ES384: 'sail',
    EdDSA: 'sail',
    PS256: 'sail',
    RS256: 'sail',
  });
  assert.deepEqual(await worker.json('/sealed'), ['the chart', 'the chart']);

  const hs256 = await worker.json('/hs256');
  const [header, payload, signature] = hs256.token.split('.');
  const mac = createHmac('sha256', 'a secret of the caravel, 32 bytes');
  assert.equal(signature, mac.update(`${header}.${payload}`).digest('base64url'));
  assert.equal(hs256.late, 'ERR_JWT_EXPIRED');

  const { kty, crv, x, y, thumbprint } = await worker.json('/thumbprint');
  const canonical = JSON.stringify({ crv, kty, x, y });
  assert.equal(thumbprint, createHash('sha256').update(canonical).digest('base64url'));

  const good = await worker.json(`/?token=${token({ aud: 'shop', sub: 'ana' })}`);
  assert.deepEqual(good, {
    payload: { iss: 'https://id.example', aud: 'shop', sub: 'ana' },
    kid: 'first',
  });
  const refused = async (jwt: string) => {
    const answer = await worker.get(`/?token=${jwt}`);
    assert.equal(answer.status, 401, answer.text);
    return JSON.parse(answer.text).code;
  };
  assert.equal(await refused(token({ aud: 'bank' })), 'ERR_JWT_CLAIM_VALIDATION_FAILED');
  assert.equal(await refused(token({ aud: 'shop', exp: 1 })), 'ERR_JWT_EXPIRED');
  assert.equal(await refused(token({ aud: 'shop' }, 'other')), 'ERR_JWKS_NO_MATCHING_KEY');
  const forged = token({ aud: 'shop' }).replace(/\.[^.]+$/, `.${'A'.repeat(86)}`);
  assert.equal(await refused(forged), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
};
