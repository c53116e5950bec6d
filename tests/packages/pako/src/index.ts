import { Deflate, deflate, gzip, Inflate, inflateRaw, ungzip } from 'pako';

export default {
  async fetch(request: Request) {
    const bytes = new Uint8Array(await request.arrayBuffer());
    const { pathname } = new URL(request.url);
    if (pathname === '/gzip') return new Response(gzip(bytes, { level: 9 }));
    if (pathname === '/ungzip') {
      try {
        return new Response(ungzip(bytes));
      } catch (error) {
        return new Response(`${error}`, { status: 400 });
      }
    }
    const inflater = new Inflate();
    const deflater = new Deflate({ level: 1 });
    for (let at = 0; at < bytes.length; at += 100) {
      deflater.push(bytes.subarray(at, at + 100), at + 100 >= bytes.length);
    }
    for (const byte of deflater.result) inflater.push(Uint8Array.of(byte));
    const ours = new Response(bytes).body?.pipeThrough(new CompressionStream('deflate-raw'));
    const raw = new Uint8Array(await new Response(ours).arrayBuffer());
    return Response.json({
      same:
        new TextDecoder().decode(inflater.result as Uint8Array) === new TextDecoder().decode(bytes),
      smaller: deflate(bytes).length < bytes.length,
      raw: new TextDecoder().decode(inflateRaw(raw)).slice(0, 5),
    });
  },
};
