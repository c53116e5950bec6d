import assert from 'node:assert/strict';
import { jsonReply, type Origin, type Received, startOrigin } from '../origin.ts';
import type { Worker } from '../worker.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const stored = new Map<string, string>();

function reply([command = '', key = '', value = '']: string[], encoded: boolean) {
  const text = (result: string) => ({ result: encoded ? base64(result) : result });
  if (command.toLowerCase() === 'set') stored.set(key, value);
  if (command.toLowerCase() === 'get') return text(stored.get(key) ?? '');
  if (command.toLowerCase() === 'incr') return { result: 41 };
  if (command.toLowerCase() === 'hget') return { error: 'WRONGTYPE' };
  return text('OK');
}

function answer({ url, headers, body }: Received) {
  if (headers.authorization !== 'Bearer secret') return jsonReply({ error: 'who?' }, 401);
  const encoded = headers['upstash-encoding'] === 'base64';
  const commands = JSON.parse(`${body}`);
  if (url === '/pipeline') return jsonReply(commands.map((one: string[]) => reply(one, encoded)));
  const one = reply(commands, encoded);
  return jsonReply(one, 'error' in one ? 400 : 200);
}

export const start = () => startOrigin(answer);

export default async (worker: Worker, origin: Origin) => {
  const { ship, visits, refused } = await worker.json('/');
  assert.deepEqual([ship, visits], [{ name: 'nau', crew: 60 }, 41]);
  assert.match(refused, /^Command failed: WRONGTYPE/);
  const [set] = origin.received;
  // Calls of one moment go together.
  assert.deepEqual(JSON.parse(`${set?.body}`).flat(), [
    'set',
    'ship',
    '{"name":"nau","crew":60}',
    'ex',
    60,
  ]);
};
