import { httpServerHandler } from 'cloudflare:node';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import Koa from 'koa';

const app = new Koa();
app.use(async (ctx, next) => {
  await next();
  ctx.set('X-Seen', ctx.path);
});
app.use(async (ctx) => {
  if (ctx.path === '/ship') ctx.body = { method: ctx.method, query: ctx.query, ip: ctx.ip };
  else if (ctx.path === '/echo') ctx.body = await text(ctx.req);
  else if (ctx.path === '/stream') ctx.body = Readable.from(['one ', 'two']);
  else if (ctx.path === '/empty') ctx.status = 204;
  else if (ctx.path === '/reef') ctx.throw(418, 'aground');
  else if (ctx.path === '/old') ctx.redirect('/ship');
});
app.on('error', () => {});

export default httpServerHandler(app.listen(0));
