import superjson from 'superjson';

class Knots {
  constructor(readonly value: number) {}
}
superjson.registerCustom<Knots, number>(
  {
    isApplicable: (value): value is Knots => value instanceof Knots,
    serialize: ({ value }) => value,
    deserialize: (value) => new Knots(value),
  },
  'knots',
);

export default {
  async fetch(request: Request) {
    if (request.method === 'POST') {
      const value = superjson.parse<{ when: Date; seen: Set<string>; again: Date }>(
        await request.text(),
      );
      return Response.json({
        year: value.when.getUTCFullYear(),
        seen: value.seen.size,
        same: value.when === value.again,
      });
    }
    const when = new Date(Date.UTC(1500, 3, 22));
    const shared = { deep: 1n };
    return new Response(
      superjson.stringify({
        when,
        seen: new Set(['a', 'b']),
        table: new Map([[when, /wind/gi]]),
        speed: new Knots(7),
        nothing: undefined,
        zero: -0,
        far: Infinity,
        url: new URL('https://example.com/x?y'),
        bytes: new Uint8Array([1, 2]),
        error: new RangeError('far'),
        twice: [shared, shared],
      }),
    );
  },
};
