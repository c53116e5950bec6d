// A URL shortener. POST /links {"url", "slug"?} makes a short link, GET /SLUG follows it,
// GET /links lists what there is, DELETE /links/SLUG removes one.
interface Env {
  readonly LINKS: KVNamespace;
}

interface Wish {
  readonly url?: unknown;
  readonly slug?: unknown;
}

const problem = (status: number, error: string) => Response.json({ error }, { status });

/** Seven letters and digits, none of which is taken for another. */
function randomSlug(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const bytes = crypto.getRandomValues(new Uint8Array(7));
  return Array.from(bytes, (byte) => letters[byte % letters.length]).join('');
}

function webAddress(text: unknown): URL | undefined {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}

async function shorten(request: Request, env: Env): Promise<Response> {
  const wish: Wish | null = await request.json().catch(() => null);
  const url = webAddress(wish?.url);
  if (!url) return problem(400, 'url: give an http or https address');
  const slug = wish?.slug ?? randomSlug();
  if (typeof slug !== 'string' || !/^[\w-]{1,64}$/.test(slug) || slug === 'links')
    return problem(400, 'slug: give up to 64 letters, digits, - and _');
  // KV has no compare-and-set: of two who ask for one slug at once the later wins.
  if (await env.LINKS.get(slug)) return problem(409, `slug: ${slug} is taken`);
  await env.LINKS.put(slug, url.href, { metadata: { made: new Date().toISOString() } });
  const short = new URL(`/${slug}`, request.url).href;
  return Response.json({ slug, url: url.href, short }, { status: 201 });
}

async function list(env: Env, cursor: string | null): Promise<Response> {
  const page = await env.LINKS.list({ limit: 100, ...(cursor ? { cursor } : {}) });
  const links = page.keys.map(({ name, metadata }) => ({ slug: name, ...(metadata as object) }));
  return Response.json({ links, cursor: page.list_complete ? null : page.cursor });
}

async function follow(slug: string, env: Env): Promise<Response> {
  const url = slug && (await env.LINKS.get(slug));
  return url ? Response.redirect(url, 302) : problem(404, 'no such link');
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { method } = request;
    const { pathname, searchParams } = new URL(request.url);
    const [, first = '', slug = ''] = pathname.split('/');
    if (first !== 'links') {
      return method === 'GET' ? follow(first, env) : problem(405, 'links are followed by GET');
    }
    if (method === 'POST') return shorten(request, env);
    if (method === 'GET') return list(env, searchParams.get('cursor'));
    if (method === 'DELETE' && slug) {
      await env.LINKS.delete(slug);
      return new Response(null, { status: 204 });
    }
    return problem(405, 'links are made by POST, listed by GET, removed by DELETE');
  },
};
