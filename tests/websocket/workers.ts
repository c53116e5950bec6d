// Workers that the tests of WebSockets deploy.
import { esModule } from '../../tools/platform/platform.ts';

/** The compatibility date that they are deployed with, unless the date is the matter. */
export const date = { compatibility_date: '2026-05-01' };

export const echo = esModule(`export default { fetch(request) {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.addEventListener('message', ({ data }) => server.send(data));
  return new Response(null, { status: 101, webSocket: client });
} };`);

/** Does what the path says, on the Worker's end of a pair. */
export const worker = esModule(`
const pair = (use, init = {}) => {
  const { 0: client, 1: server } = new WebSocketPair();
  use(server);
  return new Response(null, { status: 101, webSocket: client, ...init });
};
const events = [];
const filled = [];
const noteEnd = (ws) => {
  events.length = 0;
  const note = ({ type, code, message }) => events.push([type, code ?? message]);
  ws.addEventListener('close', note);
  ws.addEventListener('error', note);
};
const handlers = {
  '/greet': () => pair((ws) => {
    ws.accept();
    ws.send('hello');
    ws.close(4001, 'enough');
  }),
  '/protocol': () => pair((ws) => ws.accept(), { headers: { 'Sec-WebSocket-Protocol': 'chat' } }),
  '/binary': () => pair((ws) => {
    ws.accept();
    ws.addEventListener('message', ({ data }) => ws.send(Object.prototype.toString.call(data)));
    ws.send(new Uint8Array([1, 2, 3]).subarray(1));
  }),
  '/record': () => pair((ws) => {
    ws.accept();
    events.length = 0;
    const note = (event) => events.push([event.type, event.code, event.reason, event.wasClean, ws.readyState]);
    ws.addEventListener('close', note);
    ws.addEventListener('error', note);
  }),
  '/half': () => pair((ws) => {
    ws.accept({ allowHalfOpen: true });
    ws.addEventListener('close', ({ code }) => {
      ws.send('after the end');
      ws.close(code, 'later');
    });
  }),
  '/events': () => Response.json(events),
  '/async': () => pair((ws) => {
    ws.accept();
    ws.addEventListener('message', async ({ data }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      ws.send('later: ' + data);
    });
  }),
  '/spin': () => pair((ws) => {
    ws.accept();
    ws.addEventListener('message', () => { for (;;); });
  }),
  '/throws': () => pair((ws) => {
    ws.accept();
    noteEnd(ws);
    ws.addEventListener('message', ({ data }) => {
      if (data === 'bad') throw new Error('in a listener');
      ws.send(data);
    });
  }),
  '/flood': () => pair((ws) => {
    ws.accept();
    noteEnd(ws);
    ws.addEventListener('message', () => {
      const piece = 'x'.repeat(1 << 20);
      for (let i = 0; i < 200; i++) ws.send(piece);
    });
  }),
  '/fill': () => pair((ws) => {
    ws.accept();
    ws.addEventListener('message', ({ data }) => {
      if (data === '?') ws.send(ws.bufferedAmount + '');
      else ws.send(new Uint8Array(Number(data)));
    });
    ws.addEventListener('close', ({ code }) => events.push(['lost', code]));
    filled.push(ws);
  }),
  // Fetches a WebSocket, and accepts it when it is told to.
  async '/keep'(request) {
    const { webSocket } = await fetch(request.headers.get('x-to'), { headers: { Upgrade: 'websocket' } });
    let got = 0;
    return pair((ws) => {
      ws.accept();
      webSocket.addEventListener('message', ({ data }) => { got += data.size; });
      webSocket.addEventListener('close', ({ code }) => ws.send(got + ' ' + code));
      ws.addEventListener('message', ({ data }) => {
        if (data === 'accept') webSocket.accept();
        else ws.send(data);
      });
    });
  },
  '/late': () => pair((ws) => {
    ws.addEventListener('message', ({ data }) => ws.send(data));
    setTimeout(() => ws.accept(), 5);
  }),
  '/amounts': () => Response.json(filled.map((ws) => ws.bufferedAmount)),
  async '/proxy'(request) {
    return fetch(request.headers.get('x-to'), request);
  },
  async '/client'(request) {
    const answer = await fetch(request.headers.get('x-to'), { headers: { Upgrade: 'websocket' } });
    const ws = answer.webSocket;
    ws.accept();
    const got = [];
    const closed = new Promise((resolve) => ws.addEventListener('close', (event) =>
      resolve([event.code, event.reason, event.wasClean])));
    ws.addEventListener('message', ({ data }) => {
      got.push(data);
      if (got.length === 2) ws.close(1000, 'done');
    });
    ws.send('one');
    ws.send('two '.repeat(200));
    const end = await closed;
    return Response.json({ status: answer.status, got, end, state: ws.readyState });
  },
  async '/standard'(request) {
    const url = request.headers.get('x-to').replace('http', 'ws');
    const ws = new WebSocket(url, ['soap', 'chat']);
    const states = [ws.readyState];
    const log = [];
    const done = new Promise((resolve) => {
      ws.onopen = () => { states.push(ws.readyState); ws.send('hi'); };
      ws.onmessage = ({ data }) => { log.push(data); ws.close(); };
      ws.onerror = ({ type }) => log.push(type);
      ws.onclose = ({ code, wasClean }) => resolve([code, wasClean]);
    });
    const end = await done;
    return Response.json({ states, log, end, protocol: ws.protocol, url: ws.url, state: ws.readyState });
  },
};
export default { fetch(request) { return handlers[new URL(request.url).pathname](request); } };`);
