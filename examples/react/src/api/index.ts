// The API behind the app. Everything else under this address is a file.
interface Env {
  readonly NOTES: KVNamespace;
}

async function notes(env: Env) {
  const { keys } = await env.NOTES.list();
  return keys.map(({ name, metadata }) => ({ id: name, ...(metadata as { text: string }) }));
}

async function add(request: Request, env: Env): Promise<Response> {
  const { text }: { text?: unknown } = await request.json();
  if (typeof text !== 'string' || !text.trim() || text.length > 200)
    return Response.json({ error: 'text: give 1 to 200 characters' }, { status: 400 });
  // Ids begin with the time, so that the list is in order.
  const id = `${Date.now()}-${crypto.randomUUID()}`;
  await env.NOTES.put(id, '', { metadata: { text } });
  return Response.json({ id, text }, { status: 201 });
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, , resource, id] = new URL(request.url).pathname.split('/');
    if (resource !== 'notes') return Response.json({ error: 'no such resource' }, { status: 404 });
    switch (request.method) {
      case 'GET':
        return Response.json(await notes(env));
      case 'POST':
        return add(request, env);
      case 'DELETE':
        if (id) await env.NOTES.delete(id);
        return new Response(null, { status: 204 });
      default:
        return Response.json({ error: 'GET, POST or DELETE' }, { status: 405 });
    }
  },
};
