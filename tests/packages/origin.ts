// A fake of a service on the internet, on a free port of this machine.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Service } from './worker.ts';

export interface Received {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Parts are written one by one. */
  readonly body?: string | Buffer | readonly string[];
}

export interface Origin extends Service {
  readonly url: string;
  readonly received: readonly Received[];
}

/** The Worker finds it under the variable ORIGIN. */
export async function startOrigin(
  answer: (received: Received) => Reply | Promise<Reply>,
): Promise<Origin> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { method = '', url = '', headers } = request;
    const one = { method, url, headers, body: Buffer.concat(parts) };
    received.push(one);
    const { status = 200, headers: more = {}, body = '' } = await answer(one);
    response.writeHead(status, more);
    if (typeof body !== 'string' && !Buffer.isBuffer(body)) {
      for (const part of body) response.write(part);
      response.end();
    } else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    received,
    vars: { ORIGIN: url },
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const jsonReply = (value: unknown, status = 200): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
