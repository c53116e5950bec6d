import * as oauth from 'oauth4webapi';

interface Env {
  ORIGIN: string;
}

const client: oauth.Client = { client_id: 'shop' };
const authentication = oauth.ClientSecretPost('segredo');

export default {
  async fetch(request: Request, env: Env) {
    const issuer = new URL(env.ORIGIN);
    const insecure = { [oauth.allowInsecureRequests]: true };
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, insecure),
    );
    const url = new URL(request.url);
    if (url.pathname === '/login') {
      const verifier = url.searchParams.get('verifier') ?? oauth.generateRandomCodeVerifier();
      const go = new URL(`${server.authorization_endpoint}`);
      go.searchParams.set('code_challenge', await oauth.calculatePKCECodeChallenge(verifier));
      go.searchParams.set('state', oauth.generateRandomState());
      return Response.redirect(go.href, 302);
    }
    try {
      const callback = oauth.validateAuthResponse(server, client, url, 'the state');
      const verifier = 'a verifier of at least forty-three characters, or so';
      const answer = await oauth.authorizationCodeGrantRequest(
        server,
        client,
        authentication,
        callback,
        'http://shop/callback',
        verifier,
        insecure,
      );
      const result = await oauth.processAuthorizationCodeResponse(server, client, answer, {
        expectedNonce: 'once',
        requireIdToken: true,
      });
      await oauth.validateApplicationLevelSignature(server, answer, insecure);
      const claims = oauth.getValidatedIdTokenClaims(result);
      return Response.json({ sub: claims?.sub, token: result.access_token });
    } catch (error) {
      const { name, code } = error as oauth.OperationProcessingError;
      return Response.json({ name, code }, { status: 400 });
    }
  },
};
