import { initWasm, Resvg } from '@resvg/resvg-wasm';
import wasm from '@resvg/resvg-wasm/index_bg.wasm';

const ready = initWasm(wasm);

export default {
  async fetch(request: Request) {
    await ready;
    const width = Number(new URL(request.url).searchParams.get('width') ?? 64);
    const svg = await request.text();
    try {
      const image = new Resvg(svg, { fitTo: { mode: 'width', value: width } }).render();
      return new Response(image.asPng(), {
        headers: { 'content-type': 'image/png', 'x-size': `${image.width}x${image.height}` },
      });
    } catch (error) {
      return new Response(`${error}`, { status: 400 });
    }
  },
};
