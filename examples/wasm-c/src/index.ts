// GET /?re=-0.5&im=0&width=3 draws that part of the Mandelbrot set as text.
import module from '../build/mandelbrot.wasm';

interface Mandelbrot {
  readonly memory: WebAssembly.Memory;
  picture(): number;
  render(columns: number, rows: number, re: number, im: number, width: number): number;
}

const instance = new WebAssembly.Instance(module);
const { memory, picture, render } = instance.exports as unknown as Mandelbrot;

export default {
  fetch(request: Request): Response {
    const { searchParams } = new URL(request.url);
    const number = (name: string, otherwise: number) => Number(searchParams.get(name) ?? otherwise);
    const bytes = render(
      number('columns', 72),
      number('rows', 24),
      number('re', -0.5),
      number('im', 0),
      number('width', 3),
    );
    if (bytes === 0) return new Response('columns and rows: too large\n', { status: 400 });
    return new Response(new Uint8Array(memory.buffer, picture(), bytes).slice(), {
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    });
  },
};
