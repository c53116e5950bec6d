// A GraphQL API by graphql-yoga, with the voyages in KV. A browser gets GraphiQL.
import { GraphQLError } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import typeDefs from './schema.graphql';

interface Env {
  readonly VOYAGES: KVNamespace;
}

interface Ship {
  readonly name: string;
  readonly masts: number;
}

interface Voyage {
  readonly id: string;
  readonly to: string;
  readonly ship: string;
}

const fleet: readonly Ship[] = [
  { name: 'Pinta', masts: 3 },
  { name: 'Cog', masts: 1 },
  { name: 'Niña', masts: 4 },
];

function shipOf(name: string): Ship {
  const ship = fleet.find((each) => each.name === name);
  if (!ship) throw new GraphQLError(`there is no ship ${name}`);
  return ship;
}

const resolvers = {
  Query: {
    ships: (_: unknown, { masts }: { masts?: number }) =>
      fleet.filter((ship) => masts === undefined || ship.masts === masts),
    ship: (_: unknown, { name }: { name: string }) => fleet.find((ship) => ship.name === name),
  },
  Mutation: {
    async sail(_: unknown, { ship, to }: { ship: string; to: string }, { VOYAGES }: Env) {
      shipOf(ship);
      const voyage: Voyage = { id: crypto.randomUUID(), to, ship };
      // What lists show goes into the metadata: no voyage is read one by one.
      await VOYAGES.put(`${ship}/${voyage.id}`, '', { metadata: voyage });
      return voyage;
    },
  },
  Subscription: {
    countdown: {
      async *subscribe(_: unknown, { from }: { from: number }) {
        for (let left = from; left >= 0; left--) {
          yield { countdown: left };
          await scheduler.wait(10);
        }
      },
    },
  },
  Ship: {
    async voyages({ name }: Ship, _: unknown, { VOYAGES }: Env) {
      const { keys } = await VOYAGES.list({ prefix: `${name}/` });
      return keys.map(({ metadata }) => metadata as Voyage);
    },
  },
  Voyage: { ship: ({ ship }: Voyage) => shipOf(ship) },
};

// Resolvers have `env` as their context.
const { fetch } = createYoga<Env>({
  schema: createSchema<Env>({ typeDefs, resolvers }),
  graphqlEndpoint: '/',
});

export default { fetch };
