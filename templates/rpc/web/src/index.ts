import type { Quotes } from '../../quotes/src/index.ts';

interface Env {
  readonly QUOTES: Service<Quotes>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case '/': {
        const { text, by } = await env.QUOTES.random();
        return new Response(`${text}\n  ${by}\n`);
      }
      case '/find':
        return Response.json(await env.QUOTES.find(searchParams.get('q') ?? ''));
      default:
        return new Response('Not found\n', { status: 404 });
    }
  },
};
