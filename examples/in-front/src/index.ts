// Stands in front of a site that is there already, and changes a little of it: one name,
// headers that keep visitors safe, a note on some pages. Should it fail, the site answers
// as if nobody stood there.
interface Env {
  readonly NOTES: string;
}

const safety: Readonly<Record<string, string>> = {
  'content-security-policy': "frame-ancestors 'none'",
  'referrer-policy': 'strict-origin-when-cross-origin',
  'x-content-type-options': 'nosniff',
};

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    ctx.passThroughOnException();
    const url = new URL(request.url);
    if (url.hostname.startsWith('www.')) {
      url.hostname = url.hostname.slice('www.'.length);
      return Response.redirect(url.href, 301);
    }
    const notes = new Map<string, string>(Object.entries(JSON.parse(env.NOTES)));
    // On a zone, this goes to the origin.
    const answer = await fetch(request);
    const changed = new Response(answer.body, answer);
    for (const [name, value] of Object.entries(safety)) changed.headers.set(name, value);
    const note = notes.get(url.pathname);
    if (!note || !answer.headers.get('content-type')?.startsWith('text/html')) return changed;
    return new HTMLRewriter()
      .on('body', {
        element(body) {
          // The last that is put in front stands first; the note is escaped.
          body.prepend('</aside>', { html: true });
          body.prepend(note);
          body.prepend('<aside>', { html: true });
        },
      })
      .transform(changed);
  },
};
