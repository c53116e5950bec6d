// GET /harbour.png?width=100 is that picture of the origin, made smaller; with &grey,
// without its colours.
import { shrinkPng } from './png.ts';

interface Env {
  readonly ORIGIN: string;
}

const refuse = (status: number, text: string) => new Response(`${text}\n`, { status });

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const width = Number(searchParams.get('width') ?? 320);
    if (!Number.isInteger(width) || width < 1 || width > 4096)
      return refuse(400, 'width: give 1 to 4096');
    const answer = await fetch(env.ORIGIN + pathname);
    if (!answer.ok) return refuse(404, 'no such picture');
    try {
      const file = new Uint8Array(await answer.arrayBuffer());
      const picture = await shrinkPng(file, width, searchParams.has('grey'));
      return new Response(picture, {
        headers: { 'content-type': 'image/png', 'cache-control': 'public, max-age=86400' },
      });
    } catch (error) {
      if (error instanceof RangeError) return refuse(415, error.message);
      throw error;
    }
  },
};
