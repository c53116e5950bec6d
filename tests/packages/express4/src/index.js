import { httpServerHandler } from 'cloudflare:node';
import express from 'express4';

const app = express();
app.use(express.json());
app.use(express.urlencoded({ extended: true }));
app.use((req, res, next) => {
  res.set('X-Seen', req.path);
  next();
});
app.get('/ships/:name', (req, res) => res.json({ name: req.params.name, query: req.query }));
app.post('/ships', (req, res) => res.status(201).json({ made: req.body }));
app.post('/raw', express.text({ type: '*/*' }), (req, res) => res.send(req.body.toUpperCase()));
app.get('/old', (_req, res) => res.redirect('/ships/nau'));
app.get('/cookie', (_req, res) => res.cookie('ship', 'nau', { httpOnly: true }).sendStatus(204));
app.get('/ip', (req, res) => res.send(req.ip));
app.get('/text', (_req, res) => res.send('a text with an etag'));
app.get('/stream', (_req, res) => {
  res.type('text/plain').write('one ');
  setTimeout(() => res.end('two'), 1);
});
app.use((error, _req, res, _next) => res.status(error.status).send(error.message));
app.listen(3000);

export default httpServerHandler({ port: 3000 });
