// node node_websocket.js PORT: the package ws over node:http.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const [port] = process.argv.slice(2);
const server = createServer((_, response) => response.end('ready'));
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
server.listen(Number(port), '127.0.0.1');
