// Connections that each send a text of 64 bytes and wait for it to come back, over and
// over; run by benches/websocket.ts as a process of its own, on the client's core.
//
//   node websocket_client.ts PORT CONNECTIONS SECONDS
//   prints {"messages":…,"seconds":…,"p50Ms":…,"p99Ms":…}
import { connect, type Socket } from 'node:net';

const [port, connections, seconds] = process.argv.slice(2).map(Number) as [number, number, number];
const size = 64;
const mask = [1, 2, 3, 4];
const message = Buffer.from([
  0x81,
  0x80 | size,
  ...mask,
  ...Array.from({ length: size }, (_, i) => 0x61 ^ (mask[i & 3] as number)),
]);
const answerSize = 2 + size; // an unmasked frame

const times: number[] = [];
const sockets: Socket[] = [];
let measuring = false;

/** Resolves when the WebSocket is open. */
function open(): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.setNoDelay(true);
    let head = '';
    let isOpen = false;
    let received = 0;
    let sent = 0;
    const send = () => {
      sent = performance.now();
      socket.write(message);
    };
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server ended a connection')));
    socket.on('data', (data: Buffer) => {
      if (isOpen) {
        received += data.length;
        if (received < answerSize) return;
        received = 0;
        if (measuring) times.push(performance.now() - sent);
        send();
        return;
      }
      head += data.toString('latin1');
      if (!head.endsWith('\r\n\r\n')) return;
      if (!head.startsWith('HTTP/1.1 101 ')) reject(new Error(head));
      isOpen = true;
      resolve(send);
    });
    socket.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
  });
}

const starts = await Promise.all(Array.from({ length: connections }, open));
for (const start of starts) start();
measuring = true;
const began = performance.now();
setTimeout(() => {
  measuring = false;
  const elapsed = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor((times.length - 1) * share)] ?? 0;
  console.log(
    JSON.stringify({ messages: times.length, seconds: elapsed, p50Ms: at(0.5), p99Ms: at(0.99) }),
  );
  process.exit(0);
}, seconds * 1000);
