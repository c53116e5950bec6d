// Passes requests on to another origin and changes words in its answer while it
// streams through: the page is never held whole.
interface Env {
  readonly ORIGIN: string;
}

/** Replaces `from`, also where it is cut in two by the end of a chunk. */
class Replace extends TransformStream<string, string> {
  constructor(from: string, to: string) {
    let rest = '';
    super({
      transform(chunk, controller) {
        const parts = (rest + chunk).split(from);
        const last = parts.pop() ?? '';
        for (const part of parts) controller.enqueue(part + to);
        // What may be the beginning of the next `from` waits for more.
        let keep = Math.min(from.length - 1, last.length);
        while (keep > 0 && !from.startsWith(last.slice(-keep))) keep--;
        rest = keep > 0 ? last.slice(-keep) : '';
        controller.enqueue(keep > 0 ? last.slice(0, -keep) : last);
      },
      flush(controller) {
        controller.enqueue(rest);
      },
    });
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const answer = await fetch(env.ORIGIN + pathname + search);
    if (!answer.body) return answer;
    const body = answer.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new Replace('horse', 'camel'))
      .pipeThrough(new TextEncoderStream());
    const headers = new Headers(answer.headers);
    headers.delete('content-length');
    headers.delete('content-encoding');
    return new Response(body, { status: answer.status, headers });
  },
};
