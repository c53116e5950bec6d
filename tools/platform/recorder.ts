// Stands between wrangler and the API, hands everything on as it is, and writes down
// what was asked and how it was answered. Each run of wrangler has a base URL of its
// own here, by which its calls are told from those of others.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface Call<Caller> {
  readonly caller: Caller;
  readonly method: string;
  /** Behind the version of the API: "/accounts/…"; without what follows "?". */
  readonly path: string;
  readonly status: number;
  /** From the last byte of the question to the last of the answer. */
  readonly ms: number;
  /** The first error of the answer. */
  readonly error?: { readonly code: number; readonly message: string };
}

const version = '/client/v4';

export class Recorder<Caller> {
  readonly calls: Call<Caller>[] = [];
  readonly #callers: Caller[] = [];
  readonly #api: URL;
  readonly #server = createServer((asked, answer) => this.#handOn(asked, answer));

  private constructor(api: string) {
    this.#api = new URL(api);
    this.#server.on('upgrade', (asked, socket, head) =>
      this.#handOnUpgrade(asked, socket as Socket, head),
    );
  }

  static async start<Caller>(api: string): Promise<Recorder<Caller>> {
    const recorder = new Recorder<Caller>(api);
    await new Promise<void>((resolve) => recorder.#server.listen(0, '127.0.0.1', resolve));
    return recorder;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** The API's base URL for one caller. */
  baseFor(caller: Caller): string {
    const index = this.#callers.push(caller) - 1;
    const { port } = this.#server.address() as AddressInfo;
    return `http://localhost:${port}/${index}${version}`;
  }

  /** Takes the number of the caller off; a URL that the API gave out itself has none. */
  #split(target: string) {
    const [, index, rest] = /^\/(\d+)(\/.*)$/.exec(target) ?? [];
    return index === undefined || rest === undefined
      ? { caller: undefined, rest: target }
      : { caller: this.#callers[Number(index)], rest };
  }

  #handOn(asked: IncomingMessage, answer: ServerResponse) {
    const { caller, rest } = this.#split(asked.url ?? '');
    const { hostname, port } = this.#api;
    const { method = 'GET', headers } = asked;
    let sent = performance.now();
    const onward = request(
      { hostname, port, method, path: rest, headers, setHost: false },
      (got) => {
        answer.writeHead(got.statusCode ?? 502, got.rawHeaders);
        const chunks: Buffer[] = [];
        got.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          answer.write(chunk);
        });
        got.once('end', () => {
          // Before wrangler sees the end: its run is not over while calls are unknown.
          const ms = performance.now() - sent;
          const text = Buffer.concat(chunks).toString();
          this.#note(caller, method, rest, { status: got.statusCode ?? 0, ms, text });
          answer.end();
        });
        got.once('error', () => answer.destroy());
      },
    );
    onward.once('finish', () => {
      sent = performance.now();
    });
    onward.once('error', () => answer.destroy());
    asked.pipe(onward);
  }

  #note(
    caller: Caller | undefined,
    method: string,
    target: string,
    { status, ms, text }: { readonly status: number; readonly ms: number; readonly text: string },
  ) {
    if (caller === undefined) return;
    const path = target.replace(version, '').replace(/\?.*/, '');
    const error = errorIn(text);
    this.calls.push({ caller, method, path, status, ms, ...(error ? { error } : {}) });
  }

  #handOnUpgrade(asked: IncomingMessage, client: Socket, head: Buffer) {
    const { rest } = this.#split(asked.url ?? '');
    const onward = connect(Number(this.#api.port), this.#api.hostname, () => {
      const { rawHeaders } = asked;
      const lines = rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : [],
      );
      onward.write(`GET ${rest} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      client.pipe(onward).pipe(client);
    });
    for (const socket of [client, onward]) {
      socket.on('error', () => {
        client.destroy();
        onward.destroy();
      });
    }
  }
}

function errorIn(text: string): Call<never>['error'] {
  try {
    return JSON.parse(text).errors?.[0];
  } catch {
    return undefined; // a value of KV, or an empty body
  }
}
