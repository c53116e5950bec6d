// A project of examples/, used as its owner would: by the unmodified wrangler.
import assert from 'node:assert/strict';
import path from 'node:path';
import { inTree } from '../test/paths.ts';
import type { Platform } from './platform.ts';

/** Runs wrangler in the project, which must succeed; what it printed. */
export async function wranglerIn(
  platform: Platform,
  example: string,
  args: readonly string[],
  more: { readonly env?: Record<string, string>; readonly input?: string } = {},
): Promise<string> {
  // A build step of the project runs on the pinned Node, too.
  const env = { PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`, ...more.env };
  const ended = await platform.wrangler(inTree('examples', example), args, env, more.input);
  assert.equal(ended.code, 0, ended.output);
  return ended.output;
}

export async function deployExample(platform: Platform, example: string, ...args: string[]) {
  const output = await wranglerIn(platform, example, ['deploy', ...args]);
  assert.match(output, /Current Version ID: [0-9a-f-]{32,36}/);
  return output;
}
