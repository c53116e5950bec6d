// All pages are assets; this answers what none of them does.
export default {
  async fetch(request: Request, env: { ASSETS: { fetch: typeof fetch } }): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname !== '/random') return new Response('no such page\n', { status: 404 });
    const page = 1 + Math.floor(Math.random() * 1999);
    return env.ASSETS.fetch(new URL(`/page/${page}`, request.url).href);
  },
};
