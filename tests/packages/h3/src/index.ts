import {
  createEventStream,
  getQuery,
  getRouterParam,
  H3,
  HTTPError,
  readValidatedBody,
  setCookie,
} from 'h3';
import { z } from 'zod';

const app = new H3();

app.use(async (event, next) => {
  event.res.headers.set('x-seen', event.url.pathname);
  return next();
});
app.get('/ports/:id', (event) => ({ id: getRouterParam(event, 'id'), query: getQuery(event) }));
app.post('/ships', async (event) => {
  const ship = await readValidatedBody(event, z.object({ name: z.string() }));
  setCookie(event, 'ship', ship.name, { httpOnly: true });
  event.res.status = 201;
  return ship;
});
app.get('/reef', () => {
  throw new HTTPError({ status: 418, message: 'aground' });
});
app.get('/events', (event) => {
  const stream = createEventStream(event);
  (async () => {
    for (const port of ['Goa', 'Diu']) await stream.push({ event: 'port', data: port });
    await stream.close();
  })();
  return stream.send();
});
app.get('/files/**', (event) => getRouterParam(event, '_'));

export default { fetch: app.fetch };
