import assert from 'node:assert/strict';
import type { Worker } from '../worker.ts';

const accept = { accept: 'application/json, text/event-stream' };

export default async (worker: Worker) => {
  const call = async (method: string, params: unknown = {}, where = '/?json') => {
    const answer = await worker.post(where, { jsonrpc: '2.0', id: 1, method, params }, accept);
    assert.equal(answer.status, 200, answer.text);
    return answer;
  };
  const result = async (method: string, params?: unknown) =>
    JSON.parse((await call(method, params)).text).result;

  const { serverInfo, capabilities } = await result('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  });
  assert.equal(serverInfo.name, 'harbour');
  assert.ok(capabilities.tools && capabilities.resources);

  const { tools } = await result('tools/list');
  assert.deepEqual(tools[0].inputSchema.required, ['from', 'to']);
  assert.equal(tools[0].outputSchema.properties.miles.type, 'number');

  const distance = (args: unknown) => result('tools/call', { name: 'distance', arguments: args });
  assert.deepEqual((await distance({ from: 'Goa', to: 'Ormuz' })).structuredContent, {
    miles: 305,
  });
  const same = await distance({ from: 'Goa', to: 'Goa' });
  assert.deepEqual([same.isError, same.content[0].text], [true, 'the same port']);
  assert.match((await distance({ from: 1 })).content[0].text, /Input validation error/);

  const { contents } = await result('resources/read', { uri: 'port://Melinde' });
  assert.equal(contents[0].text, 'about Melinde');

  const streamed = await call('ping', {}, '/');
  assert.match(`${streamed.headers['content-type']}`, /^text\/event-stream/);
  assert.match(
    streamed.text,
    /^event: message\ndata: \{"result":\{\},"jsonrpc":"2.0","id":1\}\n\n/m,
  );
  assert.equal((await worker.post('/', {}, { accept: 'text/html' })).status, 406);
};
