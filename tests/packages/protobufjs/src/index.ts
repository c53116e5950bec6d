import { caravel } from '../dist/log.js';

export default {
  async fetch(request: Request) {
    if (request.method === 'POST') {
      const log = caravel.Log.decode(new Uint8Array(await request.arrayBuffer()));
      const plain = caravel.Log.toObject(log, {
        longs: String,
        enums: String,
        bytes: String,
        oneofs: true,
      });
      return Response.json(plain);
    }
    const entry = {
      text: 'terra à vista',
      at: 1_500_000_000,
      soundings: [-3, 12],
      wind: caravel.Wind.GALE,
    };
    const wrong = caravel.Log.verify({ entries: [{ text: 7 }] });
    const bytes = caravel.Log.encode(caravel.Log.create({ entries: [entry, {}] })).finish();
    return new Response(bytes, { headers: { 'x-wrong': `${wrong}` } });
  },
};
