import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

export default async (worker: Worker) => {
  const ask = async (query: string, variables?: unknown) =>
    JSON.parse((await worker.post('/graphql', { query, variables }, { 'user-agent': 'me' })).text);

  assert.deepEqual(
    await ask('query P($id: ID!) { port(id: $id) { name neighbours { name } } agent }', { id: 2 }),
    { data: { port: { name: 'Goa', neighbours: [{ name: 'Lisboa' }] }, agent: 'me' } },
  );
  assert.deepEqual(await ask('mutation { addPort(name: "Ormuz") { id name } }'), {
    data: { addPort: { id: '3', name: 'Ormuz' } },
  });
  const refused = await ask('{ secret ports { id } }');
  assert.equal(refused.errors[0].extensions.code, 'FORBIDDEN');
  assert.equal(refused.data.ports.length, 2);
  const wrong = await ask('{ harbour }');
  assert.match(wrong.errors[0].message, /Cannot query field "harbour" on type "Query"/);
  const byGet = await worker.json(`/graphql?query=${encodeURIComponent('{ ports { id } }')}`);
  assert.equal(byGet.data.ports.length, 2);

  const query = 'subscription { countdown(from: 3) }';
  const events = await worker.post('/graphql', { query }, { accept: 'text/event-stream' });
  assert.match(`${events.headers['content-type']}`, /^text\/event-stream/);
  const counted = [...events.text.matchAll(/"countdown":(\d)/g)].map(([, digit]) => digit);
  assert.deepEqual(counted, ['3', '2', '1', '0']);
  assert.match(events.text, /event: complete/);

  const graphiql = await worker.get('/graphql', { headers: { accept: 'text/html' } });
  assert.match(graphiql.text, /<title>Yoga GraphiQL<\/title>/);
};
