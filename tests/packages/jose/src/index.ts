import {
  CompactEncrypt,
  calculateJwkThumbprint,
  compactDecrypt,
  createRemoteJWKSet,
  errors,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  jwtVerify,
  SignJWT,
} from 'jose';

interface Env {
  ORIGIN: string;
}

const now = 1_800_000_000;
const text = new TextEncoder();

async function round(alg: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const imported = await importPKCS8(await exportPKCS8(privateKey), alg);
  const token = await new SignJWT({ scope: 'sail' }).setProtectedHeader({ alg }).sign(imported);
  const { payload } = await jwtVerify(token, publicKey);
  return payload.scope;
}

async function sealed(alg: string, enc: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const jwe = await new CompactEncrypt(text.encode('the chart'))
    .setProtectedHeader({ alg, enc })
    .encrypt(publicKey);
  return new TextDecoder().decode((await compactDecrypt(jwe, privateKey)).plaintext);
}

export default {
  async fetch(request: Request, env: Env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/round') {
      const algorithms = ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'];
      return Response.json(
        Object.fromEntries(
          await Promise.all(algorithms.map(async (alg) => [alg, await round(alg)])),
        ),
      );
    }
    if (pathname === '/sealed') {
      return Response.json(
        await Promise.all([
          sealed('RSA-OAEP-256', 'A256GCM'),
          sealed('ECDH-ES+A128KW', 'A128CBC-HS256'),
        ]),
      );
    }
    if (pathname === '/hs256') {
      const secret = text.encode('a secret of the caravel, 32 bytes');
      const token = await new SignJWT({ name: 'Bartolomeu' })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuedAt(now)
        .setExpirationTime(now + 60)
        .sign(secret);
      const late = await jwtVerify(token, secret, {
        currentDate: new Date((now + 61) * 1000),
      }).catch((error) => error.code);
      return Response.json({ token, late });
    }
    if (pathname === '/thumbprint') {
      const { publicKey } = await generateKeyPair('ES256', { extractable: true });
      const jwk = await exportJWK(publicKey);
      return Response.json({ ...jwk, thumbprint: await calculateJwkThumbprint(jwk) });
    }
    // A token of an identity provider, which has its keys under a well-known path.
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', env.ORIGIN));
    try {
      const { payload, protectedHeader } = await jwtVerify(`${searchParams.get('token')}`, keys, {
        issuer: 'https://id.example',
        audience: 'shop',
      });
      return Response.json({ payload, kid: protectedHeader.kid });
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      return Response.json({ code: error.code }, { status: 401 });
    }
  },
};
