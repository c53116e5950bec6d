import qs from 'qs';

export default {
  async fetch(request: Request) {
    const { search } = new URL(request.url);
    if (request.method === 'GET') {
      return Response.json(qs.parse(search, { ignoreQueryPrefix: true, depth: 4, comma: true }));
    }
    const value = (await request.json()) as object;
    return Response.json([
      qs.stringify(value),
      qs.stringify(value, { arrayFormat: 'repeat', encodeValuesOnly: true, skipNulls: true }),
      qs.stringify(value, { allowDots: true, format: 'RFC1738' }),
    ]);
  },
};
