// Takes events of another service: checks who sent them, takes each once, and answers
// before the work is done.
import { fault } from './signature.ts';

interface Env {
  readonly EVENTS: KVNamespace;
  readonly WEBHOOK_SECRET: string;
}

interface Event {
  readonly id: string;
  readonly type: string;
}

const largestBody = 64 * 1024;
const rememberSeconds = 24 * 3600;

function eventOf(body: Uint8Array): Event | undefined {
  try {
    const { id, type } = JSON.parse(new TextDecoder().decode(body));
    if (typeof id === 'string' && typeof type === 'string') return { id, type };
  } catch {
    // It is no JSON.
  }
  return undefined;
}

async function work(event: Event, env: Env) {
  console.log(`${event.type} ${event.id}`);
  const done = { type: event.type, done: new Date().toISOString() };
  await env.EVENTS.put(`done:${event.id}`, JSON.stringify(done), {
    expirationTtl: rememberSeconds,
  });
}

async function receive(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  if (Number(request.headers.get('content-length') ?? 0) > largestBody)
    return new Response('too large\n', { status: 413 });
  const body = new Uint8Array(await request.arrayBuffer());
  const wrong = await fault(request.headers.get('webhook-signature'), body, env.WEBHOOK_SECRET);
  if (wrong) return new Response(`${wrong}\n`, { status: 401 });
  const event = eventOf(body);
  if (!event) return new Response('an event has id and type\n', { status: 400 });
  // Senders send again what they believe lost.
  if (await env.EVENTS.get(`seen:${event.id}`)) return new Response('had it\n');
  await env.EVENTS.put(`seen:${event.id}`, '1', { expirationTtl: rememberSeconds });
  ctx.waitUntil(work(event, env));
  return new Response('taken\n', { status: 202 });
}

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/events' && request.method === 'POST') return receive(request, env, ctx);
    const [, id] = /^\/events\/([\w-]+)$/.exec(pathname) ?? [];
    const done = id && (await env.EVENTS.get(`done:${id}`));
    return done ? new Response(done) : new Response('no such event\n', { status: 404 });
  },
};
