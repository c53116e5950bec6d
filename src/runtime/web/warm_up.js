// A Worker that the build runs (runtime/warm_up.h): what it calls of the platform stands
// compiled in the startup snapshot, where each isolate pays for it. So it does only what
// nearly all Workers do.
export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/') return new Response('hello');
    ctx.waitUntil(Promise.resolve());
    if (request.method === 'POST') {
      const { name } = await request.json();
      return Response.json({ name, given: request.headers.has('X-Given') });
    }
    return new Response(`${pathname} ${searchParams.get('a')}`, {
      status: 200,
      headers: { 'Content-Type': 'text/plain', 'X-Names': Object.keys(env).join() },
    });
  },
};
