// Which offer sells better? Each version of this Worker makes its own, and counts.
import page from './page.html';

interface Env {
  readonly OFFER: string;
  readonly VERSION: VersionMetadata;
  readonly SALES: KVNamespace;
}

/** Sales of each version, by its tag. */
async function results(env: Env): Promise<Record<string, number>> {
  const sold: Record<string, number> = {};
  let cursor: string | undefined;
  do {
    const part = await env.SALES.list(cursor ? { cursor } : {});
    for (const { name } of part.keys) {
      const tag = name.slice(0, name.indexOf(':'));
      sold[tag] = (sold[tag] ?? 0) + 1;
    }
    cursor = part.list_complete ? undefined : part.cursor;
  } while (cursor);
  return sold;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { tag } = env.VERSION;
    switch (new URL(request.url).pathname) {
      case '/':
        return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
      case '/offer':
        return Response.json({ offer: env.OFFER, tag });
      case '/buy':
        // A key for each sale: counters in KV would lose what two count at once.
        await env.SALES.put(`${tag}:${crypto.randomUUID()}`, '');
        return Response.json({ tag }, { status: 201 });
      case '/results':
        return Response.json(await results(env));
      default:
        return new Response('no such page\n', { status: 404 });
    }
  },
};
