// Servers of WebSockets by the package ws, which Workers are clients of.
import { WebSocketServer, type WebSocket as WsSocket } from 'ws';
import type { Server } from './frames.ts';

export const kMegabyte = 1 << 20;

/** Those of one test file. */
export class Origins {
  readonly #servers: WebSocketServer[] = [];
  readonly #sockets: WsSocket[] = [];

  /** One that sends back what it gets, and chooses the subprotocol "chat". */
  async echo(compress: boolean): Promise<Server> {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      perMessageDeflate: compress ? { threshold: 0 } : false,
      handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false),
    });
    this.#servers.push(server);
    server.on('connection', (socket: WsSocket) => {
      this.#sockets.push(socket);
      socket.on('error', () => {});
      socket.on('message', (data: Buffer, binary: boolean) => socket.send(data, { binary }));
    });
    await new Promise((resolve) => server.once('listening', resolve));
    return { port: server.address().port, host: 'localhost' };
  }

  /** One that says much, and closes with 4005. */
  async flooding(megabytes: number): Promise<Server> {
    const server = await this.echo(false);
    const piece = Buffer.alloc(kMegabyte, 'o');
    this.#servers.at(-1)?.on('connection', (socket: WsSocket) => {
      for (let i = 0; i < megabytes; i++) socket.send(piece);
      socket.close(4005);
    });
    return server;
  }

  /** The connection that came last, to any of them. */
  get lastSocket(): WsSocket {
    const socket = this.#sockets.at(-1);
    if (socket === undefined) throw new Error('no WebSocket has come to an origin');
    return socket;
  }

  async close() {
    for (const server of this.#servers) {
      for (const client of server.clients) client.terminate();
      await new Promise<void>((resolve) => server.close(resolve));
    }
  }
}
