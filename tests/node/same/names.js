// What Node's library is called by where programs see it, and that names stand for
// what works.
import buffer from 'node:buffer';
import net from 'node:net';
import url from 'node:url';
import { linesOf } from './lib/cases.js';

async function handlesOf() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const accepted = new Promise((resolve) => server.once('connection', resolve));
  const socket = net.connect(server.address().port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const names = [server, socket, await accepted].map(({ _handle }) => _handle.constructor.name);
  socket.destroy();
  server.close();
  return names;
}

const cases = {
  resolveObjectURL: () => buffer.resolveObjectURL.name,
  'a URLPattern': () =>
    new url.URLPattern({ pathname: '/ports/:name' }).exec('http://a/ports/goa').pathname.groups,
  'a URLPattern that is one': () => url.URLPattern === globalThis.URLPattern,
  'handles of connections': handlesOf,
};

export default () => linesOf(cases);
