// One project, deployed once for each environment: `wrangler deploy --env staging`. Each is
// a Worker of its own, with its own variables, secrets and KV namespace.
interface Env {
  readonly STAGE: 'development' | 'staging' | 'production';
  readonly BANNER: boolean;
  readonly SETTINGS: KVNamespace;
  /** `wrangler secret put TOKEN --env staging` */
  readonly TOKEN?: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (request.method === 'PUT') {
      if (!env.TOKEN || request.headers.get('authorization') !== `Bearer ${env.TOKEN}`)
        return new Response('not allowed\n', { status: 403 });
      await env.SETTINGS.put('greeting', await request.text());
      return new Response(null, { status: 204 });
    }
    const greeting = (await env.SETTINGS.get('greeting')) ?? 'Hello';
    const banner = env.BANNER ? `*** ${env.STAGE} ***\n` : '';
    return new Response(`${banner}${greeting}\n`);
  },
};
