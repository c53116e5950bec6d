import { flipv, grayscale, PhotonImage, resize, SamplingFilter } from '@cf-wasm/photon/workerd';

export default {
  async fetch(request: Request) {
    const { searchParams } = new URL(request.url);
    const input = new Uint8Array(await request.arrayBuffer());
    let image: PhotonImage | undefined;
    try {
      image = PhotonImage.new_from_byteslice(input);
      if (searchParams.has('gray')) grayscale(image);
      if (searchParams.has('flip')) flipv(image);
      const width = Number(searchParams.get('width') ?? image.get_width());
      const height = Math.round((image.get_height() * width) / image.get_width());
      const small = resize(image, width, height, SamplingFilter.Nearest);
      const pixels = [...small.get_raw_pixels().slice(0, 4)];
      const bytes = searchParams.has('webp') ? small.get_bytes_webp() : small.get_bytes();
      small.free();
      return new Response(bytes, {
        headers: { 'x-size': `${width}x${height}`, 'x-first': `${pixels}` },
      });
    } finally {
      image?.free();
    }
  },
};
