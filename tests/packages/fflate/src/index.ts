import {
  gunzipSync,
  gzipSync,
  strFromU8,
  strToU8,
  unzipSync,
  Zip,
  ZipDeflate,
  ZipPassThrough,
  zlibSync,
} from 'fflate';

/** A ZIP archive, made while it is sent. */
function zipped(files: Record<string, string>) {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const zip = new Zip((error, chunk, last) => {
        if (error) controller.error(error);
        else controller.enqueue(chunk);
        if (last) controller.close();
      });
      for (const [name, text] of Object.entries(files)) {
        const entry = name.endsWith('.gz')
          ? new ZipPassThrough(name)
          : new ZipDeflate(name, { level: 9 });
        zip.add(entry);
        entry.push(strToU8(text), true);
      }
      zip.end();
    },
  });
}

export default {
  async fetch(request: Request) {
    const { pathname } = new URL(request.url);
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (pathname === '/zip') return new Response(zipped(JSON.parse(strFromU8(bytes))));
    if (pathname === '/list') {
      const files = unzipSync(bytes);
      return Response.json(
        Object.fromEntries(Object.entries(files).map(([n, b]) => [n, strFromU8(b)])),
      );
    }
    if (pathname === '/zlib') return new Response(zlibSync(bytes, { level: 9 }));
    // What fflate makes, the platform's DecompressionStream reads, and the reverse.
    const stream = new Response(gzipSync(bytes)).body?.pipeThrough(new DecompressionStream('gzip'));
    const ours = new Response(bytes).body?.pipeThrough(new CompressionStream('gzip'));
    return Response.json({
      theirs: await new Response(stream).text(),
      ours: strFromU8(gunzipSync(new Uint8Array(await new Response(ours).arrayBuffer()))),
    });
  },
};
