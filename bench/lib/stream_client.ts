// Sends a body of many megabytes and counts what comes back; run by
// benches/stream.ts as a process of its own, on the client's core.
//
//   node stream_client.ts PORT PATH MEBIBYTES   prints {"seconds":…,"bytes":…}
import { connect } from 'node:net';

const [port, path, mebibytes] = process.argv.slice(2);
const total = Number(mebibytes) * 1024 * 1024;
const chunk = Buffer.alloc(256 * 1024, 'caravel ');

const started = performance.now();
const socket = connect(Number(port), '127.0.0.1');
let received = 0;
let sent = 0;

function send() {
  while (sent < total) {
    const part = chunk.subarray(0, Math.min(chunk.length, total - sent));
    sent += part.length;
    if (!socket.write(part)) return;
  }
}

socket.on('connect', () => {
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n` +
      `content-type: application/octet-stream\r\ncontent-length: ${total}\r\n\r\n`,
  );
  send();
});
socket.on('drain', send);
socket.on('data', (data) => {
  received += data.length;
});
socket.on('close', () => {
  const seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ seconds, bytes: received }));
});
