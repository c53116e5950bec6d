// The releases of wrangler that the suite runs, each from its package, and the commands
// that are tried at each.

import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { inTree } from '../../../tools/test/paths.ts';
import { run } from '../../../tools/test/process.ts';

const folder = inTree('tests/e2e/wrangler');

export interface Release {
  readonly version: string;
  /** In names of Workers and zones. */
  readonly key: string;
  readonly program: string;
  /** Commands that it does not have. */
  readonly lacks: readonly string[];
  /** By which commands of `kv` mean the API, not files of wrangler's own. */
  readonly remote: readonly string[];
  /** `deploy` takes a message and a tag. */
  readonly namesDeployments: boolean;
  /** Rate limits stand in the configuration, and not among its unsafe bindings. */
  readonly hasRateLimits: boolean;
  /** `versions upload` gives a version another name to be seen under. */
  readonly hasAliases: boolean;
  /** `deploy` makes namespaces of KV that are bound without an id. */
  readonly makesNamespaces: boolean;
}

/** The one that the tree is pinned to, one of a year before, the last of major version 3. */
export const releases: readonly Release[] = [
  {
    version: '3.114.17',
    key: 'r3',
    program: path.join(folder, 'node_modules/wrangler-3/bin/wrangler.js'),
    lacks: ['kv namespace rename', 'kv bulk get'],
    remote: [],
    namesDeployments: false,
    hasRateLimits: false,
    hasAliases: false,
    makesNamespaces: false,
  },
  {
    version: '4.49.0',
    key: 'r449',
    program: path.join(folder, 'node_modules/wrangler-4-old/bin/wrangler.js'),
    lacks: [],
    remote: ['--remote'],
    namesDeployments: false,
    hasRateLimits: true,
    hasAliases: true,
    makesNamespaces: true,
  },
  {
    version: '4.164.0',
    key: 'r4164',
    program: inTree('node_modules/wrangler/bin/wrangler.js'),
    lacks: [],
    remote: ['--remote'],
    namesDeployments: true,
    hasRateLimits: true,
    hasAliases: true,
    makesNamespaces: true,
  },
];

/** Every command that an ordinary project is run with, in the order of the matrix. */
export const commands = [
  'deploy',
  'delete',
  'versions upload',
  'versions deploy',
  'versions list',
  'versions view',
  'versions secret put',
  'versions secret delete',
  'versions secret list',
  'versions secret bulk',
  'deployments list',
  'deployments status',
  'deployments view',
  'rollback',
  'triggers deploy',
  'secret put',
  'secret delete',
  'secret list',
  'secret bulk',
  'kv namespace create',
  'kv namespace list',
  'kv namespace rename',
  'kv namespace delete',
  'kv key put',
  'kv key get',
  'kv key list',
  'kv key delete',
  'kv bulk put',
  'kv bulk get',
  'kv bulk delete',
  'tail',
  'whoami',
  'types',
] as const;

/** Those that all releases refuse, and say what they are called now. */
export const renamed: readonly string[] = ['deployments view'];

export type Command = (typeof commands)[number];

/** The command that a line of arguments begins with. */
export function commandOf(args: readonly string[]): Command {
  const found = commands.find((command) => {
    const words = command.split(' ');
    return words.every((word, index) => args[index] === word);
  });
  if (!found) throw new Error(`no command of the matrix: wrangler ${args.join(' ')}`);
  return found;
}

/** Installs the older releases by their lockfile; undefined, or what went wrong. */
export async function install(): Promise<string | undefined> {
  const lockfile = path.join(folder, 'package-lock.json');
  const installed = path.join(folder, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs > statSync(lockfile).mtimeMs) return;
  const ended = await run('npm', ['ci', '--no-progress'], { cwd: folder });
  return ended.code === 0 ? undefined : ended.output;
}
