import { Hono } from 'hono';
import { type AppEnv, endSession, session } from './session.ts';

const app = new Hono<AppEnv>();

app.post('/logout', async (c) => {
  await endSession(c);
  return c.body(null, 204);
});

app.use(session);

app.get('/', (c) => c.text(`Hello ${c.var.session.user ?? 'stranger'}\n`));

// A real shop would ask for a password here.
app.post('/login', async (c) => {
  const { user } = await c.req.parseBody<{ user?: string }>();
  if (!user) return c.text('user: is missing\n', 400);
  c.set('session', { ...c.var.session, user });
  return c.text(`Welcome ${user}\n`);
});

app.get('/cart', (c) => c.json(c.var.session.cart));

app.post('/cart/:item', (c) => {
  c.var.session.cart.push(c.req.param('item'));
  return c.json(c.var.session.cart, 201);
});

export default app;
