import { Problem } from './problem.ts';
import { type Call, Router } from './router.ts';

interface Env {
  readonly NOTES: KVNamespace;
}

interface Note {
  readonly id: string;
  readonly text: string;
  readonly made: string;
}

/** The text of a note in the body of a request. */
async function textOf(request: Request): Promise<string> {
  const body: unknown = await request.json().catch(() => {
    throw new Problem(400, 'the body is not JSON');
  });
  const text = body && typeof body === 'object' && 'text' in body ? body.text : undefined;
  if (typeof text !== 'string' || text.length < 1 || text.length > 500)
    throw new Problem(422, 'text: give 1 to 500 characters');
  return text;
}

async function noteOf({ env, param }: Call<Env>): Promise<Note> {
  const note = await env.NOTES.get<Note>(param('id'), 'json');
  if (!note) throw new Problem(404, `there is no note ${param('id')}`);
  return note;
}

async function list({ env, url }: Call<Env>): Promise<Response> {
  const cursor = url.searchParams.get('cursor');
  // The list has the metadata of each: no note is read one by one.
  const page = await env.NOTES.list<Note>({ limit: 100, ...(cursor ? { cursor } : {}) });
  return Response.json({
    notes: page.keys.map(({ metadata }) => metadata),
    cursor: page.list_complete ? null : page.cursor,
  });
}

async function add({ request, env, url }: Call<Env>): Promise<Response> {
  const text = await textOf(request);
  const note: Note = { id: crypto.randomUUID(), text, made: new Date().toISOString() };
  await env.NOTES.put(note.id, JSON.stringify(note), { metadata: note });
  const location = new URL(`/notes/${note.id}`, url).href;
  return Response.json(note, { status: 201, headers: { location } });
}

async function remove(call: Call<Env>): Promise<Response> {
  const { id } = await noteOf(call);
  await call.env.NOTES.delete(id);
  return new Response(null, { status: 204 });
}

export default new Router<Env>()
  .on('GET', '/', () => Response.json({ notes: '/notes' }))
  .on('GET', '/notes', list)
  .on('POST', '/notes', add)
  .on('GET', '/notes/:id', async (call) => Response.json(await noteOf(call)))
  .on('DELETE', '/notes/:id', remove);
