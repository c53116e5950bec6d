// Sends each message back. A plain request gets an answer too, which tells that the
// server is there.
export default {
  fetch(request) {
    if (request.headers.get('upgrade') !== 'websocket') return new Response('ready');
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    server.addEventListener('message', ({ data }) => server.send(data));
    return new Response(null, { status: 101, webSocket: client });
  },
};
