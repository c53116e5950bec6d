// What clients see of the catalogue.
import type Catalogue from '../../catalogue/src/index.ts';

interface Env {
  readonly CATALOGUE: Stub<Catalogue>;
}

/** A line for each step, sent when the catalogue tells of it. */
function order(title: string, env: Env, ctx: ExecutionContext): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const write = (line: string) => writer.write(encoder.encode(`${line}\n`));
  const run = async () => {
    try {
      const { cents } = await env.CATALOGUE.order(title, write);
      await write(`that makes ${cents} cents`);
    } catch (error) {
      // Errors come over with their name and message.
      await write(`${error}`);
    }
    await writer.close();
  };
  ctx.waitUntil(run());
  return new Response(readable, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

/** /basket?Dune=2&Emma=1: the basket is in the catalogue, these are calls of its stub. */
async function total(wishes: URLSearchParams, env: Env): Promise<Response> {
  using basket = await env.CATALOGUE.basket();
  for (const [title, count] of wishes) await basket.add(title, Number(count));
  return Response.json({ cents: await basket.total() });
}

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case '/books':
        return Response.json(await env.CATALOGUE.find(searchParams.get('q') ?? ''));
      case '/books.csv':
        return new Response(await env.CATALOGUE.csv(), { headers: { 'content-type': 'text/csv' } });
      case '/cheapest':
        // basket() has not answered when the next call is made: both go in one way.
        return Response.json({ cents: await env.CATALOGUE.basket().add('Emma').total() });
      case '/basket':
        return total(searchParams, env);
      case '/order':
        return order(searchParams.get('title') ?? '', env, ctx);
      default:
        return new Response('no such page\n', { status: 404 });
    }
  },
};
