/** What wrangler.jsonc binds to this Worker. */
interface Env {
  readonly GREETING: string;
}

export default {
  fetch(request: Request, env: Env): Response {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== '/') return new Response('Not found\n', { status: 404 });
    const name = searchParams.get('name') ?? 'world';
    return new Response(`${env.GREETING}, ${name}!\n`);
  },
};
