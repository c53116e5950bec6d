import { scope, type } from 'arktype';

const Ship = type({
  name: '0 < string <= 20',
  'crew?': 'number.integer >= 1',
  kind: "'nau' | 'bote'",
  ports: 'string[] >= 1',
  sailed: 'string.date.iso.parse',
}).narrow(({ kind, crew = 1 }, ctx) => kind === 'nau' || crew < 10 || ctx.reject('a smaller crew'));

// While the Worker starts, as all of them: a type is compiled to code.
const wide = type('string | number');
const { node } = scope({ node: { value: 'number', 'next?': 'node' } }).export();

export default {
  async fetch(request: Request) {
    const { ship, list } = (await request.json()) as Record<string, unknown>;
    const checked = Ship(ship);
    return Response.json({
      ship:
        checked instanceof type.errors
          ? checked.map(({ path, code }) => `${path} ${code}`)
          : checked,
      list: node.allows(list),
      wider: wide.extends('string'),
    });
  },
};
