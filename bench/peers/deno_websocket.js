// deno run deno_websocket.js PORT
const [port] = Deno.args;
Deno.serve({ hostname: '127.0.0.1', port: Number(port), onListen() {} }, (request) => {
  if (request.headers.get('upgrade') !== 'websocket') return new Response('ready');
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.addEventListener('message', ({ data }) => socket.send(data));
  return response;
});
