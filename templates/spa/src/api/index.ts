import type { Task } from '../task.ts';

interface Env {
  readonly TASKS: KVNamespace;
}

const problem = (status: number, error: string) => Response.json({ error }, { status });

async function keep(task: Task, env: Env): Promise<Task> {
  await env.TASKS.put(task.id, JSON.stringify(task), { metadata: task });
  return task;
}

async function tasks(request: Request, env: Env): Promise<Response> {
  if (request.method === 'GET') {
    const { keys } = await env.TASKS.list<Task>();
    return Response.json(keys.map(({ metadata }) => metadata));
  }
  if (request.method !== 'POST') return problem(405, 'tasks are listed by GET, added by POST');
  const wish: { text?: unknown } | null = await request.json().catch(() => null);
  const text = typeof wish?.text === 'string' ? wish.text.trim() : '';
  if (text.length < 1 || text.length > 200) return problem(422, 'A task has 1 to 200 characters.');
  // Ids begin with the time, so that the list is in order.
  const id = `${Date.now()}-${crypto.randomUUID()}`;
  return Response.json(await keep({ id, text, done: false }, env), { status: 201 });
}

async function task(request: Request, env: Env, id: string): Promise<Response> {
  const found = await env.TASKS.get<Task>(id, 'json');
  if (!found) return problem(404, 'This task is gone.');
  switch (request.method) {
    case 'PATCH': {
      const wish: { done?: unknown } | null = await request.json().catch(() => null);
      if (typeof wish?.done !== 'boolean') return problem(422, 'done: say true or false');
      return Response.json(await keep({ ...found, done: wish.done }, env));
    }
    case 'DELETE':
      await env.TASKS.delete(id);
      return new Response(null, { status: 204 });
    default:
      return problem(405, 'a task is changed by PATCH, removed by DELETE');
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, , resource, id] = new URL(request.url).pathname.split('/');
    if (resource !== 'tasks') return problem(404, 'there is no such resource');
    return id ? task(request, env, id) : tasks(request, env);
  },
};
