import { GraphQLError } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';

const ports = [
  { id: '1', name: 'Lisboa' },
  { id: '2', name: 'Goa' },
];

const yoga = createYoga({
  schema: createSchema({
    typeDefs: /* GraphQL */ `
      type Port { id: ID!, name: String!, neighbours: [Port!]! }
      type Query { port(id: ID!): Port, ports: [Port!]!, agent: String, secret: String }
      type Mutation { addPort(name: String!): Port! }
      type Subscription { countdown(from: Int!): Int! }
    `,
    resolvers: {
      Query: {
        ports: () => ports,
        port: (_, { id }) => ports.find((port) => port.id === id),
        agent: (_, __, { request }) => request.headers.get('user-agent'),
        secret: () => {
          throw new GraphQLError('no entry', { extensions: { code: 'FORBIDDEN' } });
        },
      },
      Port: { neighbours: ({ id }) => ports.filter((port) => port.id !== id) },
      Mutation: { addPort: (_, { name }) => ({ id: '3', name }) },
      Subscription: {
        countdown: {
          async *subscribe(_, { from }) {
            for (let left = from; left >= 0; left--) {
              await scheduler.wait(1);
              yield { countdown: left };
            }
          },
        },
      },
    },
  }),
  logging: false,
});

export default { fetch: yoga.fetch };
