/** What a client did wrong, told as RFC 9457 says: throw it from anywhere. */
export class Problem extends Error {
  readonly status: number;
  readonly headers: HeadersInit;

  constructor(status: number, message: string, headers: HeadersInit = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  toResponse(): Response {
    const headers = new Headers(this.headers);
    headers.set('content-type', 'application/problem+json');
    const { status, message } = this;
    return new Response(JSON.stringify({ status, title: message }), { status, headers });
  }
}
