// The server that tests of ours fetch from (tests/wpt/ours): what it answers is told by
// the path.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

type Handler = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void;

const encoders: Record<string, (text: string) => Buffer> = {
  br: brotliCompressSync,
  deflate: deflateSync,
  gzip: gzipSync,
};

/** Whole body of a request. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const handlers: Record<string, Handler> = {
  /** What arrived, in JSON: the body byte for byte as Latin-1. */
  async '/echo'(request, response) {
    const { method, url, headers, rawHeaders } = request;
    const body = (await bodyOf(request)).toString('latin1');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method, url, headers, rawHeaders, body }));
  },
  /** The body comes back as it came, with its type. */
  async '/body'(request, response) {
    const type = request.headers['content-type'];
    if (type) response.setHeader('content-type', type);
    response.end(await bodyOf(request));
  },
  /** ?status=&text=: no body where the status has none. */
  '/status'(_, response, query) {
    const text = query.get('text');
    response.writeHead(Number(query.get('status')), text ?? undefined);
    response.end();
  },
  /** ?status=&to= */
  '/redirect'(_, response, query) {
    response.writeHead(Number(query.get('status')), { location: query.get('to') ?? '' });
    response.end('moved');
  },
  /** ?count=: that many redirects, then /echo. */
  '/chain'(_, response, query) {
    const count = Number(query.get('count'));
    response.writeHead(302, { location: count > 1 ? `/chain?count=${count - 1}` : '/echo' });
    response.end();
  },
  /** A redirect without a Location. */
  '/nowhere'(_, response) {
    response.writeHead(302);
    response.end('stays');
  },
  /** ?h=NAME:VALUE, any number: fields of the answer in that order. */
  '/headers'(_, response, query) {
    const fields = query.getAll('h').map((field) => field.split(':'));
    response.writeHead(
      200,
      fields.flatMap(([name = '', value = '']) => [name, value]),
    );
    response.end('headers');
  },
  /** ?coding=&text= */
  '/coded'(_, response, query) {
    const coding = query.get('coding') ?? '';
    const encoded = encoders[coding]?.(query.get('text') ?? '');
    response.writeHead(200, { 'content-encoding': coding, 'content-type': 'text/plain' });
    response.end(encoded);
  },
  /** A head and a first part, and never an end. */
  '/unending'(_, response) {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write('first');
  },
  /** Never an answer. */
  '/silent'() {},
  /** A body that breaks off before its length. */
  '/broken'(_, response) {
    response.writeHead(200, { 'content-length': '100' });
    response.write('first', () => response.destroy());
  },
};

export interface Origin {
  readonly url: string;
  close(): void;
}

export function startOrigin(): Promise<Origin> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://origin');
    const handler = handlers[pathname];
    if (handler) handler(request, response, searchParams);
    else response.writeHead(404).end('no such path');
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      resolve({
        url: `http://127.0.0.1:${port}`,
        close() {
          server.closeAllConnections();
          server.close();
        },
      });
    });
  });
}
