import { httpServerHandler } from 'cloudflare:node';
import { Readable } from 'node:stream';
import Fastify from 'fastify';

const app = Fastify({ pluginTimeout: 0 }); // no timers at global scope
// A reply is a thenable: a hook that returns it waits for the answer that waits for it.
app.addHook('onSend', async (request, reply) => {
  reply.header('x-seen', request.url);
});
app.get('/ships/:name', (request) => ({ name: request.params.name, query: request.query }));
app.post('/ships', (request, reply) => reply.code(201).send({ made: request.body }));
app.get('/stream', (_request, reply) => reply.send(Readable.from(['one ', 'two'])));
app.get('/reef', () => {
  throw Object.assign(new Error('aground'), { statusCode: 418 });
});
await app.ready();

export default httpServerHandler(app.server.listen(3000));
