import { httpServerHandler } from 'cloudflare:node';
import express, { type NextFunction, type Request, type Response, Router } from 'express';

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '10kb' }));
app.use(express.urlencoded({ extended: true }));
app.use((request, response, next) => {
  response.locals.started = request.get('x-id') ?? 'none';
  response.set('x-id', response.locals.started);
  next();
});

const ports = Router();
ports.param('name', (_request, response, next, name) => {
  response.locals.port = name.toUpperCase();
  next();
});
ports.get('/:name', (request, response) => {
  response.json({ port: response.locals.port, query: request.query, host: request.hostname });
});
app.use('/ports', ports);

app.post('/ships', (request, response) => {
  response.status(201).cookie('ship', request.body.name, { httpOnly: true }).json(request.body);
});
app.get('/stream', async (_request, response) => {
  response.type('text/plain');
  for (const word of ['terra', 'à', 'vista']) {
    response.write(`${word} `);
    await scheduler.wait(1);
  }
  response.end();
});
app.get('/go', (_request, response) => response.redirect(302, '/ports/goa'));
app.get('/big', (_request, response) => {
  response.send('x'.repeat(100_000));
});
app.get('/reef', async () => {
  throw Object.assign(new Error('aground'), { status: 418 });
});
app.use((_request, response) => {
  response.status(404).send('no such port');
});
app.use(
  (
    error: Error & { status?: number },
    _request: Request,
    response: Response,
    _next: NextFunction,
  ) => {
    response.status(error.status ?? 500).json({ error: error.message });
  },
);

app.listen(3000);
export default httpServerHandler({ port: 3000 });
