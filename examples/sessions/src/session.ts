// A session: an entry of KV under a random id, which the visitor has in a cookie. It ends
// an hour after its last change.
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';

export interface Session {
  user?: string;
  cart: string[];
}

export interface AppEnv {
  Bindings: { readonly SESSIONS: KVNamespace };
  Variables: { session: Session };
}

const lifeSeconds = 3600;
const cookie = 'session';

async function save(c: Context<AppEnv>, id: string) {
  await c.env.SESSIONS.put(id, JSON.stringify(c.var.session), { expirationTtl: lifeSeconds });
  setCookie(c, cookie, id, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: new URL(c.req.url).protocol === 'https:',
    maxAge: lifeSeconds,
  });
}

/** Loads `c.var.session`, and stores it where the handler has changed it. */
export const session = createMiddleware<AppEnv>(async (c, next) => {
  const id = getCookie(c, cookie);
  const stored = id ? await c.env.SESSIONS.get<Session>(id, 'json') : null;
  c.set('session', stored ?? { cart: [] });
  const before = JSON.stringify(c.var.session);
  await next();
  if (JSON.stringify(c.var.session) === before) return;
  // Who logs in gets a new id: one that was planted before is worth nothing.
  const loggedIn = c.var.session.user !== JSON.parse(before).user;
  if (id && stored && loggedIn) await c.env.SESSIONS.delete(id);
  await save(c, id && stored && !loggedIn ? id : crypto.randomUUID());
});

export async function endSession(c: Context<AppEnv>) {
  const id = getCookie(c, cookie);
  if (id) await c.env.SESSIONS.delete(id);
  deleteCookie(c, cookie, { path: '/' });
}
