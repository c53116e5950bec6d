// node node_web_server.js PORT WORKER: a Worker's fetch handler over node:http. Enough
// for requests without a body, of which what happens inside is measured.
import { createServer } from 'node:http';

const [port, worker] = process.argv.slice(2);
const { default: handler } = await import(worker);

createServer(async (request, response) => {
  const answer = await handler.fetch(new Request(`http://${request.headers.host}${request.url}`));
  response.writeHead(answer.status).end(await answer.text());
}).listen(Number(port), '127.0.0.1');
