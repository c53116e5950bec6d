// A small HTTP client for tests and benchmarks: any Host header, any address,
// connections that the caller holds. Node's fetch allows none of these.
import { type Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface Ask {
  readonly method?: string;
  /** The Host header, when it is another than the origin's. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly agent?: Agent;
  /** Rejects when the whole answer is not there within this time. */
  readonly limitMs?: number;
  /** Gets each part of the body as it arrives. */
  readonly onChunk?: (chunk: Buffer) => void;
}

/** `url` names the address to connect to, and the path. */
export function ask(url: string, options: Ask = {}): Promise<Answer> {
  const { method = 'GET', host, headers, body, agent, limitMs = 30_000, onChunk } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        headers: { ...headers, ...(host ? { host } : {}) },
        ...(agent ? { agent } : { agent: false }),
        signal: AbortSignal.timeout(limitMs),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          onChunk?.(chunk);
        });
        response.once('error', reject);
        response.once('end', () => {
          const whole = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: whole,
            text: whole.toString(),
          });
        });
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}
