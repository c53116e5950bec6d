// What tests do with a WebSocket that a Worker answers with.
import assert from 'node:assert/strict';
import type { Platform } from '../../tools/platform/platform.ts';
import { open, type RawClient, type Server } from './frames.ts';

export const serverOf = (platform: Platform, name: string): Server => ({
  port: Number(new URL(platform.http).port),
  host: `${name}.localhost`,
});

/** Gives `run` a client of the Worker, with the fields of its answer, and ends it. */
export async function use(
  server: Server,
  path: string,
  run: (client: RawClient, fields: ReadonlyMap<string, string>) => Promise<void>,
  fields: Readonly<Record<string, string>> = {},
) {
  const { status, client, fields: answered } = await open(server, { path, fields });
  try {
    assert.equal(status, 101);
    await run(client, answered);
  } finally {
    client.end();
  }
}

export const textOf = async (client: RawClient) => `${(await client.message())?.payload}`;
