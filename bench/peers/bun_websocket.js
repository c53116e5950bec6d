// bun bun_websocket.js PORT
const [port] = process.argv.slice(2);
Bun.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('ready')),
  websocket: {
    message(socket, data) {
      socket.send(data);
    },
  },
});
