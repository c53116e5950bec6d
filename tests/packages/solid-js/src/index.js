import { toStream, toText } from '../dist/app.js';

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const ships = searchParams.getAll('ship');
    if (pathname !== '/stream') return new Response(toText(ships));
    const { readable, writable } = new TransformStream();
    toStream(ships).pipeTo(writable);
    return new Response(readable);
  },
};
