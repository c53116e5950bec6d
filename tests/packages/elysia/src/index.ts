import { Elysia, t } from 'elysia';
import { CloudflareAdapter } from 'elysia/adapter/cloudflare-worker';

export default new Elysia({ adapter: CloudflareAdapter })
  .state('calls', 0)
  .derive(({ headers }) => ({ role: headers['x-role'] ?? 'guest' }))
  .onBeforeHandle(({ store }) => void store.calls++)
  .get('/', () => 'Olá')
  .get('/ports/:id', ({ params: { id }, query }) => ({ id: id + 1, query }), {
    params: t.Object({ id: t.Number() }),
    query: t.Object({ deep: t.Optional(t.Boolean()) }),
  })
  .post(
    '/ships',
    ({ body, set }) => {
      set.status = 201;
      set.headers['x-ship'] = body.name;
      return body;
    },
    { body: t.Object({ name: t.String({ minLength: 2 }) }) },
  )
  .guard(
    { beforeHandle: ({ role, status }) => (role === 'admin' ? undefined : status(403, 'no')) },
    (app) =>
      app.get('/admin', ({ role, cookie }) => {
        cookie.seen?.set({ value: 'yes', httpOnly: true });
        return role;
      }),
  )
  .get('/calls', ({ store }) => store)
  .onError(({ code, set }) => {
    if (code !== 'NOT_FOUND') return;
    set.status = 404;
    return 'no such port';
  })
  .compile();
