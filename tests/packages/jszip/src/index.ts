import JSZip from 'jszip';

export default {
  async fetch(request: Request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/make') {
      const zip = new JSZip();
      zip.file('log.txt', 'vento '.repeat(400), { date: new Date(Date.UTC(2000, 0, 1)) });
      zip.folder('charts')?.file('índia.bin', new Uint8Array([1, 2, 3]));
      const bytes = await zip.generateAsync({
        type: 'uint8array',
        compression: 'DEFLATE',
        comment: 'mar',
      });
      return new Response(bytes, { headers: { 'content-type': 'application/zip' } });
    }
    const zip = await JSZip.loadAsync(await request.arrayBuffer(), { checkCRC32: true });
    const names = Object.keys(zip.files).toSorted();
    return Response.json({
      names,
      comment: zip.comment,
      log: (await zip.file('log.txt')?.async('string'))?.length,
      bytes: [...((await zip.file('charts/índia.bin')?.async('uint8array')) ?? [])],
    });
  },
};
