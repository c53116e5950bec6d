/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { jwt, sign } from 'hono/jwt';
import { streamSSE } from 'hono/streaming';
import { validator } from 'hono/validator';

type Bindings = { JWT_SECRET: string };

const app = new Hono<{ Bindings: Bindings }>();

app.use('/api/*', cors({ origin: 'https://shop.example' }));
app.use('/page', etag());
app.use('/private/*', (c, next) => jwt({ secret: c.env.JWT_SECRET, alg: 'HS256' })(c, next));

const Ships = ({ names }: { names: string[] }) => (
  <ul>
    {names.map((name) => (
      <li key={name}>{name}</li>
    ))}
  </ul>
);

app.get('/page', (c) => c.html(<Ships names={['São Gabriel', 'Bérrio & <co>']} />));
app.get('/api/ships/:id{[0-9]+}', (c) => c.json({ id: Number(c.req.param('id')) }));
app.post(
  '/api/ships',
  validator('json', (value, c) =>
    typeof value.name === 'string' ? { name: value.name } : c.json({ error: 'name?' }, 422),
  ),
  (c) => c.json(c.req.valid('json'), 201),
);
app.get('/token', async (c) => c.text(await sign({ sub: 'vasco' }, c.env.JWT_SECRET, 'HS256')));
app.get('/private/me', (c) => c.json(c.get('jwtPayload')));
app.get('/events', (c) =>
  streamSSE(c, async (stream) => {
    for (const port of ['Lisboa', 'Melinde', 'Calecute']) {
      await stream.writeSSE({ event: 'port', data: port });
    }
  }),
);
app.get('/reef', () => {
  throw new HTTPException(418, { message: 'aground' });
});
app.notFound((c) => c.text('no such port', 404));

export default app;
