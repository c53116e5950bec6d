import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { bearer } from 'better-auth/plugins';
import { Pool } from 'pg';

interface Env {
  DATABASE_URL: string;
}

// Connections belong to a request, and so does what holds them.
const options = (env: Env) => ({
  baseURL: 'http://better-auth.localhost',
  secret: 'a secret of thirty-two bytes, at least',
  database: new Pool({ connectionString: env.DATABASE_URL, max: 2 }),
  emailAndPassword: { enabled: true, minPasswordLength: 10 },
  plugins: [bearer()],
  logger: { disabled: true },
});

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext) {
    const { pathname } = new URL(request.url);
    const given = options(env);
    try {
      if (pathname === '/migrate') {
        const { runMigrations, toBeCreated } = await getMigrations(given);
        await runMigrations();
        return Response.json(toBeCreated.map(({ table }) => table));
      }
      const auth = betterAuth(given);
      if (pathname.startsWith('/api/auth/')) return await auth.handler(request);
      const session = await auth.api.getSession({ headers: request.headers });
      if (!session) return new Response('who are you?', { status: 401 });
      return Response.json({ name: session.user.name, email: session.user.email });
    } finally {
      ctx.waitUntil(given.database.end());
    }
  },
};
