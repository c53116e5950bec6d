// One connection that is held open, for the time of single requests: less of the
// client in the figure than an HTTP library would put there.
import { connect, type Socket } from 'node:net';

export class Wire {
  readonly #socket: Socket;
  #received = '';
  #wanted = '';
  #arrived: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
      if (this.#received.includes(this.#wanted)) this.#arrived?.();
    });
  }

  static open(port: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Wire(socket)));
    });
  }

  /** Milliseconds until `wanted`, the end of the answer, has arrived. */
  async ask(host: string, where: string, wanted: string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () =>
        reject(new Error(`${host}${where}: no "${wanted}" in: ${this.#received.slice(0, 400)}`)),
      10_000,
    );
    this.#received = '';
    this.#wanted = wanted;
    this.#arrived = resolve;
    const started = performance.now();
    if (this.#socket.closed) reject(new Error('the server has closed the connection'));
    this.#socket.write(`GET ${where} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    await promise;
    clearTimeout(timer);
    return performance.now() - started;
  }

  /** What came for the last request, head and all. */
  get received(): string {
    return this.#received;
  }

  close() {
    this.#socket.destroy();
  }
}
