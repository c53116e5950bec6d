import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { initTRPC, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { z } from 'zod';

interface Context {
  user: string | null;
}

const t = initTRPC.context<Context>().create();
const authed = t.procedure.use(({ ctx, next }) => {
  if (!ctx.user) throw new TRPCError({ code: 'UNAUTHORIZED' });
  return next({ ctx: { user: ctx.user } });
});

const router = t.router({
  hello: t.procedure
    .input(z.object({ name: z.string() }))
    .query(({ input }) => `Olá ${input.name}`),
  me: authed.query(({ ctx }) => ctx.user),
  add: authed.input(z.tuple([z.number(), z.number()])).mutation(({ input: [a, b] }) => a + b),
  waves: t.procedure.subscription(async function* () {
    for (let wave = 1; wave <= 3; wave++) yield wave;
  }),
});

const handle = (request: Request) =>
  fetchRequestHandler({
    endpoint: '/trpc',
    req: request,
    router,
    createContext: ({ req }) => ({ user: req.headers.get('x-user') }),
  });

export default {
  fetch(request: Request) {
    const { pathname, origin } = new URL(request.url);
    if (pathname.startsWith('/trpc/')) return handle(request);
    // The client, which batches its calls, asks the server in this very Worker.
    let requests = 0;
    const client = createTRPCClient<typeof router>({
      links: [
        httpBatchLink({
          url: `${origin}/trpc`,
          headers: { 'x-user': 'ana' },
          fetch: (url, init) => {
            requests++;
            return handle(new Request(url as string, init as RequestInit));
          },
        }),
      ],
    });
    return Promise.all([client.hello.query({ name: 'Eva' }), client.me.query()]).then(
      async (answers) => Response.json({ answers, sum: await client.add.mutate([2, 3]), requests }),
    );
  },
};
