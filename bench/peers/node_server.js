// node node_server.js PORT hello|json|stream: the same work over node:http, which
// has no fetch handlers.
import { createServer } from 'node:http';
import { pipeline, Transform } from 'node:stream';

const [port, work] = process.argv.slice(2);

async function json(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const order = JSON.parse(text);
  order.total = order.items.reduce((sum, { price, count }) => sum + price * count, 0);
  return JSON.stringify(order);
}

const passOn = () => new Transform({ transform: (chunk, _, done) => done(null, chunk) });

const works = {
  hello: (_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain;charset=UTF-8' }).end('Hello World!');
  },
  json: (request, response) => {
    if (request.method === 'GET') return response.end('ready');
    return json(request).then(
      (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(body),
      (error) => response.writeHead(500).end(`${error}\n`),
    );
  },
  stream: (request, response) => {
    const through = request.url.endsWith('/transform') ? [passOn()] : [];
    pipeline(request, ...through, response, () => {});
  },
};

createServer(works[work]).listen(Number(port), '127.0.0.1');
