// Loads Workers on demand, told by the path: /SIZE/ID. The sources are modules of
// this one.
import source1k from 'source-1k';
import source1m from 'source-1m';
import source100k from 'source-100k';

const sources = { '1k': source1k, '100k': source100k, '1m': source1m };

export default {
  fetch(request, env) {
    const [, size, id] = new URL(request.url).pathname.split('/');
    if (!(size in sources)) return new Response('ready');
    const worker = env.LOADER.get(`${size}-${id}`, () => ({
      compatibilityDate: '2026-01-01',
      mainModule: 'index.js',
      modules: { 'index.js': `${sources[size]}const ID = ${id};\n` },
    }));
    return worker.getEntrypoint().fetch(request);
  },
};
